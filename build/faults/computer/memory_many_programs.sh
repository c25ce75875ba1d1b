# Many programs together have taken nearly all memory.
# expect: system.memory_low_many
# lab: room
make() {
	cat >"$WORK/meminfo" <<-END
		MemTotal:        8058272 kB
		MemFree:           61284 kB
		MemAvailable:     198312 kB
		Buffers:            2104 kB
		Cached:           150148 kB
		SwapCached:            0 kB
		SReclaimable:      30000 kB
		SwapTotal:             0 kB
		SwapFree:              0 kB
	END
	admin mount --bind "$WORK/meminfo" /proc/meminfo
}
prove() { client free -m | awk '/^Mem:/ { low = $7 < 0.04 * $2 } END { exit !low }'; }
undo()  { admin umount /proc/meminfo; }
