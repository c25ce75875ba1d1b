# A screen recorder has the microphone; Tencent Meeting is open and does not. On PipeWire.
# expect: apps.held
# lab: room-pipewire
records() { client pactl list source-outputs | grep -q 'application.process.binary = "obs"'; }
make() {
	cp "$(command -v pacat)" "$WORK/obs"
	cp /bin/sleep "$WORK/wemeetapp"
	begin obs client "$WORK/obs" --record -d "$MIC" /dev/null
	begin wemeetapp client "$WORK/wemeetapp" 600
	await records
	await client pgrep -x wemeetapp
}
prove() { records && client pgrep -x wemeetapp >/dev/null; }
undo()  { finish obs; finish wemeetapp; }
