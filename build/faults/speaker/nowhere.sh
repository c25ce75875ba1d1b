# Sound goes to a virtual output that nobody listens to.
# expect: speaker.nowhere
# lab: room
make() {
	client pactl load-module module-null-sink sink_name=void rate=48000 norewinds=1 channels=2 sink_properties=device.description=Void >"$WORK/void"
	client pactl set-default-sink void
}
prove() { client pactl get-default-sink | grep -qx void; }
undo() {
	client pactl set-default-sink "$SPEAKER"
	client pactl unload-module "$(cat "$WORK/void")"
}
