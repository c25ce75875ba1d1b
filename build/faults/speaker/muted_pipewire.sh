# The loudspeaker is muted in PipeWire.
# expect: speaker.muted
# lab: room-pipewire
make()  { client wpctl set-mute @DEFAULT_AUDIO_SINK@ 1; }
prove() { client wpctl get-volume @DEFAULT_AUDIO_SINK@ | grep -q MUTED; }
undo()  { client wpctl set-mute @DEFAULT_AUDIO_SINK@ 0; }
