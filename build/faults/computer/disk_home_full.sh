# The disk with the teacher's documents is full.
# expect: system.disk_full
# lab: room
make() {
	admin mount -t tmpfs -o size=64m,uid=1000,mode=700 tmpfs "$LAB/home"
	client sh -c "cat /dev/zero >'$LAB/home/lecture.mkv'" || true
}
prove() { [ "$(client df --output=avail -m "$LAB/home" | tail -1)" -eq 0 ]; }
undo()  { admin umount "$LAB/home"; }
