# The microphone is muted in PipeWire.
# expect: mic.muted
# lab: room-pipewire
node()  { client pw-cli list-objects Node | awk -v want="\"$MIC\"" '$1=="id"{sub(",","",$2); id=$2} $1=="node.name" && $3==want{print id; exit}'; }
make()  { client wpctl set-mute "$(node)" 1; }
prove() { client wpctl get-volume "$(node)" | grep -q MUTED; }
undo()  { client wpctl set-mute "$(node)" 0; }
