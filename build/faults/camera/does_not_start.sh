# The camera's driver refuses to start it.
# expect: camera.failed
# lab: vm
refuse='inject_vidioc_streamon_error=1' # once: each proof uses it up
make() { control $refuse; }
prove() { ! film 1 "$WORK/f" && grep -q STREAMON "$WORK/film.out" && control $refuse; }
undo() { plug; }
