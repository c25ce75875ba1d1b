package network

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Where the kernel tells these things; the tests have their own.
var (
	netDir     = "/sys/class/net"
	rfkillDir  = "/sys/class/rfkill"
	routes4    = "/proc/net/route"
	routes6    = "/proc/net/ipv6_route"
	arpTable   = "/proc/net/arp"
	radioTable = "/proc/net/wireless"
	resolvConf = "/etc/resolv.conf"
)

// What the system says when the other end, or the way there, says no.
const (
	connRefused     = syscall.ECONNREFUSED
	connReset       = syscall.ECONNRESET
	netUnreachable  = syscall.ENETUNREACH
	hostUnreachable = syscall.EHOSTUNREACH
)

func kindOf(i net.Interface) string {
	dir := filepath.Join(netDir, i.Name)
	has := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	says, _ := os.ReadFile(filepath.Join(dir, "uevent"))
	switch {
	case strings.Contains(string(says), "DEVTYPE=wlan"), has("wireless"), has("phy80211"):
		return wireless
	case strings.Contains(string(says), "DEVTYPE=wwan"), strings.HasPrefix(i.Name, "ww"), strings.HasPrefix(i.Name, "ppp"):
		return mobile
	case strings.Contains(string(says), "DEVTYPE=wireguard"), i.Flags&net.FlagPointToPoint != 0, has("tun_flags"):
		return tunnel
	case virtual(i.Name), has("brport"): // a bridge's ports speak through the bridge
		return ignored
	}
	return wired
}

// Flags of a route, from the kernel's route.h.
const (
	routeUp     = 0x1
	routeReject = 0x200
)

func defaultRoutes(context.Context) ([]route, error) {
	list, err := read4()
	if err != nil {
		return nil, err
	}
	six, err := read6()
	if err != nil && !os.IsNotExist(err) { // no IPv6 in this kernel
		return nil, err
	}
	return append(list, six...), nil
}

func read4() (list []route, err error) {
	raw, err := os.ReadFile(routes4)
	if err != nil {
		return nil, err
	}
	for _, l := range strings.Split(string(raw), "\n") {
		f := strings.Fields(l)
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		flags, err := strconv.ParseUint(f[3], 16, 32)
		if err != nil || flags&routeUp == 0 || flags&routeReject != 0 {
			continue
		}
		r := route{link: f[0]}
		r.metric, _ = strconv.Atoi(f[6])
		if n, err := strconv.ParseUint(f[2], 16, 32); err == nil && n != 0 {
			var b [4]byte
			binary.NativeEndian.PutUint32(b[:], uint32(n))
			r.gateway = netip.AddrFrom4(b)
		}
		list = append(list, r)
	}
	return list, nil
}

func read6() (list []route, err error) {
	raw, err := os.ReadFile(routes6)
	if err != nil {
		return nil, err
	}
	for _, l := range strings.Split(string(raw), "\n") {
		f := strings.Fields(l)
		if len(f) < 10 || strings.Trim(f[0], "0") != "" || f[1] != "00" || f[9] == "lo" {
			continue
		}
		flags, err := strconv.ParseUint(f[8], 16, 32)
		if err != nil || flags&routeUp == 0 || flags&routeReject != 0 {
			continue
		}
		b, err := hex.DecodeString(f[4])
		if err != nil {
			continue
		}
		gateway, ok := netip.AddrFromSlice(b)
		if !ok || gateway.IsUnspecified() {
			continue
		}
		metric, _ := strconv.ParseUint(f[5], 16, 32)
		list = append(list, route{gateway: gateway, link: f[9], metric: int(metric)})
	}
	return list, nil
}

// neighbourState reads the table of who is near. It knows IPv4 only.
func neighbourState(ip netip.Addr) string {
	raw, err := os.ReadFile(arpTable)
	if err != nil {
		return ""
	}
	for _, l := range strings.Split(string(raw), "\n") {
		f := strings.Fields(l)
		if len(f) < 4 || f[0] != ip.String() {
			continue
		}
		if f[2] == "0x0" { // asked for, no answer
			return absent
		}
		return present
	}
	return ""
}

func nameServers(context.Context) (list []netip.Addr, err error) {
	raw, err := os.ReadFile(resolvConf)
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

// oneLine reads a file of one line, empty if there is none.
func oneLine(dir, name string) string {
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}
