# Many packets from the computer are lost; those towards it arrive.
# expect: network.unsteady
# lab: room
make()  { router nft -f - <<<'table inet lossy { chain f { type filter hook forward priority 0; iifname r0 numgen random mod 100 < 14 drop; }; }'; }
prove() { admin ping -n -q -c 100 -i 0.01 203.0.113.10 | awk -F'[ ,%]+' '/loss/ { for (i = 1; i < NF; i++) if ($(i + 1) == "packet") exit !($i > 5) }'; }
undo()  { router nft delete table inet lossy; }
