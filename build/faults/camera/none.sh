# The camera is not plugged in.
# expect: camera.none
# lab: vm
make() { unplug_all; }
prove() { ! ls /dev/video* && v4l2-ctl --list-devices 2>&1 | grep -qi 'cannot open\|no such\|failed'; }
undo() { plug; }
