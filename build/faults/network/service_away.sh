# One of the services for classes does not answer.
# expect: network.service_unreachable
# lab: room
make()  { router nft -f - <<<'table inet one { chain f { type filter hook forward priority 0; ip daddr 203.0.113.21 drop; ip6 daddr fd78::21 drop; }; }'; }
prove() { client curl -s -m 2 https://class.example/ >/dev/null && ! client curl -s -m 2 https://meet.example/ >/dev/null; }
undo()  { router nft delete table inet one; }
