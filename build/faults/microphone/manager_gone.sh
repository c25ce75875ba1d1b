# PipeWire's session manager has crashed: nobody leads a microphone to who wants to record.
# expect: mic.no_manager
# lab: room-pipewire
make() {
	client pkill -KILL -x wireplumber
	await no_manager
}
no_manager() { ! client pgrep -x wireplumber; }
prove() { client pgrep -x pipewire >/dev/null && ! client pgrep -x wireplumber; }
undo() {
	client pkill -KILL -x 'pipewire|pipewire-pulse|wireplumber' || true
	await gone_from_computer
	admin rm -f /run/user/1000/pipewire-0 /run/user/1000/pulse/native
	sound_server start
	speak
}
gone_from_computer() { ! client pgrep -x 'pipewire|pipewire-pulse|wireplumber'; }
