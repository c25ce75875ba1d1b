package echo

import (
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// socket answers from the very address that was asked: a computer with several
// would otherwise choose one, and a router on the way would let it fall.
type socket struct {
	plain *net.UDPConn
	four  *ipv4.PacketConn
	six   *ipv6.PacketConn
}

// back is the way back to who sent a packet.
type back struct {
	from netip.AddrPort
	to   net.IP // the address of ours that was asked; nil: not known
}

func withSource(c *net.UDPConn) socket {
	s := socket{plain: c}
	a, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok || !a.IP.IsUnspecified() {
		return s
	}
	if a.IP.To4() != nil {
		if p := ipv4.NewPacketConn(c); p.SetControlMessage(ipv4.FlagDst, true) == nil {
			s.four = p
		}
		return s
	}
	if p := ipv6.NewPacketConn(c); p.SetControlMessage(ipv6.FlagDst, true) == nil {
		s.six = p
	}
	return s
}

func (s socket) read(buf []byte) (n int, b back, err error) {
	var from net.Addr
	switch {
	case s.four != nil:
		var m *ipv4.ControlMessage
		if n, m, from, err = s.four.ReadFrom(buf); m != nil {
			b.to = m.Dst
		}
	case s.six != nil:
		var m *ipv6.ControlMessage
		if n, m, from, err = s.six.ReadFrom(buf); m != nil {
			b.to = m.Dst
		}
	default:
		n, b.from, err = s.plain.ReadFromUDPAddrPort(buf)
		return n, b, err
	}
	if a, ok := from.(*net.UDPAddr); ok {
		b.from = a.AddrPort()
	}
	return n, b, err
}

func (s socket) write(raw []byte, b back) {
	to := net.UDPAddrFromAddrPort(b.from)
	sent := false
	switch {
	case s.four != nil && b.to != nil:
		_, err := s.four.WriteTo(raw, &ipv4.ControlMessage{Src: b.to}, to)
		sent = err == nil
	case s.six != nil && b.to != nil:
		_, err := s.six.WriteTo(raw, &ipv6.ControlMessage{Src: b.to}, to)
		sent = err == nil
	}
	if !sent { // nothing to choose, or a system that does not let us
		s.plain.WriteToUDPAddrPort(raw, b.from)
	}
}
