# There is no room left for temporary files, so programs do not start.
# expect: system.disk_full
# lab: room
make() {
	mkdir -p "$WORK/tmp"
	admin mount -t tmpfs -o size=16m,mode=1777 tmpfs "$WORK/tmp"
	client sh -c "head -c 15M /dev/zero >'$WORK/tmp/download.part'"
	environment "TMPDIR=$WORK/tmp"
}
prove() { [ "$(client df --output=avail -m "$WORK/tmp" | tail -1)" -lt 5 ] && client sh -c 'test "$TMPDIR"'; }
undo()  { admin umount "$WORK/tmp"; }
