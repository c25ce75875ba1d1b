# Zoom and Tencent Meeting both have the microphone open.
# expect: apps.two_classes
# lab: room
records() { client pactl list source-outputs | grep -q "application.process.binary = \"$1\""; }
make() {
	for app in zoom wemeetapp; do
		cp "$(command -v pacat)" "$WORK/$app"
		begin $app client "$WORK/$app" --record -d "$MIC" /dev/null
		await records $app
	done
}
prove() { records zoom && records wemeetapp; }
undo()  { finish zoom; finish wemeetapp; }
