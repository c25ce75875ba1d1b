# The proxy that the desktop is set to wants a name and a password.
# expect: network.proxy_sign_in
# lab: room
make() {
	printf 'Port 3130\nListen 10.77.0.1\nTimeout 10\nMaxClients 20\nConnectPort 443\nBasicAuth teacher secret\nUser nobody\nGroup nogroup\n' >"$WORK/guard.conf"
	begin guard router tinyproxy -d -c "$WORK/guard.conf"
	await router bash -c ': </dev/tcp/10.77.0.1/3130'
	environment XDG_CURRENT_DESKTOP=KDE
	install -d -o 1000 -g 1000 "$LAB/home/.config"
	printf '[Proxy Settings]\nProxyType=1\nhttpsProxy=http://10.77.0.1 3130\n' >"$LAB/home/.config/kioslaverc"
	chmod 644 "$LAB/home/.config/kioslaverc"
}
prove() { [ "$(client curl -s -o /dev/null -w '%{http_connect}' -x http://10.77.0.1:3130 https://class.example)" = 407 ]; }
undo()  { rm -f "$LAB/home/.config/kioslaverc"; finish guard; }
