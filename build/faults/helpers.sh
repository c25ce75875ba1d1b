# What a fault of the labs "room" and "room-pipewire" is written with; doc.go
# says what each is for. The lab sets CLIENT, ROUTER, TOWN, LAB, WORK, INIT
# (the computer's first process) and PARTS.
MIC=vmic FEED=vmic_in SPEAKER=vspk
managed=$LAB/etc/raisehand/policies/managed

enter() { nsenter -t "$INIT" -m -u -i -n -p "$@"; }

client() {
	local teacher
	mapfile -t teacher < <(cat "$LAB/teacher.env" "$LAB/environment")
	enter -S 1000 -G 1000 -- env -i "${teacher[@]}" "$@"
}
admin() { enter -- "$@"; }
router() { ip netns exec "$ROUTER" "$@"; }
town() { ip netns exec "$TOWN" "$@"; }

begin() { # NAME CMD…
	local name=$1
	shift
	set -m # a group of its own, so that it ends with all its children
	"$@" >"$WORK/$name.out" 2>&1 </dev/null &
	echo $! >"$WORK/$name.pid"
	set +m
}

finish() { # NAME
	local pid
	pid=$(cat "$WORK/$1.pid") || return 0
	rm -f "$WORK/$1.pid"
	kill -KILL -- "-$pid" 2>/dev/null || true
	await gone "$pid"
}
gone() { ! kill -0 -- "-$1" 2>/dev/null; }

await() { # CMD…
	local end=$((SECONDS + 10))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "waited in vain for: $*" >&2; return 1; }
		sleep 0.05
	done
}

environment() { printf '%s\n' "$1" >>"$LAB/environment"; }
policy() { printf '%s\n' "$1" >"$managed/90-fault.json"; }

hush() { voice off; }
speak() { voice "on ${1:-0} ${2:-en}"; }
voice() { # and wait until it is so
	printf '%s\n' "$1" >"$LAB/voice.new" && mv "$LAB/voice.new" "$LAB/voice"
	await cmp -s "$LAB/voice" "$LAB/voice.is"
}

sound_server() { # start: after it was killed
	client "$LAB/sound.sh" "$1"
}

desk_clock() { # SECONDS
	town nft delete table inet desk_clock 2>/dev/null || true
	finish desk_clock 2>/dev/null || true
	[ "$1" != 0 ] || return 0
	begin desk_clock town "$PARTS" clock :9443 "$LAB/pki/desk.pem" "$LAB/pki/desk.key" https://127.0.0.1:8443 "$1"
	await grep -q ready "$WORK/desk_clock.out"
	town nft -f - <<-END
		table inet desk_clock {
			chain pre {
				type nat hook prerouting priority -100
				tcp dport 8443 redirect to :9443
			}
		}
	END
}
