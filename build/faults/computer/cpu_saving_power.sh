# The computer is told to save power while there is much to do.
# expect: system.power_saving
# lab: room
programs() { seq $(($(nproc) > 8 ? $(nproc) : 8)); }
make() {
	mkdir -p "$WORK/acpi"
	echo low-power >"$WORK/acpi/platform_profile"
	admin mount --bind "$WORK/acpi" /sys/firmware/acpi
	for n in $(programs); do
		cp /bin/dash "$WORK/program$n"
		begin "hog$n" client "$WORK/program$n" -c 'while :; do :; done'
	done
	await client pgrep -x program8
}
prove() {
	[ "$(client cat /sys/firmware/acpi/platform_profile)" = low-power ] &&
		[ "$(client vmstat 1 2 | awk 'END { print $15 }')" -le 3 ] # per cent idle
}
undo() {
	for n in $(programs); do finish "hog$n"; done
	admin umount /sys/firmware/acpi
}
