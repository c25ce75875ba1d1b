# Every packet takes a quarter of a second each way.
# expect: network.slow
# lab: room
make()  { cable delay=250ms delay=250ms; }
prove() { [ "$(round_trip)" -gt 450 ]; }
undo()  { uncable; }
