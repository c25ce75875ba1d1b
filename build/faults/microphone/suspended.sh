# The microphone has been put to sleep by hand, and nothing wakes it: no sound data comes.
# expect: mic.no_frames
# lab: room
make()  { client pactl suspend-source "$MIC" 1; }
prove() { client pactl list short sources | grep "	$MIC	" | grep -q SUSPENDED && [ "$(client timeout 2 parec --raw -d "$MIC" | head -c 1 | wc -c)" = 0 ]; }
undo()  { client pactl suspend-source "$MIC" 0; }
