# The only microphone is unplugged from PipeWire.
# expect: mic.none
# lab: room-pipewire
make()  { client pactl unload-module module-remap-source; }
prove() { ! client pactl list short sources | grep -qv '\.monitor'; }
undo()  {
	client pactl load-module module-remap-source source_name="$MIC" master="$FEED.monitor" source_properties=device.description=VirtualMic
	await client pactl set-default-source "$MIC"
}
