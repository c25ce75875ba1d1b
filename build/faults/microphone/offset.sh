# The microphone has an offset: its signal is pushed to one side.
# expect: mic.dc
# lab: room
make() {
	sox -n -r 48000 -c 1 -b 16 "$WORK/offset.wav" synth 120 sine 1 vol 0 dcshift 0.04
	play_in offset "$WORK/offset.wav"
}
prove() { pick_up 3 && stats "DC offset" ">0.02"; }
undo()  { finish offset; }
