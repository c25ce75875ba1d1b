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
	client "$LAB/sound.sh" "$1" || { tail -5 "$LAB/home/sound.log" >&2; return 1; }
	: >"$LAB/sound.new" # it stays when the fault is over
}

play_in() { # NAME FILE.wav [FEED]: round and round, until finish NAME
	begin "$1" client bash -c 'while paplay --client-name="$1" --latency-msec=40 -d "$2" "$3"; do :; done' play "$1" "${3:-$FEED}" "$2"
	await plays "$1"
}
plays() { client pactl list sink-inputs | grep "application.name = \"$1\""; }

pick_up() { # SECONDS [SOURCE]: what is heard, into $WORK/heard.wav
	client timeout 20 parec --raw --format=s16le --rate=48000 --channels=1 --latency-msec=20 -d "${2:-$MIC}" |
		head -c $((96000 * $1)) >"$WORK/heard.raw" || true
	sox -r 48000 -c 1 -b 16 -e signed "$WORK/heard.raw" "$WORK/heard.wav"
}
above() { # X [SOX EFFECT…]: whether its loudest sample is above X, of full scale
	local least=$1
	shift
	sox "$WORK/heard.wav" -n "$@" stat 2>&1 |
		awk -v x="$least" '/^M(ax|in)imum amplitude/{a=$3<0?-$3:$3; if (a>m) m=a} END{exit !(m>x)}'
}
stats() { # AWK CONDITION on what "sox stats" calls NAME: stats "RMS Tr dB" ">-40"
	sox "$WORK/heard.wav" -n stats 2>&1 |
		awk -v name="$1" 'index($0,name)==1{print $NF*($NF~/k$/?1000:1)}' | awk "{exit !(\$1$2)}"
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

network_whole() { # cables, addresses and routes as they should be; also after every fault
	local a
	ip -n "$ROUTER" -batch - <<-END
		link set r0 up
		link set r1 up
		addr replace 203.0.113.1/24 dev r1
		addr replace fd78::1/64 dev r1 nodad
		addr replace 10.77.0.1/24 dev r0
		addr replace fd77::1/64 dev r0 nodad
		route replace default via 203.0.113.10
	END
	ip -n "$ROUTER" -6 route replace default via fd78::10
	ip -n "$TOWN" -batch - <<-END
		link set s0 up
		$(for a in 10 20 21 30 31 53; do echo "addr replace 203.0.113.$a/24 dev s0"; done)
		$(for a in 10 20 21; do echo "addr replace fd78::$a/64 dev s0 nodad"; done)
		route replace default via 203.0.113.1
	END
	ip -n "$TOWN" -6 route replace default via fd78::1
	ip -n "$CLIENT" -batch - <<-END
		link set c0 up
		addr replace 10.77.0.2/24 dev c0
		addr replace fd77::2/64 dev c0 nodad
		route replace default via 10.77.0.1
	END
	ip -n "$CLIENT" -6 route replace default via fd77::1
}

cable() { # UP DOWN: the cable between computer and router is a bad one, until uncable
	local x between=${ROUTER}w
	ip netns add "$between"
	ip -n "$ROUTER" link set r0 netns "$between" name wa
	ip link add r0 netns "$ROUTER" type veth peer name wb netns "$between"
	ip -n "$between" link set wa up
	ip -n "$between" link set wb up
	for x in "$CLIENT:c0" "$between:wa" "$between:wb" "$ROUTER:r0"; do # frames as they are on a real cable
		ip netns exec "${x%:*}" ethtool -K "${x#*:}" tx off rx off tso off gso off gro off >/dev/null
	done
	begin wire ip netns exec "$between" "$PARTS" wire wa wb "$1" "$2"
	await grep -q ready "$WORK/wire.out"
	router_side
}
uncable() {
	finish wire
	ip -n "$ROUTER" link del r0
	ip -n "${ROUTER}w" link set wa netns "$ROUTER" name r0
	ip netns del "${ROUTER}w"
	ip netns exec "$CLIENT" ethtool -K c0 tx on rx on tso on gso on gro on >/dev/null
	ip netns exec "$ROUTER" ethtool -K r0 tx on rx on tso on gso on gro on >/dev/null
	router_side
}
router_side() { # the router's addresses towards the computer, as they should be
	ip -n "$ROUTER" link set r0 up
	ip -n "$ROUTER" addr replace 10.77.0.1/24 dev r0
	ip -n "$ROUTER" addr replace fd77::1/64 dev r0 nodad
	ip -n "$ROUTER" neigh flush all
	ip -n "$CLIENT" neigh flush all
	await router ping -c 1 -W 1 10.77.0.2
	await router ping -c 1 -W 1 fd77::2
}
client_side() { # the computer's addresses and its way out, as they should be
	ip -n "$CLIENT" link set c0 up
	ip -n "$CLIENT" addr replace 10.77.0.2/24 dev c0
	ip -n "$CLIENT" addr replace fd77::2/64 dev c0 nodad
	ip -n "$CLIENT" route replace default via 10.77.0.1
	ip -n "$CLIENT" -6 route replace default via fd77::1
	await router ping -c 1 -W 1 10.77.0.2
	await router ping -c 1 -W 1 fd77::2
}
round_trip() { # the average of three, in whole milliseconds; more arguments are ping's
	admin ping -n -q -c 3 -i 0.3 "$@" 203.0.113.10 | awk -F/ '/^rtt/ { printf "%d\n", $5 }'
}
