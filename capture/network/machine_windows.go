package network

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// What the system says when the other end, or the way there, says no.
const (
	connRefused     = windows.WSAECONNREFUSED
	connReset       = windows.WSAECONNRESET
	netUnreachable  = windows.WSAENETUNREACH
	hostUnreachable = windows.WSAEHOSTUNREACH
)

var (
	iphlpapi    = windows.NewLazySystemDLL("iphlpapi.dll")
	ipNetTable  = iphlpapi.NewProc("GetIpNetTable")
	icmpCreate  = iphlpapi.NewProc("IcmpCreateFile")
	icmpClose   = iphlpapi.NewProc("IcmpCloseHandle")
	icmpEcho    = iphlpapi.NewProc("IcmpSendEcho")
	errAdapters = errors.New("the list of adapters keeps growing")
)

// adapter is what the system says about one interface.
type adapter struct {
	kind     uint32
	about    string
	up       bool
	gateways []netip.Addr
	servers  []netip.Addr
	taken    []netip.Addr // its own, which somebody else uses, too
	metric4  int
	metric6  int
	index    int
	name     string
}

// adapters are read once: a probe lives for seconds.
var adapters = sync.OnceValues(func() ([]adapter, error) {
	const flags = windows.GAA_FLAG_INCLUDE_GATEWAYS | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(16 << 10)
	for range 4 {
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		if errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list the adapters: %w", err)
		}
		var list []adapter
		for a := first; a != nil; a = a.Next {
			x := adapter{kind: a.IfType, about: windows.UTF16PtrToString(a.Description), name: windows.UTF16PtrToString(a.FriendlyName),
				up: a.OperStatus == windows.IfOperStatusUp, metric4: int(a.Ipv4Metric), metric6: int(a.Ipv6Metric), index: int(a.IfIndex)}
			if x.index == 0 {
				x.index = int(a.Ipv6IfIndex)
			}
			for g := a.FirstGatewayAddress; g != nil; g = g.Next {
				if ip, ok := netip.AddrFromSlice(g.Address.IP()); ok {
					x.gateways = append(x.gateways, ip.Unmap())
				}
			}
			for u := a.FirstUnicastAddress; u != nil; u = u.Next {
				if ip, ok := netip.AddrFromSlice(u.Address.IP()); ok && u.DadState == windows.IpDadStateDuplicate {
					x.taken = append(x.taken, ip.Unmap())
				}
			}
			for s := a.FirstDnsServerAddress; s != nil; s = s.Next {
				if ip, ok := netip.AddrFromSlice(s.Address.IP()); ok {
					x.servers = append(x.servers, ip.Unmap())
				}
			}
			list = append(list, x)
		}
		return list, nil
	}
	return nil, errAdapters
})

// Kinds of adapter, from the system's ipifcons.h.
const (
	ifEthernet = 6
	ifPPP      = 23
	ifVirtual  = 53
	ifWifi     = 71
	ifTunnel   = 131
	ifMobile   = 243
	ifMobile2  = 244
)

func kindOf(i net.Interface) string {
	list, err := adapters()
	if err != nil {
		return wired
	}
	for _, a := range list {
		if a.index != i.Index {
			continue
		}
		about := strings.ToLower(a.about)
		for _, v := range []string{"hyper-v", "vmware", "virtualbox", "wi-fi direct", "bluetooth", "loopback", "npcap", "kernel debug"} {
			if strings.Contains(about, v) {
				return ignored
			}
		}
		switch a.kind {
		case ifWifi:
			return wireless
		case ifMobile, ifMobile2:
			return mobile
		case ifPPP, ifVirtual, ifTunnel:
			return tunnel
		case ifEthernet:
			for _, v := range []string{"tap-", "wintun", "wireguard", "openvpn", "anyconnect", "fortinet", "sangfor", "vpn"} {
				if strings.Contains(about, v) {
					return tunnel
				}
			}
			return wired
		}
		return ignored
	}
	return ignored
}

func defaultRoutes(context.Context) (list []route, err error) {
	all, err := adapters()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if !a.up {
			continue
		}
		for _, g := range a.gateways {
			r := route{gateway: g, link: a.name, metric: a.metric4}
			if g.Is6() {
				r.metric = a.metric6
			}
			list = append(list, r)
		}
	}
	return list, nil
}

// neighbourState reads the table of who is near. It knows IPv4 only.
func neighbourState(ip netip.Addr) string {
	if !ip.Is4() || ipNetTable.Find() != nil {
		return ""
	}
	size := uint32(32 << 10)
	buf := make([]byte, size)
	if code, _, _ := ipNetTable.Call(uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)), 0); code != 0 {
		return ""
	}
	// MIB_IPNETTABLE: a count, then rows of index, length of the hardware
	// address, that address (8 bytes), IPv4 address, type.
	const row, invalid = 24, 2
	want := ip.As4()
	for i, n := 0, int(binary.LittleEndian.Uint32(buf)); i < n && 4+(i+1)*row <= len(buf); i++ {
		r := buf[4+i*row:]
		if [4]byte(r[16:20]) != want {
			continue
		}
		if binary.LittleEndian.Uint32(r[4:]) == 0 || binary.LittleEndian.Uint32(r[20:]) == invalid {
			return absent
		}
		return present
	}
	return ""
}

// echo asks by ping, which an ordinary user may do here.
func echo(ctx context.Context, ip netip.Addr) bool {
	if !ip.Is4() || icmpCreate.Find() != nil || icmpEcho.Find() != nil {
		return false
	}
	h, _, _ := icmpCreate.Call()
	if windows.Handle(h) == windows.InvalidHandle || h == 0 {
		return false
	}
	defer icmpClose.Call(h)
	b, data := ip.As4(), []byte("raisehand")
	reply := make([]byte, 256)
	const wait = 1000 // ms
	n, _, _ := icmpEcho.Call(h, uintptr(binary.LittleEndian.Uint32(b[:])), uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)),
		0, uintptr(unsafe.Pointer(&reply[0])), uintptr(len(reply)), wait)
	// ICMP_ECHO_REPLY begins with the address and the status: 0 is success.
	return n > 0 && binary.LittleEndian.Uint32(reply[4:]) == 0 && ctx.Err() == nil
}

func nameServers(context.Context) (list []netip.Addr, err error) {
	all, err := adapters()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.up && len(a.gateways) > 0 {
			list = append(list, a.servers...)
		}
	}
	return list, nil
}
