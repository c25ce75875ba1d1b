// Command faults breaks a computer in every way it knows and asks the product
// what is wrong: a fault → proven by a tool that is not ours → the whole
// diagnosis → its first finding, right or wrong → undone.
//
//	go run ./build/faults                    every fault, and a table
//	go run ./build/faults --only mic         faults whose name, lab or expected code begins with it, or holds it
//	go run ./build/faults --sample 12        some of every room, the same ones each time
//	go run ./build/faults --healthy 200      nothing is broken, but the computer is in use: nothing may be found
//	go run ./build/faults --dead mic         one check cannot answer: no other verdict changes (--dead all)
//	go run ./build/faults --keep             leaves the lab standing and says how to enter it
//	go run ./build/faults --markdown         the table for the README
//
// It needs Linux, root and what build/setup.sh calls sound, netlab, vm and
// faults. The lab is made of namespaces and has no way out: no packet leaves
// this machine.
//
// # A fault
//
// One small bash file, ROOM/NAME.sh, where ROOM is microphone, speaker, camera,
// network, computer or apps:
//
//	# The microphone is muted in the system.
//	# expect: mic.muted
//	# lab: room
//	make()  { client pactl set-source-mute "$MIC" 1; }
//	prove() { client pactl get-source-mute "$MIC" | grep -q yes; }
//	undo()  { client pactl set-source-mute "$MIC" 0; }
//
// The first line says in one English sentence what is broken. expect is the
// code that must be the first finding. make makes the fault and returns when it
// is there; prove exits 0 only while a tool that is not ours sees it; undo takes
// it back, after which prove must fail. Each runs in a shell of its own, with
// "set -eu -o pipefail" (prove: "set -u"), outside of the computer and as
// root; what they must remember goes into $WORK. A fault whose undo does not
// help costs the next one a new lab, and is an error of the corpus.
//
// # The labs
//
// lab: room: a teacher's computer, a school's router, a town; PulseAudio with
// a microphone, into which somebody speaks all the time, and a loudspeaker.
// lab: room-pipewire: the same with PipeWire and WirePlumber.
// lab: vm: a small machine with its own kernel and virtual cameras.
//
//	$CLIENT  10.77.0.2, fd77::2       c0; the teacher's computer: also its own processes, mounts and /etc
//	$ROUTER  10.77.0.1, fd77::1       r0 to the computer, r1 to the town; 203.0.113.1, fd78::1;
//	                                  NAT, name server (dnsmasq, which asks the town's)
//	$TOWN    203.0.113.10  fd78::10   desk.school.example:8443, the desk (HTTPS)
//	         203.0.113.20             class.example:443, a class service; :80 answers 204 (beacon.example)
//	         203.0.113.21             meet.example:443, another one
//	         203.0.113.30 and .31     coturn: STUN and TURN, 3478/3479 UDP and TCP, 5349 TLS, stun.example
//	         203.0.113.53             a public name server; it knows all names of the town
//
// What no lab can break for real, a battery, heat, a processor's speed, is a
// stand-in for the kernel's file about it, mounted over that file. Everything
// else is the real thing.
//
// The computer's programs take part in PID, mount, network, host name and IPC
// namespaces of its own: what is started outside of them is not seen in it.
//
//	client CMD…          runs it on the computer as the teacher (uid 1000, HOME, sound server)
//	admin CMD…           runs it on the computer as root
//	router CMD…          runs it on the router; town CMD… in the town
//	begin NAME CMD…      starts it in the background (CMD may be client CMD…) until
//	finish NAME          ends it with all its children; what is still running after undo is ended too
//	await CMD…           waits, at most ten seconds, until CMD says yes
//	environment K=V      sets a variable for the teacher's programs (proxies), until after undo
//	policy '{"k":…}'     sets managed settings, over those of the lab, until after undo
//	hush                 the voice falls silent; speak [DB [en|zh|en-low|zh-low]] lets it speak, so many dB louder or softer
//	play_in NAME FILE [FEED]   plays a sound into the microphone (or another feed) round and round, until finish NAME
//	pick_up N [SOURCE]   records N seconds from the microphone; then above X [SOX EFFECT…] says whether the loudest
//	                     sample is over X of full scale, and stats NAME CONDITION looks at what "sox stats" says
//	desk_clock SECONDS   shifts the desk's clock: the computer's is then wrong by as much; 0 puts it right
//	$PARTS PART …        the lab's own people, for router and town:
//	    page ADDR STATUS [LOCATION]       answers every request so: a portal, a proxy that wants a sign-in
//	    tls ADDR CERT.pem KEY.pem         a page over TLS: an interceptor
//	    forward ADDR UPSTREAM MS          UDP passed on, its answers so many milliseconds late: a slow name server
//	    wire A B UP DOWN                  a bad cable between two interfaces; UP, DOWN: delay=200ms,jitter=30ms,loss=10,rate=64k
//	$WORK                a scratch folder, empty at the start, writable by all
//	$LAB/etc             the computer's /etc; $LAB/home the teacher's home; $LAB/bin is first in the teacher's PATH
//	$LAB/pki             school.pem/.key (the signer whom the computer trusts), desk, service, stranger (a signer
//	                     whom nobody trusts), between (stranger's certificate for the desk and the services)
//	$MIC $FEED $SPEAKER  vmic, vmic_in (what is played here, the microphone hears), vspk
//
// In lab vm the three functions run inside the machine, by busybox's sh, as
// root, with v4l2-ctl beside them. There is
//
//	plug [N] [PARAMETER=VALUE…]   new virtual cameras: /dev/video0 is the first one's (before make: one)
//	unplug_all                    no camera is left
//	control SETTING               sets the first camera, as v4l2-ctl spells it
//	hold NAME [UID]               a program called NAME films with the first camera, until release NAME
//	$WORK, await                  as above
package main
