# A recorder has the microphone; the class app is open and does not.
# expect: apps.held
# lab: room
records() { client pactl list source-outputs | grep -q 'application.process.binary = "audacity"'; }
make() {
	cp "$(command -v pacat)" "$WORK/audacity"
	cp /bin/sleep "$WORK/classin"
	begin audacity client "$WORK/audacity" --record -d "$MIC" /dev/null
	begin classin client "$WORK/classin" 600
	await records
	await client pgrep -x classin
}
prove() { records && client pgrep -x classin >/dev/null; }
undo()  { finish audacity; finish classin; }
