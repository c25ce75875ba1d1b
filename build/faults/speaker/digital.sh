# Sound goes to the S/PDIF socket, while a loudspeaker is there.
# expect: speaker.wrong_default
# lab: room
digital=alsa_output.pci-0000_00_1f.3.iec958-stereo
make() {
	client pactl load-module module-null-sink sink_name=$digital rate=48000 norewinds=1 channels=2 sink_properties=device.description=Digital >"$WORK/digital"
	client pactl set-default-sink $digital
}
prove() { client pactl get-default-sink | grep -q iec958; }
undo() {
	client pactl set-default-sink "$SPEAKER"
	client pactl unload-module "$(cat "$WORK/digital")"
}
