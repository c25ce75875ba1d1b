# The system disk has only a little left, nothing can be installed or updated.
# expect: system.disk_full
# lab: room
make() {
	admin mount -t tmpfs -o size=300m tmpfs /var
	admin ln -s /run /var/run
	admin sh -c 'mkdir /var/cache && head -c 120M /dev/zero >/var/cache/old.deb'
}
prove() { [ "$(client df --output=avail -m /var | tail -1)" -lt 500 ]; }
undo()  { admin umount /var; }
