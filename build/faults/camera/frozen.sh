# The camera sends the same picture again and again.
# expect: camera.frozen
# lab: vm
make() { control osd_text_mode=2; }
prove() {
	film 20 "$WORK/f" || return 1
	head -c 614400 "$WORK/f" | md5sum >"$WORK/first"
	tail -c 614400 "$WORK/f" | md5sum >"$WORK/last"
	cmp -s "$WORK/first" "$WORK/last"
}
undo() { plug; }
