package network

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// systemProxy asks the desktop in use: KDE's file, else GNOME's settings, which
// most other desktops share. A computer without a desktop may name a PAC file
// in its environment, as Chromium reads it.
func systemProxy(ctx context.Context) (setting, error) {
	if strings.Contains(strings.ToUpper(os.Getenv("XDG_CURRENT_DESKTOP")), "KDE") {
		return kdeProxy(), nil
	}
	if s := gnomeProxy(ctx); s.from != "" {
		return s, nil
	}
	if pac, ok := os.LookupEnv("auto_proxy"); ok {
		return setting{from: "environment", pac: pac, detect: pac == ""}, nil
	}
	return setting{}, nil
}

// gnomeProxy reads all of "org.gnome.system.proxy" at once:
//
//	org.gnome.system.proxy mode 'manual'
//	org.gnome.system.proxy.http port 8080
func gnomeProxy(ctx context.Context) (s setting) {
	out, err := exec.CommandContext(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy").Output()
	if err != nil {
		return s // not installed: another desktop
	}
	set := map[string]string{}
	for _, l := range strings.Split(string(out), "\n") {
		if f := strings.SplitN(l, " ", 3); len(f) == 3 {
			set[strings.TrimPrefix(strings.TrimPrefix(f[0], "org.gnome.system.proxy"), ".")+" "+f[1]] = f[2]
		}
	}
	text := func(key string) string { return strings.Trim(set[key], "'") }
	at := func(kind string) string {
		if host, port := text(kind+" host"), text(kind+" port"); host != "" && port != "0" && port != "" {
			return net.JoinHostPort(host, port)
		}
		return ""
	}
	switch text(" mode") {
	case "manual":
		s = setting{from: "GNOME", http: at("http"), https: at("https"), socks: at("socks")}
		if s.http != "" && text("http use-authentication") == "true" && text("http authentication-user") != "" {
			s.http = withUser(s.http, text("http authentication-user"), text("http authentication-password"))
		}
		for _, one := range strings.Split(strings.Trim(set[" ignore-hosts"], "[]"), ",") {
			if one = strings.Trim(strings.TrimSpace(one), "'"); one != "" {
				s.bypass = append(s.bypass, one)
			}
		}
	case "auto":
		s = setting{from: "GNOME", pac: text(" autoconfig-url")}
		s.detect = s.pac == ""
	}
	return s
}

// kdeProxy reads ~/.config/kioslaverc, group "Proxy Settings".
func kdeProxy() setting {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home, _ := os.UserHomeDir()
		dir = filepath.Join(home, ".config")
	}
	f, err := os.Open(filepath.Join(dir, "kioslaverc"))
	if err != nil {
		return setting{} // nothing was ever set
	}
	defer f.Close()
	set, group := map[string]string{}, ""
	for l := bufio.NewScanner(f); l.Scan(); {
		text := strings.TrimSpace(l.Text())
		if strings.HasPrefix(text, "[") {
			group = text
		} else if key, value, ok := strings.Cut(text, "="); ok && group == "[Proxy Settings]" {
			key, _, _ = strings.Cut(key, "[") // Key[$e]
			set[key] = strings.TrimSpace(value)
		}
	}
	at := func(key string) string { // "http://10.0.0.1 8080", or with a colon
		text := set[key]
		if i := strings.LastIndex(text, " "); i > 0 {
			text = text[:i] + ":" + text[i+1:]
		}
		if u := proxyAddress(text); u != nil && text != "" {
			return hostPort(u)
		}
		return ""
	}
	s := setting{from: "KDE"}
	switch set["ProxyType"] {
	case "1":
		s.http, s.https, s.socks = at("httpProxy"), at("httpsProxy"), at("socksProxy")
		s.bypass = strings.FieldsFunc(set["NoProxyFor"], func(r rune) bool { return r == ',' || r == ' ' })
	case "2":
		s.pac = set["Proxy Config Script"]
	case "3":
		s.detect = true
	default: // none, or the environment's
		return setting{}
	}
	return s
}
