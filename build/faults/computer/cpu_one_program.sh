# One program, a virus scanner, takes all the processor there is.
# expect: system.cpu_busy
# lab: room
make() {
	cp /bin/dash "$WORK/antivirus"
	for n in $(seq $((2 * $(nproc)))); do
		begin "hog$n" client "$WORK/antivirus" -c 'while :; do :; done'
	done
	await client pgrep -x antivirus
}
prove() { client pgrep -x antivirus && [ "$(client vmstat 1 2 | awk 'END { print $15 }')" -le 3 ]; } # per cent idle
undo()  { for n in $(seq $((2 * $(nproc)))); do finish "hog$n"; done; }
