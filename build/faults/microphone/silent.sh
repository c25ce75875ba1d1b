# A switch on the microphone is off: complete silence arrives.
# expect: mic.switch
# lab: room
make()  { hush; }
prove() { pick_up 1 && ! above 0; }
undo()  { speak; }
