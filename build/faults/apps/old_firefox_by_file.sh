# The browser is older than the school's own table of versions allows.
# expect: apps.browser_old
# lab: room
make() {
	printf '[{"app": "firefox", "least": "128"}]\n' >"$WORK/versions.json"
	chmod 644 "$WORK/versions.json"
	policy "{\"versions_file\": \"$WORK/versions.json\"}"
	client mkdir -p "$LAB/home/firefox"
	cp /bin/sleep "$LAB/home/firefox/firefox-bin"
	printf '[App]\nVersion=121.0.1\n' >"$LAB/home/firefox/application.ini"
	begin firefox client "$LAB/home/firefox/firefox-bin" 600
	await client pgrep -x firefox-bin
}
prove() { client pgrep -x firefox-bin >/dev/null && client grep -q '^Version=121\.' "$LAB/home/firefox/application.ini" && grep -q '"128"' "$WORK/versions.json"; }
undo()  { finish firefox; rm -rf "$LAB/home/firefox"; }
