# The teacher may not speak to the sound server.
# expect: mic.denied
# lab: room
socket=/run/user/1000/pulse/native
make()  { admin chmod 000 "$socket"; }
prove() { ! client test -w "$socket" && ! client pactl info; }
undo()  { admin chmod 777 "$socket"; }
