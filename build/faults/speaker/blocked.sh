# Programs play, but the loudspeaker is suspended and takes nothing.
# expect: speaker.blocked
# lab: room
make()  { client pactl suspend-sink "$SPEAKER" 1; }
prove() { client pactl list short sinks | grep -w "$SPEAKER" | grep -q SUSPENDED; }
undo()  { client pactl suspend-sink "$SPEAKER" 0; }
