# The computer has not been told the way out of its network.
# expect: network.no_route
# lab: room
make()  { ip -n "$CLIENT" route del default; ip -n "$CLIENT" -6 route del default; }
prove() { ! ip -n "$CLIENT" route | grep -q default; }
undo()  { client_side; }
