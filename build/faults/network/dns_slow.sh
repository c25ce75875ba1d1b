# The name server takes more than a second for every answer.
# expect: network.dns_slow
# lab: room
make() {
	begin late router "$PARTS" forward 10.77.0.1:8054 10.77.0.1:53 1300
	await router dig +tries=1 +time=3 -p 8054 @10.77.0.1 class.example
	router nft add table inet late
	router nft add chain inet late p '{ type nat hook prerouting priority -100; }'
	router nft add rule inet late p ip daddr 10.77.0.1 udp dport 53 redirect to :8054
}
prove() { client dig +tries=1 +time=5 class.example | awk '/Query time/ { exit !($4 > 1000) }'; }
undo()  { router nft delete table inet late; finish late; }
