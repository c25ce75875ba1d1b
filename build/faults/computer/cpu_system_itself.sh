# The system's own search for files and updates takes all the processor there is.
# expect: system.cpu_busy_system
# lab: room
make() {
	for n in $(seq $((2 * $(nproc)))); do
		mkdir -p "$WORK/$n"
		cp /bin/dash "$WORK/$n/packagekitd"
		begin "hog$n" admin "$WORK/$n/packagekitd" -c 'while :; do :; done'
	done
	await client pgrep -x packagekitd
}
prove() { client pgrep -x packagekitd && [ "$(client vmstat 1 2 | awk 'END { print $15 }')" -le 3 ]; } # per cent idle
undo()  { for n in $(seq $((2 * $(nproc)))); do finish "hog$n"; done; }
