# PipeWire's session manager is frozen, and with it everybody who asks.
# expect: mic.server_hung
# lab: room-pipewire
server() { client pgrep -x wireplumber; }
make()   { client kill -STOP $(server); }
prove()  { ! client timeout 2 pactl info; }
undo()   {
	client kill -CONT $(server)
	await client timeout 2 pactl info
}
