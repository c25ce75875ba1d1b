# The first of two name servers is dead, and the next one is asked late.
# expect: network.dns_slow
# lab: room
make()  { cp "$LAB/etc/resolv.conf" "$WORK/resolv.conf"; printf 'nameserver 203.0.113.99\nnameserver 10.77.0.1\n' >"$LAB/etc/resolv.conf"; }
prove() { client grep -q 203.0.113.99 /etc/resolv.conf && ! client dig +tries=1 +time=1 @203.0.113.99 class.example >/dev/null; }
undo()  { cp "$WORK/resolv.conf" "$LAB/etc/resolv.conf"; }
