# A firewall opens secure pages and shows a certificate of its own.
# expect: network.tls_intercepted
# lab: room
make() {
	begin mitm router "$PARTS" tls 0.0.0.0:8002 "$LAB/pki/between.pem" "$LAB/pki/between.key"
	await router bash -c ': </dev/tcp/127.0.0.1/8002'
	router nft add table inet mitm
	router nft add chain inet mitm p '{ type nat hook prerouting priority -100; }'
	router nft add rule inet mitm p tcp dport '{ 443, 8443 }' redirect to :8002
}
prove() { client openssl s_client -connect class.example:443 -servername class.example </dev/null 2>/dev/null | openssl x509 -noout -issuer | grep -vq School; }
undo()  { router nft delete table inet mitm; finish mitm; }
