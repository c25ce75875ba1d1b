# Only 200 kbit/s get in.
# expect: network.slow_down
# lab: room
make()  { router tc qdisc add dev r0 root tbf rate 200kbit burst 3kb latency 2000ms; }
prove() { router tc qdisc show dev r0 | grep -q 'rate 200Kbit' && [ "$(round_trip -s 6000)" -gt 100 ]; }
undo()  { router tc qdisc del dev r0 root; }
