# The firewall lets no UDP out but names.
# expect: network.udp_closed
# lab: room
make() {
	client raisehand check --only network --json >/dev/null # the desk has seen that its port is open
	router nft -f - <<<'table inet noudp { chain f { type filter hook forward priority 0; meta l4proto udp drop; }; }'
}
prove() { client curl -s -m 2 https://class.example/ >/dev/null && ! client dig +tries=1 +time=1 @203.0.113.53 class.example >/dev/null; }
undo()  { router nft delete table inet noudp; }
