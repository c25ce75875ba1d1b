# The line behind the router is cut: the school's own network is there, and nothing beyond it.
# expect: network.no_internet
# lab: room
make() {
	router nft -f - <<-END
		table inet cut {
			chain f { type filter hook forward priority 0; drop; }
			chain o { type filter hook output priority 0; oifname r1 drop; }
		}
	END
}
prove() { admin ping -c 1 -W 1 10.77.0.1 >/dev/null && ! admin ping -c 1 -W 1 203.0.113.10 >/dev/null; }
undo()  { router nft delete table inet cut; }
