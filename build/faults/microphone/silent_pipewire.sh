# A switch on the microphone is off: complete silence arrives through PipeWire.
# expect: mic.switch
# lab: room-pipewire
make()  { hush; }
prove() { pick_up 1 && ! above 0; }
undo()  { speak; }
