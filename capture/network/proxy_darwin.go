package network

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
)

// systemProxy reads the settings of the network service in use:
//
//	HTTPSEnable : 1
//	ExceptionsList : <array> {
//	  0 : *.local
//	}
func systemProxy(ctx context.Context) (setting, error) {
	out, err := exec.CommandContext(ctx, "/usr/sbin/scutil", "--proxy").Output()
	if err != nil {
		return setting{}, fmt.Errorf("read the system's proxies: %w", err)
	}
	s, set, list := setting{from: "macOS"}, map[string]string{}, ""
	for _, l := range strings.Split(string(out), "\n") {
		key, value, ok := strings.Cut(strings.TrimSpace(l), " : ")
		switch {
		case strings.TrimSpace(l) == "}":
			list = ""
		case !ok:
		case strings.HasPrefix(value, "<array>"):
			list = key
		case list == "ExceptionsList":
			s.bypass = append(s.bypass, value)
		case list == "":
			set[key] = value
		}
	}
	at := func(kind string) string {
		if set[kind+"Enable"] == "1" && set[kind+"Proxy"] != "" {
			return net.JoinHostPort(set[kind+"Proxy"], set[kind+"Port"])
		}
		return ""
	}
	s.http, s.https, s.socks = at("HTTP"), at("HTTPS"), at("SOCKS")
	s.plainNames = set["ExcludeSimpleHostnames"] == "1"
	if set["ProxyAutoConfigEnable"] == "1" {
		s.pac = set["ProxyAutoConfigURLString"]
	}
	s.detect = set["ProxyAutoDiscoveryEnable"] == "1"
	return s, nil
}
