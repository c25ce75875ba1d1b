# A voice that speaks Chinese arrives so softly through PipeWire that nobody could follow it.
# expect: mic.quiet
# lab: room-pipewire
make()  { speak -27 zh; }
prove() { pick_up 3 && above 0.001 && ! above 0.06; }
undo()  { speak; }
