# The disk with the teacher's documents is filling up.
# expect: system.disk_low
# lab: room
make()  { admin mount -t tmpfs -o size=1500m,uid=1000,mode=700 tmpfs "$LAB/home"; }
prove() { [ "$(client df --output=avail -m "$LAB/home" | tail -1)" -lt 2048 ]; }
undo()  { admin umount "$LAB/home"; }
