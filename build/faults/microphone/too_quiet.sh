# The voice arrives so softly that nobody could follow it.
# expect: mic.quiet
# lab: room
make()  { speak -27; }
prove() { pick_up 3 && above 0.001 && ! above 0.06; }
undo()  { speak; }
