# The camera's cover is closed: the picture is black.
# expect: camera.black
# lab: vm
make() { control osd_text_mode=2 && control test_pattern=5; }
prove() { # the brightest point of a frame is dark: YUYV, every second byte is brightness
	film 30 "$WORK/f" || return 1
	tail -c 300000 "$WORK/f" | head -c 20000 | od -An -v -t u1 -w2 | awk '$1 > 40 { bright = 1 } END { exit bright }'
}
undo() { plug; }
