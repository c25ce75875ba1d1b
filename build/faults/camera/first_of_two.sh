# Of two cameras the first, which a class would take, sends nothing.
# expect: camera.no_frames
# lab: vm
make() { plug 2 && control percentage_of_dropped_buffers=100; }
prove() { [ -e /dev/video2 ] && ! film 1 "$WORK/f" && ! grep -q '<' "$WORK/film.out"; }
undo() { plug; }
