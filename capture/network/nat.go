package network

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pion/stun/v3"
)

// How a router translates addresses, by RFC 4787's words: which outer port it
// gives to one inner port (mapping), and whom it lets in there (filtering).
const (
	untranslated = "none"                       // the computer is seen under its own address
	sameForAll   = "endpoint_independent"       // one outer port whoever is spoken to; or: anybody may answer
	byAddress    = "address_dependent"          // another port for each computer spoken to
	byPort       = "address_and_port_dependent" // another port for each conversation: symmetric
	byWhom       = "destination_dependent"      // one of the two; the servers could not tell which
)

const (
	natLimit    = 2400 * time.Millisecond
	stunLimit   = 1300 * time.Millisecond // one question, asked again after 200, 600, 1200 ms
	maxStun     = 3
	stunPort    = "3478"
	hopLimit    = 900 * time.Millisecond
	portMapping = 5351 // NAT-PMP, RFC 6886 §3.2
)

// carrierGrade are the addresses between a provider's own translator and its
// customers (RFC 6598).
var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

// nat is what the way out does to UDP.
type nat struct {
	asked     bool
	servers   []string // each with what came of it
	answered  int
	onlyTCP   string         // a server that answers over TCP and not over UDP
	local     netip.AddrPort // as this computer sees itself
	mapped    netip.AddrPort // as the first server saw it
	mapping   string         // empty: not known
	filtering string
	hops      []netip.Addr // the routers on the way out; not valid: one that says nothing
	outer     netip.Addr   // the router's own outer address, by its own word
}

// strict says that a direct conversation between two people cannot be opened.
func (n nat) strict() bool {
	return n.mapping == byPort || n.mapping == byWhom || n.mapping == byAddress
}

// carrier says that a provider translates once more beyond this network.
func (n nat) carrier() bool {
	for _, h := range append([]netip.Addr{n.local.Addr(), n.outer}, n.hops...) {
		if h.IsValid() && carrierGrade.Contains(h) {
			return true
		}
	}
	return n.outer.IsValid() && !n.outer.IsPrivate() && n.mapped.IsValid() && n.outer != n.mapped.Addr()
}

// double says whether two routers of this place translate one behind the
// other: "yes" by the nearer one's own word, "possible" if there are two private
// steps (a school may route between its own networks without translating).
func (n nat) double() string {
	switch {
	case n.mapping == untranslated || !n.mapped.IsValid() || n.mapped.Addr().IsPrivate():
		return ""
	case n.outer.IsValid() && n.outer.IsPrivate():
		return "yes"
	}
	for i, h := range n.hops {
		if i > 0 && h.IsValid() && h.IsPrivate() {
			return "possible"
		}
	}
	return ""
}

// findNAT asks the school's STUN servers how they see this computer (RFC
// 5780), and looks at the first steps of the way there.
func (x *examination) findNAT(ctx context.Context) (func(*picture), error) {
	ctx, cancel := context.WithTimeout(ctx, natLimit)
	defer cancel()
	servers := stunServers(ctx, x.STUN)
	n := nat{asked: true}
	var all sync.WaitGroup
	var first netip.AddrPort
	for _, s := range servers {
		if s.at.IsValid() && !first.IsValid() {
			first = s.at
		}
	}
	var hopErr error
	var b behaviour
	var near netip.Addr
	if first.IsValid() {
		all.Go(func() {
			brief, cancel := context.WithTimeout(ctx, hopLimit)
			defer cancel()
			n.hops, hopErr = steps(brief, first)
		})
		all.Go(func() {
			if near = nearest(ctx); near.IsValid() {
				n.outer = askRouter(ctx, netip.AddrPortFrom(near, portMapping))
			}
		})
		all.Go(func() { n.onlyTCP = onlyByTCP(ctx, servers) })
		all.Go(func() { b = behave(ctx, servers) })
	}
	all.Wait()
	if len(n.hops) > 0 && !n.hops[0].IsValid() {
		n.hops[0] = near // it is known, though it said nothing
	}
	n.local, n.mapped, n.mapping, n.filtering = b.local, b.mapped, b.mapping, b.filtering
	for _, s := range servers {
		n.servers = append(n.servers, s.name+" "+s.outcome())
		if s.mapped.IsValid() {
			n.answered++
		}
	}
	if hopErr != nil {
		hopErr = fmt.Errorf("look at the way out: %w", hopErr)
	}
	return func(p *picture) { p.nat = n }, hopErr
}

// stunServer is one that the school lists.
type stunServer struct {
	name   string
	at     netip.AddrPort
	mapped netip.AddrPort // how it saw this computer
	other  netip.AddrPort // its second address (RFC 5780 §7.4)
	took   time.Duration
	err    error
	done   chan struct{} // closed when it has been asked
}

func (s *stunServer) outcome() string {
	switch {
	case s.mapped.IsValid():
		return fmt.Sprintf("%v ms", ms(s.took))
	case timeout(s.err):
		return silence
	case refused(s.err):
		return shut
	case s.err != nil:
		return s.err.Error()
	}
	return silence
}

// stunServers reads "stun:host:port" or "host:port" and finds their names.
func stunServers(ctx context.Context, list []string) (servers []*stunServer) {
	var all sync.WaitGroup
	for _, text := range list {
		if len(servers) == maxStun {
			break
		}
		text = strings.TrimSpace(strings.TrimPrefix(text, "stun:"))
		if text == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(text); err != nil {
			text = net.JoinHostPort(strings.Trim(text, "[]"), stunPort)
		}
		s := &stunServer{name: text, done: make(chan struct{})}
		servers = append(servers, s)
		all.Go(func() { s.at, s.err = find4(ctx, text) })
	}
	all.Wait()
	return servers
}

// find4 finds the IPv4 address of host:port: that is what gets translated.
func find4(ctx context.Context, at string) (netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(at)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(a.Unmap(), uint16(n)), nil
	}
	l := resolve(ctx, host)
	for _, a := range l.addresses {
		if a = a.Unmap(); a.Is4() {
			return netip.AddrPortFrom(a, uint16(n)), nil
		}
	}
	if l.err == nil {
		l.err = errors.New("no IPv4 address")
	}
	return netip.AddrPort{}, l.err
}

// behaviour is the translation as the servers told it.
type behaviour struct {
	local, mapped      netip.AddrPort
	mapping, filtering string
}

// behave asks every server from one socket, and the first that has a second
// address from there, too. Filtering needs a socket of its own, which has
// spoken to nobody else.
func behave(ctx context.Context, servers []*stunServer) (b behaviour) {
	s, err := openStun()
	if err != nil {
		return b
	}
	defer s.close()
	var mu sync.Mutex
	var seen []sight
	var all sync.WaitGroup
	note := func(to netip.AddrPort, a stunAnswer) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, sight{to, a.mapped})
	}
	var more sync.Once
	for _, server := range servers {
		all.Go(func() {
			defer close(server.done)
			if !server.at.IsValid() {
				return
			}
			start := time.Now()
			a, err := s.ask(ctx, server.at, 0)
			server.mapped, server.other, server.took, server.err = a.mapped, a.other, time.Since(start), err
			if err != nil {
				return
			}
			note(server.at, a)
			if !a.other.IsValid() || a.other.Addr() == server.at.Addr() {
				return
			}
			more.Do(func() {
				for _, to := range []netip.AddrPort{netip.AddrPortFrom(a.other.Addr(), server.at.Port()), a.other} {
					all.Go(func() {
						if a, err := s.ask(ctx, to, 0); err == nil {
							note(to, a)
						}
					})
				}
				all.Go(func() { b.filtering = filters(ctx, server.at) })
			})
		})
	}
	all.Wait()
	for _, server := range servers {
		if server.mapped.IsValid() {
			b.mapped, b.local = server.mapped, netip.AddrPortFrom(sourceFor(server.at), s.port())
			break
		}
	}
	b.mapping = mappingOf(seen, b.local)
	if b.mapping == untranslated && b.filtering == sameForAll {
		b.filtering = ""
	}
	return b
}

// sight is how one destination saw the same socket.
type sight struct{ by, mapped netip.AddrPort }

// mappingOf compares what different destinations saw; empty if only one did.
func mappingOf(seen []sight, local netip.AddrPort) string {
	sameHostSame, sameHostOther, otherHostOther, pairs := false, false, false, 0
	for i, a := range seen {
		if a.mapped == local {
			return untranslated
		}
		for _, b := range seen[i+1:] {
			if a.by == b.by {
				continue
			}
			pairs++
			switch equal := a.mapped == b.mapped; {
			case a.by.Addr() != b.by.Addr():
				otherHostOther = otherHostOther || !equal
			case equal:
				sameHostSame = true
			default:
				sameHostOther = true
			}
		}
	}
	switch {
	case pairs == 0:
		return ""
	case sameHostOther:
		return byPort
	case otherHostOther && sameHostSame:
		return byAddress
	case otherHostOther:
		return byWhom
	}
	return sameForAll
}

// What a server is asked to answer from (RFC 5780 §7.2).
const (
	fromOtherPort    = 0x02
	fromOtherAddress = 0x06
)

// filters asks for answers from where nobody was spoken to.
func filters(ctx context.Context, server netip.AddrPort) string {
	s, err := openStun()
	if err != nil {
		return ""
	}
	defer s.close()
	if _, err := s.ask(ctx, server, 0); err != nil {
		return ""
	}
	var anybody, samePlace error
	var both sync.WaitGroup
	both.Go(func() { _, anybody = s.ask(ctx, server, fromOtherAddress) })
	both.Go(func() { _, samePlace = s.ask(ctx, server, fromOtherPort) })
	both.Wait()
	switch {
	case anybody == nil:
		return sameForAll
	case samePlace == nil:
		return byAddress
	case errors.Is(anybody, errStun):
		return "" // it says that it cannot
	}
	return byPort
}

// stunSocket sends questions and sorts what comes back.
type stunSocket struct {
	conn    *net.UDPConn
	mu      sync.Mutex
	waiting map[[stun.TransactionIDSize]byte]chan stunAnswer
}

type stunAnswer struct {
	mapped, other netip.AddrPort
	err           error
}

var errStun = errors.New("the server refuses")

func openStun() (*stunSocket, error) {
	c, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil, fmt.Errorf("open a UDP socket: %w", err)
	}
	s := &stunSocket{conn: c, waiting: map[[stun.TransactionIDSize]byte]chan stunAnswer{}}
	go s.sort()
	return s, nil
}

func (s *stunSocket) close() { s.conn.Close() }

func (s *stunSocket) port() uint16 {
	return s.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

func (s *stunSocket) sort() {
	buf := make([]byte, 1500)
	for {
		n, err := s.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP message about one of the destinations
		}
		m := &stun.Message{Raw: append([]byte(nil), buf[:n]...)}
		if m.Decode() != nil {
			continue
		}
		s.mu.Lock()
		if c, ok := s.waiting[m.TransactionID]; ok {
			select {
			case c <- readStun(m):
			default: // asked twice, answered twice
			}
		}
		s.mu.Unlock()
	}
}

func readStun(m *stun.Message) (a stunAnswer) {
	if m.Type != stun.BindingSuccess {
		return stunAnswer{err: errStun}
	}
	var x stun.XORMappedAddress
	var old stun.MappedAddress
	if x.GetFrom(m) == nil {
		a.mapped = addrPort(x.IP, x.Port)
	} else if old.GetFrom(m) == nil {
		a.mapped = addrPort(old.IP, old.Port)
	}
	var other stun.OtherAddress
	if other.GetFrom(m) == nil {
		a.other = addrPort(other.IP, other.Port)
	}
	if !a.mapped.IsValid() {
		a.err = errStun
	}
	return a
}

func addrPort(ip net.IP, port int) netip.AddrPort {
	a, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(a.Unmap(), uint16(port))
}

// question is a binding request; change is one of the constants above, or 0.
func question(change byte) (*stun.Message, error) {
	set := []stun.Setter{stun.TransactionID, stun.BindingRequest}
	if change != 0 {
		set = append(set, stun.RawAttribute{Type: stun.AttrChangeRequest, Value: []byte{0, 0, 0, change}})
	}
	return stun.Build(set...)
}

// ask sends one question, again and again while nothing comes.
func (s *stunSocket) ask(ctx context.Context, to netip.AddrPort, change byte) (stunAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, stunLimit)
	defer cancel()
	m, err := question(change)
	if err != nil {
		return stunAnswer{}, err
	}
	answer := make(chan stunAnswer, 1)
	s.mu.Lock()
	s.waiting[m.TransactionID] = answer
	s.mu.Unlock()
	again := time.NewTimer(0)
	defer again.Stop()
	for pause := 200 * time.Millisecond; ; {
		select {
		case a := <-answer:
			return a, a.err
		case <-again.C:
			if _, err := s.conn.WriteToUDPAddrPort(m.Raw, to); err != nil && ctx.Err() == nil && !refused(err) {
				return stunAnswer{}, err
			}
			again.Reset(pause)
			pause *= 2
		case <-ctx.Done():
			return stunAnswer{}, ctx.Err()
		}
	}
}

// onlyByTCP names a server that is there, by its answer over TCP, while its
// UDP stays silent. Nobody is asked while UDP answers.
func onlyByTCP(ctx context.Context, servers []*stunServer) string {
	patient := time.NewTimer(patience)
	defer patient.Stop()
	for _, s := range servers {
		select {
		case <-s.done:
			if s.err == nil {
				return ""
			}
		case <-patient.C:
			patient.Reset(0)
		case <-ctx.Done():
			return ""
		}
	}
	byTCP := make([]bool, len(servers))
	var all sync.WaitGroup
	for i, s := range servers {
		if s.at.IsValid() {
			all.Go(func() { byTCP[i] = stunOverTCP(ctx, s.at) })
		}
	}
	all.Wait()
	found := ""
	for i, s := range servers {
		select {
		case <-s.done:
		case <-ctx.Done():
			return ""
		}
		if s.mapped.IsValid() {
			return "" // UDP gets out after all
		}
		if byTCP[i] && found == "" {
			found = s.name
		}
	}
	return found
}

func stunOverTCP(ctx context.Context, to netip.AddrPort) bool {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return false
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	m, err := question(0)
	if err != nil {
		return false
	}
	if _, err := c.Write(m.Raw); err != nil {
		return false
	}
	head := make([]byte, 20) // RFC 8489 §5
	if _, err := io.ReadFull(c, head); err != nil {
		return false
	}
	return stun.IsMessage(head) && [stun.TransactionIDSize]byte(head[8:]) == m.TransactionID
}

// sourceFor is the address that this computer would send from.
func sourceFor(to netip.AddrPort) netip.Addr {
	c, err := net.Dial("udp", to.String()) // sends nothing
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// nearest is the router that this computer sends IPv4 to, if its address is a
// private one.
func nearest(ctx context.Context) netip.Addr {
	routes, err := defaultRoutes(ctx)
	if err != nil {
		return netip.Addr{}
	}
	for _, r := range routes {
		if r.gateway.Is4() && r.gateway.IsPrivate() {
			return r.gateway
		}
	}
	return netip.Addr{}
}

// askRouter asks the router for its own outer address, which some tell
// (NAT-PMP, RFC 6886 §3.2). Not valid: it does not say.
func askRouter(ctx context.Context, router netip.AddrPort) netip.Addr {
	ctx, cancel := context.WithTimeout(ctx, hopLimit)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", router.String())
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	buf := make([]byte, 64)
	for range 3 {
		if _, err := c.Write([]byte{0, 0}); err != nil {
			return netip.Addr{}
		}
		c.SetReadDeadline(time.Now().Add(250 * time.Millisecond))
		n, err := c.Read(buf)
		if err != nil && !timeout(err) {
			return netip.Addr{}
		}
		// version 0, operation 128, result 0, seconds, address
		if err == nil && n >= 12 && buf[0] == 0 && buf[1] == 128 && binary.BigEndian.Uint16(buf[2:]) == 0 {
			a := netip.AddrFrom4([4]byte(buf[8:12]))
			if a.IsGlobalUnicast() {
				return a
			}
			return netip.Addr{}
		}
	}
	return netip.Addr{}
}

// natFigures are what a technician needs of it.
func (n nat) figures(put func(string, any, bool)) {
	put("stun", n.servers, len(n.servers) > 0)
	put("nat_mapping", n.mapping, n.mapping != "")
	put("nat_filtering", n.filtering, n.filtering != "")
	put("nat_outside", n.mapped.String(), n.mapped.IsValid())
	put("nat_router_outside", n.outer.String(), n.outer.IsValid())
	put("nat_carrier", true, n.carrier())
	put("nat_double", n.double(), n.double() != "")
	var hops []string
	for _, h := range n.hops {
		if h.IsValid() {
			hops = append(hops, h.String())
		} else {
			hops = append(hops, "?")
		}
	}
	put("nat_hops", hops, len(hops) > 0)
}
