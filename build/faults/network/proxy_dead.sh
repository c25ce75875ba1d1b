# The proxy that the desktop is set to does not answer.
# expect: network.proxy_broken
# lab: room
set_proxy() { client env XDG_CONFIG_HOME="$LAB/home/gnome" GSETTINGS_BACKEND=keyfile gsettings set "$@"; }
make() {
	environment XDG_CURRENT_DESKTOP=GNOME; environment XDG_CONFIG_HOME="$LAB/home/gnome"; environment GSETTINGS_BACKEND=keyfile
	install -d -o 1000 -g 1000 "$LAB/home/gnome"
	set_proxy org.gnome.system.proxy.https host 10.77.0.1
	set_proxy org.gnome.system.proxy.https port 3129
	set_proxy org.gnome.system.proxy mode manual
}
prove() { [ "$(client gsettings get org.gnome.system.proxy mode)" = "'manual'" ] && ! client curl -s -x http://10.77.0.1:3129 https://class.example; }
undo()  { rm -rf "$LAB/home/gnome"; }
