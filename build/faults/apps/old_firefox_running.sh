# The class is open in a Firefox that somebody unpacked at home years ago.
# expect: apps.browser_old
# lab: room
make() {
	client mkdir -p "$LAB/home/firefox"
	cp /bin/sleep "$LAB/home/firefox/firefox"
	printf '[App]\nVendor=Mozilla\nName=Firefox\nVersion=78.15.0\n' >"$LAB/home/firefox/application.ini"
	begin firefox client "$LAB/home/firefox/firefox" 600
	await client pgrep -x firefox
}
prove() { client pgrep -x firefox >/dev/null && client grep -q '^Version=78\.' "$LAB/home/firefox/application.ini"; }
undo()  { finish firefox; rm -rf "$LAB/home/firefox"; }
