# The teacher may not open the camera.
# expect: camera.denied
# lab: vm
make() { chmod 600 /dev/video*; }
prove() { ! "$PARTS" as 1000 44 /bin/head -c 1 /dev/video0 2>"$WORK/said"; grep -qi 'permission denied' "$WORK/said"; }
undo() { chmod 660 /dev/video*; }
