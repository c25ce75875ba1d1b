# The file that says how to get out (PAC) leads to a proxy that is gone.
# expect: network.proxy_broken
# lab: room
make() {
	mkdir -p "$WORK/web"
	echo 'function FindProxyForURL(url, host) { if (isPlainHostName(host)) return "DIRECT"; return "PROXY 10.77.0.1:3128"; }' >"$WORK/web/proxy.pac"
	begin web router busybox httpd -f -p 10.77.0.1:8010 -h "$WORK/web"
	await router curl -sf http://10.77.0.1:8010/proxy.pac
	environment XDG_CURRENT_DESKTOP=KDE
	install -d -o 1000 -g 1000 "$LAB/home/.config"
	printf '[Proxy Settings]\nProxyType=2\nProxy Config Script=http://10.77.0.1:8010/proxy.pac\n' >"$LAB/home/.config/kioslaverc"
	chmod 644 "$LAB/home/.config/kioslaverc"
}
prove() { client curl -sf http://10.77.0.1:8010/proxy.pac | grep -q 'PROXY 10.77.0.1:3128' && ! client curl -s -x http://10.77.0.1:3128 http://class.example; }
undo()  { rm -f "$LAB/home/.config/kioslaverc"; finish web; }
