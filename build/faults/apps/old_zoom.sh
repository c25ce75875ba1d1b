# Zoom is so old that it may not enter a meeting any more.
# expect: apps.class_old
# lab: room
make() {
	mkdir "$WORK/opt"
	cp /bin/sleep "$WORK/opt/zoom"
	echo '5.10.4 (2845)' >"$WORK/opt/version.txt"
	chmod -R a+rX "$WORK/opt"
	begin zoom client "$WORK/opt/zoom" 600
	await client pgrep -x zoom
}
prove() { client pgrep -x zoom >/dev/null && client grep -q '^5\.10' "$WORK/opt/version.txt"; }
undo()  { finish zoom; }
