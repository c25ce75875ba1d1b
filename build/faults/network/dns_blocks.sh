# The name server says of every class service that there is no such name.
# expect: network.dns_lies
# lab: room
make() {
	begin liar router dnsmasq --keep-in-foreground --no-resolv --no-hosts --conf-file=/dev/null --pid-file= --user=root --bind-interfaces \
		--cache-size=0 --port=8053 --listen-address=10.77.0.1 --server=203.0.113.53 --address=/class.example/ --address=/meet.example/
	await router dig +tries=1 +time=1 -p 8053 @10.77.0.1 desk.school.example
	router nft add table inet liar
	router nft add chain inet liar p '{ type nat hook prerouting priority -100; }'
	router nft add rule inet liar p ip daddr 10.77.0.1 meta l4proto '{ tcp, udp }' th dport 53 redirect to :8053
}
prove() { client dig class.example | grep -q NXDOMAIN && client dig +short +tcp @1.1.1.1 class.example | grep -qx 203.0.113.20; }
undo()  { router nft delete table inet liar; finish liar; }
