# Large packets vanish behind the router, and it does not say so (MTU).
# expect: network.mtu
# lab: room
make() {
	ip -n "$ROUTER" link set r1 mtu 1300
	router nft -f - <<<'table inet hole { chain o { type filter hook output priority 0; icmp type destination-unreachable drop; icmpv6 type packet-too-big drop; }; }'
}
prove() { admin ping -n -c 1 -W 1 203.0.113.10 >/dev/null && ! admin ping -n -c 1 -W 1 -M do -s 1400 203.0.113.10 >/dev/null; }
undo() {
	router nft delete table inet hole
	ip -n "$ROUTER" link set r1 mtu 1500
	ip -n "$CLIENT" route flush cache; ip -n "$TOWN" route flush cache
}
