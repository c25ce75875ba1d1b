# The network cable is pulled out.
# expect: network.no_link
# lab: room
make()  { router ip link set r0 down; }
prove() { ip -n "$CLIENT" link show c0 | grep -q NO-CARRIER; }
undo()  { router ip link set r0 up; await router ping -c 1 -W 1 10.77.0.2; }
