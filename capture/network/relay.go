package network

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pion/stun/v3"
	"github.com/pion/turn/v4"
)

const (
	relayLimit = 2400 * time.Millisecond
	maxRelays  = 6 // server and transport
)

// relay is one server that passes sound and picture on (TURN, RFC 8656), by
// one transport.
type relay struct {
	at        string // host:port
	transport string // "udp", "tcp", "tls"
	how       string // answered, or why not
	passed    bool   // a packet went through it and came back
	took      time.Duration
	err       error
}

// signedOut is a relay that is there and does not accept the school's name
// and password: no fault of the network.
const signedOut = "sign_in_refused"

// open says that the way to the relay is open.
func (r relay) open() bool { return r.how == answered || r.how == signedOut }

func (r relay) String() string {
	s := r.at + " " + r.transport + " " + r.how
	if r.how == answered {
		s = fmt.Sprintf("%s %v ms, packet passed on: %t", s, ms(r.took), r.passed)
	} else if r.err != nil {
		s += ": " + r.err.Error()
	}
	return s
}

// relays reads turn: and turns: addresses (RFC 7065). Without a transport,
// turn: is tried by UDP and TCP; turns: is TLS.
func relays(list []string) (all []relay) {
	for _, text := range list {
		scheme, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
		if !ok || scheme != "turn" && scheme != "turns" {
			continue
		}
		at, query, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "?")
		if _, _, err := net.SplitHostPort(at); err != nil {
			at = net.JoinHostPort(strings.Trim(at, "[]"), map[string]string{"turn": "3478", "turns": "5349"}[scheme])
		}
		set, _ := url.ParseQuery(query)
		transports := []string{"udp", "tcp"}
		if t := set.Get("transport"); t == "udp" || t == "tcp" {
			transports = []string{t}
		}
		if scheme == "turns" {
			transports = []string{"tls"}
		}
		for _, t := range transports {
			if len(all) < maxRelays {
				all = append(all, relay{at: at, transport: t})
			}
		}
	}
	return all
}

// findRelays asks each relay for a place and sends one packet through it, to
// itself.
func (x *examination) findRelays(ctx context.Context) (func(*picture), error) {
	ctx, cancel := context.WithTimeout(ctx, relayLimit)
	defer cancel()
	list := relays(x.TURN)
	if len(list) == 0 {
		return nil, errNone
	}
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() { list[i].try(ctx, x.TURNUser, x.TURNPassword) })
	}
	all.Wait()
	return func(p *picture) { p.relays = list }, nil
}

func (r *relay) try(ctx context.Context, user, password string) {
	start := time.Now()
	defer func() { r.took = time.Since(start) }()
	c, to, err := r.dial(ctx)
	if err != nil {
		r.fail(ctx, err)
		return
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	client, err := turn.NewClient(&turn.ClientConfig{TURNServerAddr: to, Conn: c, Username: user, Password: password,
		RTO: 300 * time.Millisecond})
	if err != nil {
		r.fail(ctx, err)
		return
	}
	defer client.Close()
	end := context.AfterFunc(ctx, client.Close)
	defer end()
	if err := client.Listen(); err != nil {
		r.fail(ctx, err)
		return
	}
	place, err := client.Allocate()
	if err != nil {
		r.fail(ctx, err)
		return
	}
	r.how = answered
	r.passed = passes(ctx, place)
	place.Close() // gives the place back
}

// fail says in one word why there is no place.
func (r *relay) fail(ctx context.Context, err error) {
	r.err = err
	var said *stun.TurnError
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &said), errors.Is(err, stun.ErrAttributeNotFound):
		r.how = signedOut // it answered, with a no
	case errors.As(err, &certificate):
		r.how = unproven
	case errors.As(err, &dns):
		r.how = noName
	case refused(err):
		r.how = shut
	case ctx.Err() != nil, timeout(err):
		r.how = silence
	default:
		r.how = broken
	}
}

// passes sends a packet to the relay's own outer address: it comes back if
// the relay passes packets on.
func passes(ctx context.Context, place net.PacketConn) bool {
	packet := []byte("raisehand")
	back := make(chan bool, 1)
	go func() {
		buf := make([]byte, 1500)
		for {
			n, _, err := place.ReadFrom(buf)
			if err != nil || bytes.Equal(buf[:n], packet) {
				back <- err == nil
				return
			}
		}
	}()
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for range 4 {
		if _, err := place.WriteTo(packet, place.LocalAddr()); err != nil {
			return false
		}
		select {
		case ok := <-back:
			return ok
		case <-again.C:
		case <-ctx.Done():
			return false
		}
	}
	return false
}

// dial opens the way to the relay, and says to which number it leads.
func (r *relay) dial(ctx context.Context) (net.PacketConn, string, error) {
	host, _, _ := net.SplitHostPort(r.at)
	var d net.Dialer
	var c net.Conn
	var err error
	switch r.transport {
	case "udp":
		to, err := find4(ctx, r.at)
		if err != nil {
			return nil, "", err
		}
		c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to)) // only a connected socket hears "refused"
		if err != nil {
			return nil, "", err
		}
		return connected{c}, to.String(), nil
	case "tls":
		c, err = (&tls.Dialer{NetDialer: &d, Config: &tls.Config{ServerName: host}}).DialContext(ctx, "tcp4", r.at)
	default:
		c, err = d.DialContext(ctx, "tcp4", r.at)
	}
	if err != nil {
		return nil, "", err
	}
	return turn.NewSTUNConn(c), c.RemoteAddr().String(), nil
}

// connected is a UDP socket that speaks to one computer only.
type connected struct{ *net.UDPConn }

func (c connected) WriteTo(b []byte, _ net.Addr) (int, error) { return c.Write(b) }

// relayFigures are what a technician needs of it.
func relayFigures(list []relay, put func(string, any, bool)) {
	var lines []string
	for _, r := range list {
		lines = append(lines, r.String())
	}
	put("turn", lines, len(lines) > 0)
}

// relayed says whether a relay can be reached by one of the transports.
func relayed(list []relay, transports ...string) bool {
	for _, r := range list {
		for _, t := range transports {
			if r.transport == t && r.how == answered {
				return true
			}
		}
	}
	return false
}

// relayByTCPOnly names a relay that is there by TCP or TLS and whose UDP stays
// silent.
func relayByTCPOnly(list []relay) string {
	for _, u := range list {
		if u.transport == "udp" && u.open() {
			return ""
		}
	}
	for _, u := range list {
		if u.transport != "udp" || u.how != silence {
			continue
		}
		host, _, _ := net.SplitHostPort(u.at)
		for _, t := range list {
			if other, _, _ := net.SplitHostPort(t.at); other == host && t.transport != "udp" && t.open() {
				return u.at
			}
		}
	}
	return ""
}
