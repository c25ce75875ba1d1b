# The desk's name is known inside the school only, and this network is not the school's.
# expect: network.name_unknown
# lab: room
make()  { policy '{"desk_url": "https://inside.school.example", "services": []}'; }
prove() { grep -q inside.school.example "$managed/90-fault.json" && client dig inside.school.example | grep -q NXDOMAIN; }
undo()  { rm -f "$managed/90-fault.json"; }
