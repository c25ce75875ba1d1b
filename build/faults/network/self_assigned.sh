# No router gave the computer an address, and it made one up.
# expect: network.self_assigned
# lab: room
make() {
	ip -n "$CLIENT" addr flush dev c0 scope global
	ip -n "$CLIENT" addr add 169.254.7.7/16 dev c0
}
prove() { ip -n "$CLIENT" -4 addr show c0 | grep -q 'inet 169.254'; }
undo() {
	ip -n "$CLIENT" addr flush dev c0 scope global; ip -n "$CLIENT" addr del 169.254.7.7/16 dev c0 2>/dev/null || true
	ip -n "$CLIENT" addr add 10.77.0.2/24 dev c0; ip -n "$CLIENT" addr add fd77::2/64 dev c0 nodad
	ip -n "$CLIENT" route replace default via 10.77.0.1; ip -n "$CLIENT" -6 route replace default via fd77::1
	await router ping -c 1 -W 1 10.77.0.2
}
