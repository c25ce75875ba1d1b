# The file that says how to get out (PAC) is no longer on its server.
# expect: network.pac
# lab: room
make() {
	begin web router "$PARTS" page 10.77.0.1:8010 404
	await grep -q ready "$WORK/web.out"
	environment XDG_CURRENT_DESKTOP=KDE
	install -d -o 1000 -g 1000 "$LAB/home/.config"
	printf '[Proxy Settings]\nProxyType=2\nProxy Config Script=http://10.77.0.1:8010/proxy.pac\n' >"$LAB/home/.config/kioslaverc"
	chmod 644 "$LAB/home/.config/kioslaverc"
}
prove() { [ "$(client curl -s -o /dev/null -w '%{http_code}' http://10.77.0.1:8010/proxy.pac)" = 404 ]; }
undo()  { rm -f "$LAB/home/.config/kioslaverc"; finish web; }
