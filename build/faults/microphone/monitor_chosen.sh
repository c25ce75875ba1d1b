# What the loudspeaker plays is chosen in place of the microphone.
# expect: mic.monitor
# lab: room
make()  { client pactl set-default-source "$SPEAKER.monitor"; }
prove() { client pactl get-default-source | grep -q monitor; }
undo()  { client pactl set-default-source "$MIC"; }
