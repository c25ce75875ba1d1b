# Noise all but drowns the voice.
# expect: mic.noisy
# lab: room
make() {
	sox -n -r 48000 -c 1 -b 16 "$WORK/noise.wav" synth 120 pinknoise gain -10
	play_in noise "$WORK/noise.wav"
}
prove() { pick_up 3 && stats "RMS Tr dB" ">-36"; }
undo()  { finish noise; }
