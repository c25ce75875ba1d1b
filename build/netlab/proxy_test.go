//go:build linux

package netlab

import (
	"path/filepath"
	"strings"
	"testing"

	"raisehand/capture/report"
)

const (
	pacAt   = "http://" + routerIP + ":8010/"
	onlyWay = forward + "tcp dport 443 drop; }" // nothing but the proxy leads to the services
)

// kde and gnome are how desktops keep a setting; FOLDER is the lab's folder.
func kde(lines string) string {
	return "mkdir -p FOLDER/kde && printf '[Proxy Settings]\\n" + lines + "\\n' >FOLDER/kde/kioslaverc\n"
}

func gnome(settings ...string) string {
	s := "mkdir -p FOLDER/gnome && chmod 777 FOLDER/gnome\n"
	for _, one := range settings {
		s += "XDG_CONFIG_HOME=FOLDER/gnome GSETTINGS_BACKEND=keyfile gsettings set org.gnome.system.proxy" + one + "\n"
	}
	return s + "chmod -R a+rX FOLDER/gnome\n"
}

func pac(name, text string) string {
	return "mkdir -p FOLDER/pac && cat >FOLDER/pac/" + name + " <<'X'\n" + text + "\nX\n"
}

func leads(to string) string {
	return `function FindProxyForURL(url, host) { if (isPlainHostName(host)) return "DIRECT"; return "` + to + `"; }`
}

var (
	asKDE   = []string{"XDG_CURRENT_DESKTOP=KDE", "XDG_CONFIG_HOME=FOLDER/kde"}
	asGNOME = []string{"XDG_CURRENT_DESKTOP=GNOME", "XDG_CONFIG_HOME=FOLDER/gnome", "GSETTINGS_BACKEND=keyfile"}
	both    = []string{classes, meets}
)

const (
	living = routerIP + ":3128"
	dead   = routerIP + ":3129"
	guard  = routerIP + ":3130" // wants a name and a password
)

// waysOut are computers that are told how to go out.
var waysOut = []fault{
	{name: "KDE, a proxy by hand", env: asKDE, service: both, breaks: kde("ProxyType=1\\nhttpsProxy=http://"+routerIP+" 3128\\nNoProxyFor=localhost") + rules("ROUTER", onlyWay),
		verdict: report.OK, code: "network.ok", also: setBy("KDE")},
	{name: "GNOME, a proxy by hand", env: asGNOME, service: both, breaks: gnome(" mode manual", ".https host "+routerIP, ".https port 3128") + rules("ROUTER", onlyWay),
		verdict: report.OK, code: "network.ok", also: setBy("GNOME")},
	{name: "KDE, another group of the file", env: asKDE, service: both, breaks: kde("ProxyType=0\\nhttpsProxy=http://" + routerIP + " 3129"), verdict: report.OK, code: "network.ok"},
	{name: "a PAC file leads through the proxy", env: asKDE, service: both, breaks: pac("good", leads("PROXY "+living)) + kde("ProxyType=2\\nProxy Config Script="+pacAt+"good") + rules("ROUTER", onlyWay),
		verdict: report.OK, code: "network.ok", also: setBy("KDE")},
	{name: "a PAC file with a second proxy", env: asGNOME, service: both, breaks: pac("two", leads("PROXY "+dead+"; PROXY "+living)) + gnome(" mode auto", " autoconfig-url "+pacAt+"two") + rules("ROUTER", onlyWay),
		verdict: report.OK, code: "network.ok"},
	{name: "a PAC file of the school, at home", env: asKDE, service: both, breaks: kde("ProxyType=2\\nProxy Config Script=http://wpad.inside.school.example/p.pac"),
		shows: "! ip netns exec COMPUTER getent hosts wpad.inside.school.example", verdict: report.OK, code: "network.ok"},
	{name: "automatic, and nothing there", env: asKDE, service: both, breaks: kde("ProxyType=3"), verdict: report.OK, code: "network.ok"},

	{name: "PAC file gone", env: asKDE, service: both, breaks: kde("ProxyType=2\\nProxy Config Script=" + pacAt + "none"),
		shows:   "ip netns exec COMPUTER curl -s -o /dev/null -w %{http_code} " + pacAt + "none | grep -q 404",
		verdict: report.Warn, code: "network.pac", params: map[string]string{"why": "@why.pac_missing"}},
	{name: "PAC file mistyped", env: asKDE, service: both, breaks: pac("typo", strings.TrimSuffix(leads("PROXY "+living), "}")) + kde("ProxyType=2\\nProxy Config Script="+pacAt+"typo"),
		verdict: report.Warn, code: "network.pac", params: map[string]string{"why": "@why.pac_broken"}},
	{name: "PAC file mistyped, and no other way", env: asKDE, service: both, breaks: pac("name", strings.ReplaceAll(leads("PROXY "+living), "isPlainHostName", "isPlainHost")) + kde("ProxyType=2\\nProxy Config Script="+pacAt+"name") + rules("ROUTER", onlyWay),
		verdict: report.Fail, code: "network.pac"},
	{name: "the PAC file's server is away", env: asKDE, service: both, breaks: kde("ProxyType=2\\nProxy Config Script=http://203.0.113.99/p.pac"),
		verdict: report.Warn, code: "network.pac", params: map[string]string{"why": "@why.pac_unreachable"}},
	{name: "PAC file to a dead proxy", env: asKDE, service: both, breaks: pac("dead", leads("PROXY "+dead)) + kde("ProxyType=2\\nProxy Config Script="+pacAt+"dead"),
		shows:   "! ip netns exec COMPUTER curl -s -x http://" + dead + " https://" + classes,
		verdict: report.Fail, code: "network.proxy_broken", params: map[string]string{"proxy": dead}},
	{name: "PAC file to a dead proxy, else directly", env: asKDE, service: both, breaks: pac("else", leads("PROXY "+dead+"; DIRECT")) + kde("ProxyType=2\\nProxy Config Script="+pacAt+"else"),
		verdict: report.Warn, code: "network.proxy_broken", params: map[string]string{"proxy": dead}},
	{name: "GNOME, a dead proxy", env: asGNOME, service: both, breaks: gnome(" mode manual", ".https host "+routerIP, ".https port 3129"),
		verdict: report.Fail, code: "network.proxy_broken", params: map[string]string{"proxy": dead}},
	{name: "GNOME, a proxy that wants a name", env: asGNOME, service: both, breaks: gnome(" mode manual", ".https host "+routerIP, ".https port 3130"),
		shows:   "ip netns exec COMPUTER curl -s -o /dev/null -w %{http_connect} -x http://" + guard + " https://" + classes + " | grep -q 407",
		verdict: report.Fail, code: "network.proxy_sign_in", params: map[string]string{"proxy": guard}},
	{name: "GNOME, a proxy that was told the name", env: []string{"https_proxy=http://teacher:secret@" + guard}, service: both, verdict: report.OK, code: "network.ok"},
}

func setBy(who string) func(*testing.T, report.Result) {
	return func(t *testing.T, r report.Result) {
		if r.Detail["proxy_setting"] != who {
			t.Errorf("the proxy is set by %v, want %s", r.Detail["proxy_setting"], who)
		}
	}
}

func TestWaysOut(t *testing.T) {
	w := build(t)
	conf := filepath.Join(w.dir, "guard.conf")
	write(t, conf, "Port 3130\nListen "+routerIP+"\nTimeout 10\nMaxClients 20\nConnectPort 443\nConnectPort 8443\nBasicAuth teacher secret\nUser nobody\nGroup nogroup\n")
	w.start(t, w.router, "tinyproxy", "-d", "-c", conf)
	until(t, "the name server", w.fill("ip netns exec COMPUTER getent hosts "+deskName))
	for _, at := range []string{"3128", "3130"} {
		until(t, "the proxy", w.fill("ip netns exec COMPUTER bash -c ': </dev/tcp/"+routerIP+"/"+at+"'"))
	}
	until(t, "IPv6", w.fill("ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443'"))
	for _, f := range waysOut {
		t.Run(f.name, func(t *testing.T) {
			w.whole(t)
			defer w.whole(t)
			sh(t, w.inFolder(f.breaks))
			if f.shows != "" {
				until(t, "the fault to be there", w.fill(f.shows))
			}
			var env []string
			for _, e := range f.env {
				env = append(env, w.inFolder(e))
			}
			f.check(t, w.probe(t, f.ask(), env...))
		})
	}
}

// inFolder puts the lab's folder into a script.
func (w *world) inFolder(script string) string {
	return strings.ReplaceAll(w.fill(script), "FOLDER", w.dir)
}
