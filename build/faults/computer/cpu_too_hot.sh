# The processor is beyond its passive trip point and is held back to cool down.
# expect: system.cpu_hot
# lab: room
make() {
	mkdir -p "$WORK/thermal/thermal_zone0" "$WORK/thermal/cooling_device0"
	cd "$WORK/thermal"
	echo x86_pkg_temp >thermal_zone0/type
	echo 97000 >thermal_zone0/temp
	echo passive >thermal_zone0/trip_point_0_type
	echo 95000 >thermal_zone0/trip_point_0_temp
	echo Processor >cooling_device0/type
	echo 3 >cooling_device0/max_state
	echo 2 >cooling_device0/cur_state
	admin mount --bind "$WORK/thermal" /sys/class/thermal
}
prove() {
	client awk '{ hot = $1 >= 95000 } END { exit !hot }' /sys/class/thermal/thermal_zone0/temp &&
		[ "$(client cat /sys/class/thermal/cooling_device0/cur_state)" -gt 0 ]
}
undo() { admin umount /sys/class/thermal; }
