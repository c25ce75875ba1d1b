# The loudspeaker's volume is at zero.
# expect: speaker.volume_low
# lab: room
make()  { client pactl set-sink-volume "$SPEAKER" 0%; }
prove() { client pactl get-sink-volume "$SPEAKER" | grep -q ' 0%'; }
undo()  { client pactl set-sink-volume "$SPEAKER" 100%; }
