# A hum of 60 Hz with its overtones comes from the power line while somebody speaks Chinese.
# expect: mic.hum
# lab: room
make() {
	sox -n -r 48000 -c 1 -b 16 "$WORK/hum.wav" synth 120 sine 60 synth 120 sine mix 180 synth 120 sine mix 300 gain -18
	play_in hum "$WORK/hum.wav"
	speak 0 zh
}
prove() { pick_up 3 && above 0.022 lowpass 90 lowpass 90; }
undo() {
	finish hum
	speak
}
