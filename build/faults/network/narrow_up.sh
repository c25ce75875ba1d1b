# Only 200 kbit/s get out.
# expect: network.slow_up
# lab: room
make()  { ip netns exec "$CLIENT" tc qdisc add dev c0 root tbf rate 200kbit burst 3kb latency 2000ms; }
prove() { ip netns exec "$CLIENT" tc qdisc show dev c0 | grep -q 'rate 200Kbit' && [ "$(round_trip -s 6000)" -gt 100 ]; }
undo()  { ip netns exec "$CLIENT" tc qdisc del dev c0 root; }
