package network

import (
	"context"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What the system says when the other end, or the way there, says no.
const (
	connRefused     = syscall.ECONNREFUSED
	connReset       = syscall.ECONNRESET
	netUnreachable  = syscall.ENETUNREACH
	hostUnreachable = syscall.EHOSTUNREACH
)

// ports are the names of the hardware by interface: "en0" is "Wi-Fi".
var ports = sync.OnceValue(func() map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, "/usr/sbin/networksetup", "-listallhardwareports").Output()
	m, port := map[string]string{}, ""
	for _, l := range strings.Split(string(out), "\n") {
		if p, ok := strings.CutPrefix(l, "Hardware Port: "); ok {
			port = p
		} else if d, ok := strings.CutPrefix(l, "Device: "); ok {
			m[d] = port
		}
	}
	return m
})

func kindOf(i net.Interface) string {
	port := ports()[i.Name]
	switch {
	case port == "Wi-Fi":
		return wireless
	case strings.Contains(port, "Thunderbolt"), strings.Contains(port, "Bridge"):
		return ignored // between two computers
	case strings.HasPrefix(i.Name, "utun"), strings.HasPrefix(i.Name, "ppp"), strings.HasPrefix(i.Name, "ipsec"):
		return tunnel
	case strings.HasPrefix(i.Name, "en"):
		return wired
	}
	return ignored
}

func defaultRoutes(ctx context.Context) (list []route, err error) {
	for _, family := range []string{"-inet", "-inet6"} {
		out, err := exec.CommandContext(ctx, "/sbin/route", "-n", "get", family, "default").Output()
		if err != nil {
			continue // "not in table"
		}
		var r route
		for _, l := range strings.Split(string(out), "\n") {
			key, value, _ := strings.Cut(strings.TrimSpace(l), ": ")
			switch key {
			case "gateway":
				a, _ := netip.ParseAddr(value)
				r.gateway = a.WithZone("")
			case "interface":
				r.link = value
			}
		}
		if r.link != "" {
			list = append(list, r)
		}
	}
	return list, nil
}

// neighbourState asks the table of who is near. It knows IPv4 only.
func neighbourState(ip netip.Addr) string {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/sbin/arp", "-n", ip.String()).Output()
	switch {
	case err != nil:
		return ""
	case strings.Contains(string(out), "(incomplete)"):
		return absent
	}
	return present
}

func nameServers(context.Context) (list []netip.Addr, err error) {
	raw, err := os.ReadFile("/etc/resolv.conf") // written by the system from what is in use
	if err != nil {
		return nil, err
	}
	for _, l := range strings.Split(string(raw), "\n") {
		f := strings.Fields(l)
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil {
			list = append(list, a)
		}
	}
	return list, nil
}
