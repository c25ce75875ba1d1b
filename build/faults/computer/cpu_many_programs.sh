# Many programs together take all the processor there is, none of them much.
# expect: system.cpu_busy_many
# lab: room
programs() { seq $(($(nproc) > 8 ? $(nproc) : 8)); }
make() {
	for n in $(programs); do
		cp /bin/dash "$WORK/program$n"
		begin "hog$n" client "$WORK/program$n" -c 'while :; do :; done'
	done
	await client pgrep -x program8
}
prove() { client pgrep -x program8 && [ "$(client vmstat 1 2 | awk 'END { print $15 }')" -le 3 ]; } # per cent idle
undo()  { for n in $(programs); do finish "hog$n"; done; }
