# The router is gone.
# expect: network.gateway_silent
# lab: room
make() {
	ip -n "$ROUTER" -4 addr flush dev r0
	ip -n "$ROUTER" -6 addr flush dev r0 scope global
	ip -n "$CLIENT" neigh flush all
}
prove() { ! admin ping -c 1 -W 1 10.77.0.1 >/dev/null; }
undo()  { router_side; }
