# A second router stands behind the first one, and gives every conversation another way out.
# expect: network.nat_strict
# lab: room
second=${ROUTER}2
second() { ip netns exec "$second" "$@"; }
make() {
	ip netns add "$second"
	ip link add r2 netns "$ROUTER" type veth peer name p0 netns "$second"
	ip link add p1 netns "$second" type veth peer name s1 netns "$TOWN"
	ip -n "$second" link set lo up
	ip -n "$ROUTER" link set r2 up; ip -n "$second" link set p0 up; ip -n "$second" link set p1 up; ip -n "$TOWN" link set s1 up
	ip -n "$ROUTER" addr add 192.168.178.2/24 dev r2; ip -n "$second" addr add 192.168.178.1/24 dev p0
	ip -n "$second" addr add 198.51.100.1/24 dev p1; ip -n "$TOWN" addr add 198.51.100.10/24 dev s1
	second sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	ip -n "$ROUTER" route add 203.0.113.30/31 via 192.168.178.1
	ip -n "$second" route add 203.0.113.30/31 via 198.51.100.10
	router nft add rule ip nat post oifname r2 masquerade
	second nft -f - <<-END
		table ip nat {
			chain post {
				type nat hook postrouting priority 100
				oifname p1 masquerade fully-random
			}
		}
	END
}
prove() { second nft list ruleset | grep -q fully-random && ip -n "$ROUTER" route get 203.0.113.30 | grep -q 'via 192.168.178.1'; }
undo() {
	ip -n "$ROUTER" link del r2; ip -n "$TOWN" link del s1; ip netns del "$second"
	router nft flush chain ip nat post; router nft add rule ip nat post oifname r1 masquerade
}
