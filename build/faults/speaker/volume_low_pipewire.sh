# The loudspeaker is turned down to three percent in PipeWire.
# expect: speaker.volume_low
# lab: room-pipewire
make()  { client wpctl set-volume @DEFAULT_AUDIO_SINK@ 0.03; }
prove() { client wpctl get-volume @DEFAULT_AUDIO_SINK@ | grep -q 0.03; }
undo()  { client wpctl set-volume @DEFAULT_AUDIO_SINK@ 1; }
