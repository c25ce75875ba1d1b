# The only browser is a Chromium package that has not been updated since 2021.
# expect: apps.browser_old
# lab: room
make() {
	cat >"$WORK/status" <<-'END'
		Package: chromium
		Status: install ok installed
		Maintainer: nobody <nobody@school.example>
		Architecture: amd64
		Version: 90.0.4430.212-1~deb10u1
		Description: web browser
	END
	chmod 644 "$WORK/status"
	admin mount --bind "$WORK/status" /var/lib/dpkg/status
}
prove() { client dpkg-query -W -f '${Version}' chromium | grep -q '^90\.'; }
undo()  { admin umount /var/lib/dpkg/status; }
