package network

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

const farthest = 4

// steps sends one ping per step that dies there, which an ordinary user may do
// here. A router that says nothing is not valid in the list; the list ends
// where the goal answers.
func steps(ctx context.Context, to netip.AddrPort) ([]netip.Addr, error) {
	found := make([]netip.Addr, farthest)
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() { found[i] = step(ctx, to.Addr(), i+1) })
	}
	all.Wait()
	return path(found, to.Addr()), nil
}

func step(ctx context.Context, to netip.Addr, ttl int) netip.Addr {
	c, err := icmp.ListenPacket("udp4", "0.0.0.0")
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if err := c.IPv4PacketConn().SetTTL(ttl); err != nil {
		return netip.Addr{}
	}
	// Every such socket hears all that comes: the number tells the steps apart.
	id := 0x5248 + ttl
	m := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{ID: id, Seq: ttl, Data: []byte("raisehand")}}
	raw, err := m.Marshal(nil)
	if err != nil {
		return netip.Addr{}
	}
	if _, err := c.WriteTo(raw, &net.UDPAddr{IP: to.AsSlice()}); err != nil {
		return netip.Addr{}
	}
	buf := make([]byte, 1500)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return netip.Addr{}
		}
		got, err := icmp.ParseMessage(1, buf[:n])
		u, ok := from.(*net.UDPAddr)
		if err != nil || !ok || !ours(got, id, ttl) {
			continue
		}
		a, _ := netip.AddrFromSlice(u.IP)
		return a.Unmap()
	}
}

// ours says whether a message answers the ping with this number: directly, or
// by quoting its beginning after an IP header.
func ours(m *icmp.Message, id, seq int) bool {
	switch b := m.Body.(type) {
	case *icmp.Echo:
		return m.Type == ipv4.ICMPTypeEchoReply && b.ID == id && b.Seq == seq
	case *icmp.TimeExceeded:
		if len(b.Data) == 0 {
			return false
		}
		head := int(b.Data[0]&0x0f) * 4
		if len(b.Data) < head+8 {
			return false
		}
		quoted := b.Data[head:]
		return int(quoted[4])<<8|int(quoted[5]) == id && int(quoted[6])<<8|int(quoted[7]) == seq
	}
	return false
}
