# The teacher may not speak to the sound server.
# expect: mic.denied
# lab: room
socket=/run/user/1000/pulse/native
make()  { admin chmod 000 "$socket"; }
prove() { client pactl info 2>&1 | grep -qi 'denied'; }
undo()  { admin chmod 777 "$socket"; }
