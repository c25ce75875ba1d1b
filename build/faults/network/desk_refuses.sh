# The desk's computer is there, and the desk does not run on it.
# expect: network.desk_unreachable
# lab: room
make()  { town nft -f - <<<'table inet shut { chain i { type filter hook input priority 0; tcp dport 8443 reject with tcp reset; }; }'; }
prove() { client curl -s -m 2 https://desk.school.example:8443/v1/time; [ $? = 7 ]; }
undo()  { town nft delete table inet shut; }
