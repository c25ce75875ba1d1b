# The loudspeaker is muted.
# expect: speaker.muted
# lab: room
make()  { client pactl set-sink-mute "$SPEAKER" 1; }
prove() { client pactl get-sink-mute "$SPEAKER" | grep -q yes; }
undo()  { client pactl set-sink-mute "$SPEAKER" 0; }
