# The class app's sound is at zero in PipeWire's mixer.
# expect: speaker.app_muted
# lab: room-pipewire
zoom() { # a stand-in for the class app, which plays
	cp "$(command -v pacat)" "$WORK/zoom"
	begin class client "$WORK/zoom" --raw --format=s16le --rate=48000 --channels=2 --latency-msec=20 --stream-name=class -d "$SPEAKER" /dev/zero
	await stream
}
stream() { # its number in the mixer
	client pactl list sink-inputs | awk '/^Sink Input #/ {n = substr($3, 2)} /media.name = "class"/ {print n; found = 1} END {exit !found}'
}
make() {
	zoom
	client pactl set-sink-input-volume "$(stream)" 0%
}
prove() { client pactl list sink-inputs | grep -A12 "^Sink Input #$(stream)$" | grep 'Volume:' | grep -q ' 0%'; }
undo() {
	client pactl set-sink-input-volume "$(stream)" 100% # it would be remembered
	finish class
}
