# The camera's brightness and contrast are turned down to nothing.
# expect: camera.black
# lab: vm
make() { control osd_text_mode=2 && control test_pattern=5 && control brightness=0 && control contrast=0; }
prove() { v4l2-ctl -d /dev/video0 -C brightness | grep -q ': 0$' && v4l2-ctl -d /dev/video0 -C contrast | grep -q ': 0$'; }
undo() { plug; }
