# Another device in the network has taken the computer's address.
# expect: network.address_conflict
# lab: room
twin=${CLIENT}2
make() { # a small switch at the router, and the other device behind it
	ip netns add "$twin"
	ip link add t0 netns "$twin" type veth peer name t1 netns "$ROUTER"
	ip -n "$ROUTER" link add br0 type bridge
	ip -n "$ROUTER" addr flush dev r0 scope global
	ip -n "$ROUTER" link set r0 master br0; ip -n "$ROUTER" link set t1 master br0
	ip -n "$ROUTER" link set t1 up; ip -n "$ROUTER" link set br0 up
	ip -n "$ROUTER" addr add 10.77.0.1/24 dev br0; ip -n "$ROUTER" addr add fd77::1/64 dev br0 nodad
	ip -n "$twin" addr add 10.77.0.2/24 dev t0; ip -n "$twin" link set t0 up
	await router ping -c 1 -W 1 10.77.0.2
}
prove() { { ip netns exec "$CLIENT" arping -D -c 1 -w 2 -I c0 10.77.0.2 || true; } | grep -q 'reply from 10.77.0.2'; }
undo() {
	ip netns del "$twin"
	ip -n "$ROUTER" link set r0 nomaster; ip -n "$ROUTER" link del br0
	ip -n "$ROUTER" addr add 10.77.0.1/24 dev r0; ip -n "$ROUTER" addr add fd77::1/64 dev r0 nodad
	ip -n "$ROUTER" neigh flush all; ip -n "$CLIENT" neigh flush all
	await router ping -c 1 -W 1 10.77.0.2
}
