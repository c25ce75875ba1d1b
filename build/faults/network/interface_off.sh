# The computer's network card is switched off.
# expect: network.no_link
# lab: room
make()  { ip -n "$CLIENT" link set c0 down; }
prove() { ip -n "$CLIENT" link show c0 | grep -q 'state DOWN'; }
undo()  { client_side; }
