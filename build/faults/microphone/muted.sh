# The microphone is muted in the system.
# expect: mic.muted
# lab: room
make()  { client pactl set-source-mute "$MIC" 1; }
prove() { client pactl get-source-mute "$MIC" | grep -q yes; }
undo()  { client pactl set-source-mute "$MIC" 0; }
