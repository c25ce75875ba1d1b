# The desk shows a certificate that nobody knows.
# expect: network.desk_unproven
# lab: room
make() {
	begin other town "$PARTS" tls :9444 "$LAB/pki/between.pem" "$LAB/pki/between.key"
	await town bash -c ': </dev/tcp/127.0.0.1/9444'
	town nft -f - <<<'table inet other { chain p { type nat hook prerouting priority -100; tcp dport 8443 redirect to :9444; }; }'
}
prove() { client curl -s -m 3 https://desk.school.example:8443/v1/time; [ $? = 60 ]; }
undo()  { town nft delete table inet other; finish other; }
