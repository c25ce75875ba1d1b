# The class app plays on a monitor by HDMI, everything else on the loudspeaker.
# expect: speaker.app_elsewhere
# lab: room
zoom() { # a stand-in for the class app, which plays
	cp "$(command -v pacat)" "$WORK/zoom"
	begin class client "$WORK/zoom" --raw --format=s16le --rate=48000 --channels=2 --latency-msec=20 --stream-name=class -d "$SPEAKER" /dev/zero
	await stream
}
stream() { # its number in the mixer
	client pactl list sink-inputs | awk '/^Sink Input #/ {n = substr($3, 2)} /media.name = "class"/ {print n; found = 1} END {exit !found}'
}
screen=alsa_output.pci-0000_01_00.1.hdmi-stereo
make() {
	zoom
	client pactl load-module module-null-sink sink_name=$screen rate=48000 norewinds=1 channels=2 'sink_properties="device.description=Monitor device.profile.name=hdmi-stereo"' >"$WORK/screen"
	client pactl move-sink-input "$(stream)" $screen
}
prove() {
	local sink
	sink=$(client pactl list short sinks | awk '/hdmi/ {print $1}')
	[ -n "$sink" ] && client pactl list short sink-inputs | awk -v n="$(stream)" -v s="$sink" '$1 == n && $2 == s {found = 1} END {exit !found}'
}
undo() {
	finish class
	client pactl unload-module "$(cat "$WORK/screen")"
}
