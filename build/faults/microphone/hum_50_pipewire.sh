# A hum of 50 Hz with its overtones comes from the power line, on PipeWire.
# expect: mic.hum
# lab: room-pipewire
make() {
	sox -n -r 48000 -c 1 -b 16 "$WORK/hum.wav" synth 120 sine 50 synth 120 sine mix 150 synth 120 sine mix 250 gain -18
	play_in hum "$WORK/hum.wav"
}
prove() { pick_up 3 && above 0.022 lowpass 80 lowpass 80; }
undo() {
	finish hum
	speak
}
