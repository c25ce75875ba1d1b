# The school's relay for sound and picture cannot be reached by any transport.
# expect: network.turn_closed
# lab: room
make() {
	policy '{"turn_servers": ["turn:stun.example", "turns:stun.example"], "turn_user": "teacher", "turn_password": "secret", "stun_servers": []}'
	router nft add table inet turn
	router nft add chain inet turn f '{ type filter hook forward priority 0; }'
	router nft add rule inet turn f ip daddr 203.0.113.30 drop
}
prove() { ! client timeout 1 bash -c ': </dev/tcp/203.0.113.30/3478' 2>/dev/null; }
undo()  { router nft delete table inet turn; }
