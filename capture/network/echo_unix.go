//go:build !windows

package network

import (
	"context"
	"net"
	"net/netip"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

// echo asks by ping, where the system lets an ordinary user do so.
func echo(ctx context.Context, ip netip.Addr) bool {
	if !ip.Is4() {
		return false
	}
	c, err := icmp.ListenPacket("udp4", "0.0.0.0")
	if err != nil {
		return false
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	m := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{Seq: 1, Data: []byte("raisehand")}}
	raw, err := m.Marshal(nil)
	if err != nil {
		return false
	}
	if _, err := c.WriteTo(raw, &net.UDPAddr{IP: ip.AsSlice()}); err != nil {
		return false
	}
	buf := make([]byte, 1500)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return false
		}
		got, err := icmp.ParseMessage(1, buf[:n])
		if u, ok := from.(*net.UDPAddr); ok && err == nil && got.Type == ipv4.ICMPTypeEchoReply && u.IP.Equal(ip.AsSlice()) {
			return true
		}
	}
}
