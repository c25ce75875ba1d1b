# The disk has room, but no file can be made: it holds as many as it can.
# expect: system.disk_files
# lab: room
make() {
	admin mount -t tmpfs -o size=3g,nr_inodes=200,uid=1000,mode=700 tmpfs "$LAB/home"
	client sh -c "cd '$LAB/home' && n=0; while : >page\$n; do n=\$((n+1)); done" 2>/dev/null || true
}
prove() { ! client sh -c ": >'$LAB/home/one-more'" 2>/dev/null && [ "$(client df --output=iavail "$LAB/home" | tail -1)" -eq 0 ]; }
undo()  { admin umount "$LAB/home"; }
