# The microphone is turned down to nothing.
# expect: mic.volume_low
# lab: room
make()  { client pactl set-source-volume "$MIC" 0%; }
prove() { client pactl get-source-volume "$MIC" | grep -q ' 0% '; }
undo()  { client pactl set-source-volume "$MIC" 100%; }
