# The camera starts, but no picture ever arrives.
# expect: camera.no_frames
# lab: vm
make() { control percentage_of_dropped_buffers=100; }
prove() { ! film 1 "$WORK/f" && ! grep -q '<' "$WORK/film.out" && ! grep -qi error "$WORK/film.out"; }
undo() { plug; }
