# The network has given the computer no address.
# expect: network.no_address
# lab: room
make()  { ip -n "$CLIENT" addr flush dev c0 scope global; }
prove() { ! ip -n "$CLIENT" addr show c0 | grep -q 'scope global'; }
undo()  { client_side; }
