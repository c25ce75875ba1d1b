# PulseAudio is frozen: nobody gets an answer.
# expect: mic.server_hung
# lab: room
server() { client pgrep -x pulseaudio; }
make()   { client kill -STOP $(server); }
prove()  { ! client timeout 2 pactl info; }
undo()   {
	client kill -CONT $(server)
	await client timeout 2 pactl info
}
