package main

import (
	"context"
	"net"
	"os"
	"strconv"
	"time"
)

// machine is what this computer is called, and by which addresses others reach it.
type machine struct {
	name string
	ips  []net.IP
	look func(host string) ([]net.IP, error)
}

// thisMachine asks the system. A name server that does not answer costs a second.
func thisMachine(ctx context.Context) machine {
	m := machine{look: func(host string) ([]net.IP, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return net.DefaultResolver.LookupIP(ctx, "ip", host)
	}}
	m.name, _ = os.Hostname()
	links, _ := net.Interfaces()
	for _, l := range links {
		if l.Flags&net.FlagUp == 0 || l.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, _ := l.Addrs()
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
				m.ips = append(m.ips, n.IP)
			}
		}
	}
	return m
}

// openable is the address that a person can open. Listening on every address
// (0.0.0.0) is none: there it is the machine's name if that leads here, else
// its first address, IPv4 before IPv6.
func (m machine) openable(listening net.Addr) string {
	tcp, ok := listening.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return listening.String()
	}
	return net.JoinHostPort(m.host(), strconv.Itoa(tcp.Port))
}

func (m machine) host() string {
	if named, err := m.look(m.name); m.name != "" && err == nil {
		for _, ip := range named { // a name that means 127.0.1.1 means something else elsewhere
			for _, own := range m.ips {
				if ip.Equal(own) {
					return m.name
				}
			}
		}
	}
	for _, ip := range m.ips {
		if ip.To4() != nil {
			return ip.String()
		}
	}
	if len(m.ips) > 0 {
		return m.ips[0].String()
	}
	return "127.0.0.1"
}
