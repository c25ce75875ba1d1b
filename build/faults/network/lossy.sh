# Every tenth packet is lost, each way.
# expect: network.unsteady
# lab: room
make()  { router nft -f - <<<'table inet lossy { chain f { type filter hook forward priority 0; numgen random mod 100 < 10 drop; }; }'; }
prove() { admin ping -n -q -c 100 -i 0.01 203.0.113.10 | awk -F'[ ,%]+' '/loss/ { for (i = 1; i < NF; i++) if ($(i + 1) == "packet") exit !($i > 8) }'; }
undo()  { router nft delete table inet lossy; }
