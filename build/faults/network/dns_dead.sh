# The name server does not answer.
# expect: network.dns_dead
# lab: room
make()  { router nft -f - <<<'table inet mute { chain i { type filter hook input priority 0; iifname r0 meta l4proto { tcp, udp } th dport 53 drop; }; }'; }
prove() { ! client dig +tries=1 +time=1 class.example >/dev/null && admin ping -c 1 -W 1 203.0.113.10 >/dev/null; }
undo()  { router nft delete table inet mute; }
