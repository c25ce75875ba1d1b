# A line of 200 kbit/s each way, with a long queue, as a bad mobile network has.
# expect: network.slow_up
# lab: room
make()  { cable rate=200k,delay=30ms rate=200k,delay=30ms; }
prove() { [ "$(round_trip -s 1400)" -gt 120 ]; }
undo()  { uncable; }
