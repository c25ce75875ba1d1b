# The server with the file that says how to get out (PAC) does not answer.
# expect: network.pac
# lab: room
make() {
	environment XDG_CURRENT_DESKTOP=GNOME; environment XDG_CONFIG_HOME="$LAB/home/gnome"; environment GSETTINGS_BACKEND=keyfile
	install -d -o 1000 -g 1000 "$LAB/home/gnome"
	client gsettings set org.gnome.system.proxy autoconfig-url http://10.77.0.1:8010/proxy.pac
	client gsettings set org.gnome.system.proxy mode auto
}
prove() { [ "$(client gsettings get org.gnome.system.proxy mode)" = "'auto'" ] && ! client curl -s -m 1 http://10.77.0.1:8010/proxy.pac; }
undo()  { rm -rf "$LAB/home/gnome"; }
