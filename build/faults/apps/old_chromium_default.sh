# The browser that opens web pages is a Chromium of 2021, from Flatpak; the system's newer one is not used.
# expect: apps.browser_old
# lab: room
id=org.chromium.Chromium
share=$LAB/home/.local/share
start=$share/flatpak/exports/bin/$id
about=$share/flatpak/app/$id/current/active/files/share/metainfo/$id.metainfo.xml
make() {
	client mkdir -p "${about%/*}" "${start%/*}" "$share/applications" "$LAB/home/.config"
	printf '<component><id>%s</id><releases><release version="90.0.4430.212" date="2021-05-10"/></releases></component>\n' $id >"$about"
	printf '#!/bin/sh\nexec flatpak run %s "$@"\n' $id >"$start"
	chmod 755 "$start"
	printf '[Desktop Entry]\nType=Application\nName=Chromium\nExec=%s %%U\n' "$start" >"$share/applications/$id.desktop"
	printf '[Default Applications]\nx-scheme-handler/http=%s.desktop\nx-scheme-handler/https=%s.desktop\n' $id $id >"$LAB/home/.config/mimeapps.list"
}
prove() { client xdg-mime query default x-scheme-handler/https | grep -qx $id.desktop && client grep -q '"90\.' "$about"; }
undo()  { rm -rf "$share/flatpak" "$share/applications/$id.desktop" "$LAB/home/.config/mimeapps.list"; }
