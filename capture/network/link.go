package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Kinds of link.
const (
	wired    = "wired"
	wireless = "wifi"
	mobile   = "mobile"
	tunnel   = "vpn"
	ignored  = "" // bridges, containers, virtual machines: they reach nothing by themselves
)

// link is one way out of this computer.
type link struct {
	name      string
	kind      string
	connected bool // switched on, and something at the other end
	addresses []netip.Addr
}

// usable are the addresses that reach further than this computer's own cable.
func (l link) usable() (list []netip.Addr) {
	for _, a := range l.addresses {
		if !a.IsLinkLocalUnicast() && a.IsGlobalUnicast() {
			list = append(list, a)
		}
	}
	return list
}

// selfAssigned is an address that the computer made up because nobody gave it
// one (RFC 3927).
func (l link) selfAssigned() (netip.Addr, bool) {
	for _, a := range l.addresses {
		if a.Is4() && a.IsLinkLocalUnicast() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// findLinks lists the ways out. Every system's own names for "up" and
// "something is plugged in" arrive here as two flags.
func findLinks(context.Context) (func(*picture), error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	var links []link
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			continue
		}
		l := link{name: i.Name, kind: kindOf(i), connected: i.Flags&net.FlagUp != 0 && i.Flags&net.FlagRunning != 0}
		if l.kind == ignored {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			return nil, fmt.Errorf("read the addresses of %s: %w", i.Name, err)
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				l.addresses = append(l.addresses, p.Addr())
			}
		}
		links = append(links, l)
	}
	return func(p *picture) { p.links, p.linksKnown = links, true }, nil
}

// radio is the Wi-Fi's own state.
type radio struct {
	off       bool // switched off by a key or in the settings
	name      string
	signalDBM float64 // 0: not known
	bandGHz   float64 // 2.4, 5 or 6; 0: not known
	mbps      float64 // how fast the two sides have agreed to send; 0: not known
}

// band is where a frequency lies.
func band(mhz int) float64 {
	switch {
	case mhz >= 2400 && mhz < 2500:
		return 2.4
	case mhz >= 4900 && mhz < 5925:
		return 5
	case mhz >= 5925 && mhz < 7200:
		return 6
	}
	return 0
}

func findRadio(ctx context.Context) (func(*picture), error) {
	r, err := readRadio(ctx)
	if err != nil {
		return nil, err
	}
	return func(p *picture) { p.radio = r }, nil
}

// virtualNames begin the names of interfaces that lead only to programs on
// this computer.
var virtualNames = []string{"docker", "br-", "virbr", "vmnet", "vboxnet", "veth-", "lxc", "lxd", "cni", "flannel", "cali", "podman", "ifb", "dummy", "sit", "ip6tnl", "gre", "teql"}

func virtual(name string) bool {
	for _, v := range virtualNames {
		if strings.HasPrefix(name, v) {
			return true
		}
	}
	return false
}

func literal(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost"
}
