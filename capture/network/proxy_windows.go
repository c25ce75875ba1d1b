package network

import (
	"context"
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	winhttp    = windows.NewLazySystemDLL("winhttp.dll")
	userProxy  = winhttp.NewProc("WinHttpGetIEProxyConfigForCurrentUser")
	kernel32   = windows.NewLazySystemDLL("kernel32.dll")
	globalFree = kernel32.NewProc("GlobalFree")
)

// userProxyConfig is WINHTTP_CURRENT_USER_IE_PROXY_CONFIG.
type userProxyConfig struct {
	detect             int32
	pac, proxy, bypass *uint16
}

// systemProxy reads what the settings of this person, or of the school for
// them, say.
func systemProxy(context.Context) (setting, error) {
	if err := userProxy.Find(); err != nil {
		return setting{}, fmt.Errorf("read the system's proxies: %w", err)
	}
	var c userProxyConfig
	if ok, _, err := userProxy.Call(uintptr(unsafe.Pointer(&c))); ok == 0 {
		if err == windows.ERROR_FILE_NOT_FOUND { // nothing was ever set
			return setting{}, nil
		}
		return setting{}, fmt.Errorf("read the system's proxies: %w", err)
	}
	text := func(p *uint16) string {
		if p == nil {
			return ""
		}
		defer globalFree.Call(uintptr(unsafe.Pointer(p)))
		return windows.UTF16PtrToString(p)
	}
	s := setting{from: "Windows", detect: c.detect != 0, pac: text(c.pac)}
	// "host:port" for all, or "http=host:port;https=host:port;socks=host:port"
	for _, one := range strings.FieldsFunc(text(c.proxy), func(r rune) bool { return r == ';' || r == ' ' }) {
		switch kind, at, ok := strings.Cut(one, "="); {
		case !ok:
			s.http, s.https = one, one
		case kind == "http":
			s.http = at
		case kind == "https":
			s.https = at
		case kind == "socks":
			s.socks = at
		}
	}
	for _, one := range strings.FieldsFunc(text(c.bypass), func(r rune) bool { return r == ';' || r == ' ' }) {
		if one == "<local>" {
			s.plainNames = true
		} else {
			s.bypass = append(s.bypass, one)
		}
	}
	return s, nil
}
