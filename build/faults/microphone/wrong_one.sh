# The microphone that is chosen hears only the room; a headset that is not chosen hears the voice.
# expect: mic.wrong_one
# lab: room
make() {
	sox -n -r 48000 -c 1 -b 16 "$WORK/room.wav" synth 120 whitenoise gain -62
	espeak-ng -s 150 -w "$WORK/say.wav" "Good morning, class, please open your books. Who can tell me what happened next?"
	client pactl load-module module-null-sink sink_name=other_in rate=48000 channels=1 sink_properties=device.description=HeadsetFeed >"$WORK/feed"
	client pactl load-module module-remap-source source_name=other master=other_in.monitor source_properties=device.description=Headset >"$WORK/other"
	await client pactl set-default-source "$MIC"
	hush
	play_in room "$WORK/room.wav"
	play_in voice "$WORK/say.wav" other_in
}
prove() {
	[ "$(client pactl get-default-source)" = "$MIC" ] && pick_up 2 other && above 0.1 && pick_up 2 && ! above 0.02
}
undo() {
	finish voice
	finish room
	client pactl unload-module "$(cat "$WORK/other")"
	client pactl unload-module "$(cat "$WORK/feed")"
	await client pactl set-default-source "$MIC"
	speak
}
