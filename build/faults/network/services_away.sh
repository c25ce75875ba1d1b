# None of the services for classes answers; the school's own desk does.
# expect: network.services_unreachable
# lab: room
make()  { router nft -f - <<<'table inet none { chain f { type filter hook forward priority 0; tcp dport 443 drop; }; }'; }
prove() { client curl -s -m 2 https://desk.school.example:8443/v1/time >/dev/null && ! client curl -s -m 2 https://class.example/ >/dev/null; }
undo()  { router nft delete table inet none; }
