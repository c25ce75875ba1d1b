# IPv6 leads nowhere, IPv4 works.
# expect: network.ipv6_broken
# lab: room
make()  { router nft -f - <<<'table inet six { chain f { type filter hook forward priority 0; meta nfproto ipv6 drop; }; }'; }
prove() { client curl -4 -s -m 2 https://desk.school.example:8443/v1/time >/dev/null && ! client curl -6 -s -m 2 https://desk.school.example:8443/v1/time; }
undo()  { router nft delete table inet six; }
