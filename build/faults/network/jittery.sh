# The cable lets packets pass in fits and starts.
# expect: network.jittery
# lab: room
make()  { cable jitter=150ms jitter=50ms; }
prove() { admin ping -n -q -c 20 -i 0.05 203.0.113.10 | awk -F/ '/^rtt/ { exit !($6 - $4 > 150 || $7 > 50) }'; }
undo()  { uncable; }
