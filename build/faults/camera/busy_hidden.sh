# A program of somebody else who is signed in films with the camera.
# expect: camera.busy_unknown
# lab: vm
make() { hold cheese 1001; }
prove() { ! film 1 "$WORK/f" && grep -qi busy "$WORK/film.out"; }
undo() { release cheese; }
