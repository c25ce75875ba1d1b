# The system has closed the disk with the teacher's documents after an error.
# expect: system.disk_read_only
# lab: room
make() {
	admin mount -t tmpfs -o size=3g,uid=1000,mode=700 tmpfs "$LAB/home"
	admin mount -o remount,ro "$LAB/home"
}
prove() { ! client touch "$LAB/home/one-more" 2>/dev/null; }
undo()  { admin umount "$LAB/home"; }
