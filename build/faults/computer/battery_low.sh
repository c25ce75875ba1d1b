# The laptop is not plugged in and its battery is nearly empty.
# expect: system.battery_low
# lab: room
make() {
	mkdir -p "$WORK/power/AC" "$WORK/power/BAT0"
	cd "$WORK/power"
	echo Mains >AC/type
	echo 0 >AC/online
	echo Battery >BAT0/type
	echo 1 >BAT0/present
	echo 6 >BAT0/capacity
	echo Discharging >BAT0/status
	admin mount --bind "$WORK/power" /sys/class/power_supply
}
prove() { [ "$(client cat /sys/class/power_supply/AC/online)" = 0 ] && [ "$(client cat /sys/class/power_supply/BAT0/capacity)" -le 10 ]; }
undo()  { admin umount /sys/class/power_supply; }
