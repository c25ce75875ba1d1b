# Everything, the desk too, must go by a proxy that wants a name and a password.
# expect: network.proxy_sign_in
# lab: room
make() {
	begin guard router "$PARTS" page 10.77.0.1:3131 407
	await grep -q ready "$WORK/guard.out"
	environment https_proxy=http://10.77.0.1:3131
}
prove() { [ "$(client curl -s -o /dev/null -w '%{http_connect}' https://class.example)" = 407 ]; }
undo()  { finish guard; }
