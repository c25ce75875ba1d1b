# The microphone is turned down to 3 %, where 16 bits hold nothing of a voice.
# expect: mic.volume_low
# lab: room
make()  { client pactl set-source-volume "$MIC" 3%; }
prove() { client pactl get-source-volume "$MIC" | grep -q ' 3% '; }
undo()  { client pactl set-source-volume "$MIC" 100%; }
