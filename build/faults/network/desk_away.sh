# The desk does not answer, all else is there.
# expect: network.desk_unreachable
# lab: room
make()  { town nft -f - <<<'table inet away { chain i { type filter hook input priority 0; meta l4proto { tcp, udp } th dport 8443 drop; }; }'; }
prove() { client curl -s -m 2 https://class.example/ >/dev/null && ! client curl -s -m 2 https://desk.school.example:8443/v1/time; }
undo()  { town nft delete table inet away; }
