# The network wants a sign-in first: every page is its own, and all else is held back.
# expect: network.portal
# lab: room
make() {
	begin portal router "$PARTS" page :8000 302 http://login.wifi.example/
	await router curl -s -o /dev/null http://10.77.0.1:8000/
	router nft -f - <<-END
		table inet portal {
			chain p { type nat hook prerouting priority -100; iifname r0 tcp dport 80 redirect to :8000; }
			chain f { type filter hook forward priority 0; iifname r0 drop; }
		}
	END
}
prove() { client curl -s -m 3 -o /dev/null -w '%{redirect_url}' http://beacon.example/ | grep -q login.wifi.example; }
undo()  { router nft delete table inet portal; finish portal; }
