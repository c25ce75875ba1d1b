# PipeWire runs, but the part that class programs speak to has crashed.
# expect: mic.no_pulse
# lab: room-pipewire
make() {
	client pkill -KILL -x pipewire-pulse
	await no_answer
}
no_answer() { ! client pactl info; }
prove() { client pgrep -x pipewire >/dev/null && ! client pactl info; }
undo() {
	client pkill -KILL -x 'pipewire|pipewire-pulse|wireplumber' || true
	await gone_from_computer
	admin rm -f /run/user/1000/pipewire-0 /run/user/1000/pulse/native
	sound_server start
	speak
}
gone_from_computer() { ! client pgrep -x 'pipewire|pipewire-pulse|wireplumber'; }
