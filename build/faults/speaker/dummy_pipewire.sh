# PipeWire has only its dummy output left to play on.
# expect: speaker.none
# lab: room-pipewire
make() {
	client pactl load-module module-null-sink sink_name=auto_null sink_properties=device.description=Dummy-Output >"$WORK/dummy"
	client pactl set-default-sink auto_null # before the loudspeaker goes, or the voice would follow the default
	client pactl unload-module "$(client pactl list short modules | awk '/sink_name='"$SPEAKER"' / {print $1}')"
}
prove() { ! client pactl list short sinks | grep -qw "$SPEAKER" && client wpctl status | grep -q 'Dummy-Output'; }
undo() {
	client pactl unload-module "$(cat "$WORK/dummy")"
	client pactl load-module module-null-sink sink_name="$SPEAKER" rate=48000 channels=2 'sink_properties="device.description=VirtualSpeaker device.form_factor=speaker"'
	client pactl set-default-sink "$SPEAKER"
	for n in $(client pactl list short sink-inputs | cut -f1); do # they follow the default, the voice too
		client pactl move-sink-input "$n" "$FEED"
	done
	client setsid -f pacat --raw --format=s16le --rate=48000 --channels=2 --latency-msec=20 --client-name=silence -d "$SPEAKER" /dev/zero >"$WORK/silence" 2>&1
}
