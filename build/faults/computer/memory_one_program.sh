# One program has taken nearly all memory.
# expect: system.memory_low
# lab: room
make() {
	cat >"$WORK/meminfo" <<-END
		MemTotal:        4029136 kB
		MemFree:           41284 kB
		MemAvailable:      98312 kB
		Buffers:            2104 kB
		Cached:           120148 kB
		SwapCached:            0 kB
		Active:          3200000 kB
		Inactive:         500000 kB
		Shmem:             20000 kB
		Slab:              80000 kB
		SReclaimable:      30000 kB
		SUnreclaim:        50000 kB
		SwapTotal:             0 kB
		SwapFree:              0 kB
	END
	admin mount --bind "$WORK/meminfo" /proc/meminfo
	cp /usr/bin/perl "$WORK/photoeditor"
	begin hog client "$WORK/photoeditor" -e '$x = "a" x (1300 << 20); sleep 600'
	await grown
}
grown() { client ps -C photoeditor -o rss= | awk '{ sum += $1 } END { exit !(sum > 1200000) }'; }
prove() { client free -m | awk '/^Mem:/ { low = $7 < 0.04 * $2 } END { exit !low }'; }
undo()  { finish hog; admin umount /proc/meminfo; }
