# PipeWire is frozen: nobody gets an answer.
# expect: mic.server_hung
# lab: room-pipewire
server() { client pgrep -x pipewire; }
make()   { client kill -STOP $(server); }
prove()  { ! client timeout 2 pactl info; }
undo()   {
	client kill -CONT $(server)
	await client timeout 2 pactl info
}
