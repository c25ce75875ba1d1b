// Package echo is the desk's end of a measurement: leave by HTTPS → small
// packets answered one for one by UDP → bytes taken and given, all of it bounded.
package echo

import (
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"raisehand/uploader/deskapi"
)

// What one address may do. A whole school may stand behind one: a few hundred
// computers at the beginning of a lesson, then as many a minute.
const (
	leaves      = 300 // at once
	leavesEvery = 200 * time.Millisecond
	most        = 4000 // tokens alive at a time, all addresses together
	transfers   = 16   // at a time: the tickets come first
)

// ErrSlowDown says that an address, or all of them together, ask for too much.
var ErrSlowDown = errors.New("too many measurements")

// ErrUnknown is a token that was never given, or has run out.
var ErrUnknown = errors.New("no such token")

// Server measures. The zero value has no UDP. Set the fields before use.
type Server struct {
	Now  func() time.Time // nil: time.Now
	Port int              // where Answer listens; 0: there is no UDP
	Sure bool             // the school says that the port is open to the outside

	mu       sync.Mutex
	meetings map[[16]byte]*meeting
	by       map[netip.Prefix]*rate.Limiter
	met      bool // somebody from another computer has come through by UDP
	busy     int  // transfers under way
}

// meeting is one token.
type meeting struct {
	ends    time.Time
	seen    [deskapi.EchoPackets / 64]uint64
	arrived int
	answers int
	up      int // bytes still taken
	down    int // bytes still given
}

func (s *Server) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// Open gives leave to measure to whoever asks from an address.
func (s *Server) Open(from string) (deskapi.Echo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.forget(now)
	if len(s.meetings) >= most || !s.may(from, now) {
		return deskapi.Echo{}, ErrSlowDown
	}
	var token [16]byte
	rand.Read(token[:])
	if s.meetings == nil {
		s.meetings = map[[16]byte]*meeting{}
	}
	s.meetings[token] = &meeting{ends: now.Add(deskapi.EchoTime), up: deskapi.EchoTransfer, down: deskapi.EchoTransfer}
	return deskapi.Echo{
		ServerTime: now.UTC(), Token: token[:], UDPPort: s.Port, UDPSure: s.Port != 0 && (s.Sure || s.met),
		Packets: deskapi.EchoPackets, PacketBytes: deskapi.MaxPacket, TransferBytes: deskapi.EchoTransfer,
	}, nil
}

// forget drops what has run out, when there is something to gain.
func (s *Server) forget(now time.Time) {
	if len(s.meetings) > most/2 {
		for t, m := range s.meetings {
			if now.After(m.ends) {
				delete(s.meetings, t)
			}
		}
	}
	if len(s.by) > 10_000 {
		for a, l := range s.by {
			if l.TokensAt(now) >= float64(l.Burst()) {
				delete(s.by, a)
			}
		}
	}
}

func (s *Server) may(from string, now time.Time) bool {
	who := netip.Prefix{}
	if a, err := netip.ParseAddr(trim(from)); err == nil {
		bits := 64 // one computer has a whole network of IPv6
		if a = a.Unmap(); a.Is4() {
			bits = 32
		}
		who, _ = a.WithZone("").Prefix(bits)
	}
	if s.by == nil {
		s.by = map[netip.Prefix]*rate.Limiter{}
	}
	if s.by[who] == nil {
		s.by[who] = rate.NewLimiter(rate.Every(leavesEvery), leaves)
	}
	return s.by[who].AllowN(now, 1)
}

// trim takes the brackets off an IPv6 address.
func trim(host string) string {
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		return host[1 : n-1]
	}
	return host
}

func (s *Server) find(token [16]byte) *meeting {
	m := s.meetings[token]
	if m == nil || s.now().After(m.ends) {
		return nil
	}
	return m
}

// Count says what has arrived with a token.
func (s *Server) Count(token [16]byte) (deskapi.EchoCount, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(token)
	if m == nil {
		return deskapi.EchoCount{}, ErrUnknown
	}
	return deskapi.EchoCount{Packets: m.arrived, Bytes: deskapi.EchoTransfer - m.up}, nil
}

// Transfer begins one of n bytes, to the desk or from it, and returns how many
// of them are allowed. The caller calls done at its end.
func (s *Server) Transfer(token [16]byte, n int, toDesk bool) (allowed int, done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(token)
	if m == nil {
		return 0, nil, ErrUnknown
	}
	if s.busy >= transfers {
		return 0, nil, ErrSlowDown
	}
	left := &m.down
	if toDesk {
		left = &m.up
	}
	allowed = max(0, min(n, *left))
	*left -= allowed
	s.busy++
	return allowed, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
	}), nil
}

// Answer answers packets until c is closed. It sends no more than it got: one
// answer, as long, to a packet with a token that lives and has not been used up.
func (s *Server) Answer(c *net.UDPConn) error {
	p := withSource(c)
	buf := make([]byte, deskapi.MaxPacket+1)
	for {
		n, back, err := p.read(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			if temporary(err) {
				continue
			}
			return err
		}
		if arrived, ok := s.arrive(buf[:n], back.from.Addr()); ok {
			deskapi.AnswerPacket(buf[:n], arrived)
			p.write(buf[:n], back) // an answer that cannot be sent is lost, as others are
		}
	}
}

// temporary says that reading goes on: Windows tells a socket of UDP when an
// earlier answer found a closed door.
func temporary(err error) bool {
	var n *net.OpError
	return errors.As(err, &n) && !errors.Is(err, net.ErrClosed)
}

func (s *Server) arrive(raw []byte, from netip.Addr) (arrived int, ok bool) {
	token, n, ok := deskapi.ReadPacket(raw)
	if !ok || n < 0 || n >= deskapi.EchoPackets {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(token)
	if m == nil || m.answers >= deskapi.EchoPackets {
		return 0, false
	}
	m.answers++
	if bit := uint64(1) << (n % 64); m.seen[n/64]&bit == 0 {
		m.seen[n/64] |= bit
		m.arrived++
	}
	s.met = s.met || !from.Unmap().IsLoopback()
	return m.arrived, true
}
