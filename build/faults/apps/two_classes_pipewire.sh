# A class in Chrome and one in ClassIn both have the microphone open, on PipeWire.
# expect: apps.two_classes
# lab: room-pipewire
records() { client pactl list source-outputs | grep -q "application.process.binary = \"$1\""; }
make() {
	for app in chrome classin; do
		cp "$(command -v pacat)" "$WORK/$app"
		begin $app client "$WORK/$app" --record -d "$MIC" /dev/null
		await records $app
	done
}
prove() { records chrome && records classin; }
undo()  { finish chrome; finish classin; }
