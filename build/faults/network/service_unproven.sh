# One class service shows a certificate that nobody trusts.
# expect: network.service_unproven
# lab: room
make() {
	begin mitm router "$PARTS" tls 0.0.0.0:8002 "$LAB/pki/between.pem" "$LAB/pki/between.key"
	await router bash -c ': </dev/tcp/127.0.0.1/8002'
	router nft add table inet mitm
	router nft add chain inet mitm p '{ type nat hook prerouting priority -100; }'
	router nft add rule inet mitm p ip daddr 203.0.113.21 tcp dport 443 redirect to :8002
}
prove() { client openssl s_client -connect meet.example:443 -servername meet.example </dev/null 2>/dev/null | openssl x509 -noout -issuer | grep -vq School; }
undo()  { router nft delete table inet mitm; finish mitm; }
