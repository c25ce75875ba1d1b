# The voice is overdriven: its peaks are cut off.
# expect: mic.clipped
# lab: room
make()  { speak 24; }
prove() { pick_up 3 && stats "Pk count" ">50" && above 0.99; }
undo() {
	speak
	await calm # what was on its way still arrives
}
calm() { pick_up 1 && ! above 0.9; }
