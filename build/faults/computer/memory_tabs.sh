# So many web pages are open in the browser that memory is used up.
# expect: system.many_tabs
# lab: room
make() {
	cat >"$WORK/meminfo" <<-END
		MemTotal:        4029136 kB
		MemFree:           41284 kB
		MemAvailable:      98312 kB
		Buffers:            2104 kB
		Cached:           120148 kB
		SwapCached:            0 kB
		SReclaimable:      30000 kB
		SwapTotal:             0 kB
		SwapFree:              0 kB
	END
	admin mount --bind "$WORK/meminfo" /proc/meminfo
	mkdir -p "$WORK/browser"
	cp /usr/bin/perl "$WORK/browser/brave"
	cat >"$WORK/browser/page" <<-'END'
		$x = "a" x (44 << 20); sleep 600;
	END
	cat >"$WORK/browser/open" <<-'END'
		#!/bin/sh
		for n in $(seq 30); do ./brave ./page --type=renderer --lang=zh-CN & done
		wait
	END
	chmod +x "$WORK/browser/open"
	cd "$WORK/browser"
	begin browser client sh -c "cd '$WORK/browser' && exec ./open"
	await pages
}
pages() { [ "$(client pgrep -x brave | wc -l)" -eq 30 ] && client ps -C brave -o rss= | awk '{ sum += $1 } END { exit !(sum > 1200000) }'; }
prove() { client free -m | awk '/^Mem:/ { low = $7 < 0.04 * $2 } END { exit !low }' && [ "$(client pgrep -fc -- --type=renderer)" -ge 20 ]; }
undo()  { finish browser; admin umount /proc/meminfo; }
