# What a fault of the lab "vm" is written with, for busybox's sh; doc.go says
# what each is for. The guest sets WORK and PARTS.
video=44 # Debian's group for cameras

plug() { # [N] [PARAMETER=VALUE…]
	local n=1 types=0x20001 ones=1 zeros=0
	case "${1:-}" in [0-9]) n=$1; shift ;; esac
	case $n in 2) types=0x20001,0x20001 ones=1,1 zeros=0,0 ;; esac
	unplug_all
	load vivid n_devs="$n" node_types=$types num_inputs=$ones input_types=$zeros "$@" || return
	chown 0:$video /dev/video*
	chmod 660 /dev/video*
}

unplug_all() { # as soon as nobody uses them any more: killed programs are still letting go
	await driver_gone
}
driver_gone() { [ ! -d /sys/module/vivid ] || { rmmod vivid; [ ! -d /sys/module/vivid ]; }; }

control() { v4l2-ctl -d /dev/video0 -c "$1"; }

hold() { # NAME [UID]
	cp /usr/bin/v4l2-ctl "/tmp/$1" && chmod 755 "/tmp/$1"
	"$PARTS" as "${2:-1000}" $video "/tmp/$1" -d /dev/video0 --stream-mmap --stream-count=0 >"$WORK/$1.film" 2>&1 </dev/null &
	echo $! >"$WORK/$1.pid"
	await grep -q '<<' "$WORK/$1.film"
}

release() { # NAME
	kill -9 "$(cat "$WORK/$1.pid")" 2>/dev/null
	rm -f "$WORK/$1.pid"
	return 0
}

# film N FILE: N frames as the first camera sends them.
film() {
	timeout 10 v4l2-ctl -d /dev/video0 --stream-mmap --stream-count="$1" --stream-to="$2" >"$WORK/film.out" 2>&1 && [ -s "$2" ]
}

await() { # CMD…
	local n=0
	until "$@" >/dev/null 2>&1; do
		n=$((n + 1))
		[ $n -lt 400 ] || { echo "waited in vain for: $*" >&2; return 1; }
		sleep 0.05
	done
}
