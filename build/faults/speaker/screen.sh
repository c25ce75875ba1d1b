# Sound goes to a monitor by HDMI, while a loudspeaker is there.
# expect: speaker.wrong_default
# lab: room
screen=alsa_output.pci-0000_01_00.1.hdmi-stereo
make() {
	client pactl load-module module-null-sink sink_name=$screen rate=48000 norewinds=1 channels=2 'sink_properties="device.description=Monitor device.profile.name=hdmi-stereo"' >"$WORK/screen"
	client pactl set-default-sink $screen
}
prove() { client pactl get-default-sink | grep -q hdmi; }
undo() {
	client pactl set-default-sink "$SPEAKER"
	client pactl unload-module "$(cat "$WORK/screen")"
}
