# A recorder films with the camera while Tencent Meeting is open without it.
# expect: camera.busy
# lab: vm
make() {
	cp /bin/busybox "$WORK/wemeetapp"
	chmod 755 "$WORK/wemeetapp"
	(exec -a sleep "$WORK/wemeetapp" 600) >/dev/null 2>&1 </dev/null &
	echo $! >"$WORK/class.pid"
	hold obs
}
prove() { grep -q wemeetapp "/proc/$(cat "$WORK/class.pid")/comm" && ! film 1 "$WORK/f" && grep -qi busy "$WORK/film.out"; }
undo() { kill -9 "$(cat "$WORK/class.pid")"; release obs; }
