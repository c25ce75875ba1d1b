# Another program of the teacher's films with the camera.
# expect: camera.busy
# lab: vm
make() { hold cheese; }
prove() { ! film 1 "$WORK/f" && grep -qi busy "$WORK/film.out"; }
undo() { release cheese; }
