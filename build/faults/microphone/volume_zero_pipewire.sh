# The microphone is turned down to nothing in PipeWire.
# expect: mic.volume_low
# lab: room-pipewire
node()  { client pw-cli list-objects Node | awk -v want="\"$MIC\"" '$1=="id"{sub(",","",$2); id=$2} $1=="node.name" && $3==want{print id; exit}'; }
make()  { client wpctl set-volume "$(node)" 0; }
prove() { client wpctl get-volume "$(node)" | grep -q ' 0.00'; }
undo()  { client wpctl set-volume "$(node)" 1; }
