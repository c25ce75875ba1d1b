# UDP does not get out: the school's servers for sound and picture answer over TCP only.
# expect: network.udp_closed
# lab: room
make() {
	policy '{"turn_servers": ["turn:stun.example"], "turn_user": "teacher", "turn_password": "secret"}'
	router nft add table inet shut
	router nft add chain inet shut f '{ type filter hook forward priority 0; }'
	router nft add rule inet shut f meta l4proto udp drop
}
prove() { client timeout 2 bash -c ': </dev/tcp/203.0.113.30/3478' && ! client dig +tries=1 +time=1 @203.0.113.53 class.example >/dev/null; }
undo()  { router nft delete table inet shut; }
