# The school's router gives every conversation another way out (symmetric NAT).
# expect: network.nat_strict
# lab: room
rule()  { router nft flush chain ip nat post; router nft add rule ip nat post oifname r1 masquerade "$@"; }
make()  { rule fully-random; }
prove() { router nft list chain ip nat post | grep -q fully-random; }
undo()  { rule; }
