# The loudspeaker was unplugged, and there is no other.
# expect: speaker.none
# lab: room
make() {
	client pactl unload-module "$(client pactl list short modules | awk '/sink_name='"$SPEAKER"' / {print $1}')"
}
prove() { ! client pactl list short sinks | grep -qw "$SPEAKER"; }
undo() {
	client pactl load-module module-null-sink sink_name="$SPEAKER" rate=48000 norewinds=1 channels=2 'sink_properties="device.description=VirtualSpeaker device.form_factor=speaker"'
	client pactl set-default-sink "$SPEAKER"
	for n in $(client pactl list short sink-inputs | cut -f1); do # they follow the default, the voice too
		client pactl move-sink-input "$n" "$FEED"
	done
	client setsid -f pacat --raw --format=s16le --rate=48000 --channels=2 --latency-msec=20 --client-name=silence -d "$SPEAKER" /dev/zero >"$WORK/silence" 2>&1
}
