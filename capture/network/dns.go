package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// lookup is one name asked of the system.
type lookup struct {
	name      string
	took      time.Duration
	addresses []netip.Addr
	err       error
}

func (l lookup) unknownName() bool {
	var d *net.DNSError
	return errors.As(l.err, &d) && d.IsNotFound
}

// resolving is what became of the names.
type resolving struct {
	known   bool
	lookups []lookup
	servers []netip.Addr
	// answers are the servers' own, by address; a refusal is an answer too.
	answers map[netip.Addr]time.Duration
	lying   bool // a name that cannot exist was found
}

// findNames asks the system for every name, and each name server directly
// whether it is there at all.
func findNames(ctx context.Context, names []string) (func(*picture), error) {
	ctx, cancel := context.WithTimeout(ctx, dnsLimit)
	defer cancel()
	r := resolving{known: true, answers: map[netip.Addr]time.Duration{}}
	var err error
	if r.servers, err = nameServers(ctx); err != nil {
		err = fmt.Errorf("read the list of name servers: %w", err)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			l := resolve(ctx, name)
			mu.Lock()
			r.lookups = append(r.lookups, l)
			mu.Unlock()
		})
	}
	question := "."
	if len(names) > 0 {
		question = names[0] + "."
		all.Go(func() {
			l := resolve(ctx, fmt.Sprintf("nowhere-%08x.invalid", rand.Uint32())) // RFC 6761 §6.4: never exists
			mu.Lock()
			r.lying = l.err == nil
			mu.Unlock()
		})
	}
	for _, s := range r.servers {
		all.Go(func() {
			if took, ok := askServer(ctx, s, question); ok {
				mu.Lock()
				r.answers[s] = took
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return func(p *picture) { p.dns = r }, err
}

// resolve asks the system, which may not come back in time: then nobody waits.
// It asks once more, because a system waits 5 seconds for an answer whose
// question was lost.
func resolve(ctx context.Context, name string) lookup {
	start := time.Now()
	done := make(chan lookup, 2)
	ask := func() {
		list, err := (&net.Resolver{}).LookupNetIP(ctx, "ip", name)
		done <- lookup{name: name, addresses: list, err: err}
	}
	go ask()
	again := time.AfterFunc(secondTry, ask)
	defer again.Stop()
	select {
	case l := <-done:
		l.took = time.Since(start)
		return l
	case <-ctx.Done():
		return lookup{name: name, took: time.Since(start), err: ctx.Err()}
	}
}

// askServer sends one question over UDP, a second time after a second. Any
// answer, even a refusal, shows that somebody is there.
func askServer(ctx context.Context, server netip.Addr, name string) (time.Duration, bool) {
	n, err := dnsmessage.NewName(name)
	if err != nil {
		return 0, false
	}
	kind := dnsmessage.TypeA
	if name == "." {
		kind = dnsmessage.TypeNS
	}
	id := uint16(rand.Uint32())
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: kind, Class: dnsmessage.ClassINET}}}
	packet, err := m.Pack()
	if err != nil {
		return 0, false
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", net.JoinHostPort(server.String(), "53"))
	if err != nil {
		return 0, false
	}
	defer c.Close()
	start := time.Now()
	buf := make([]byte, 1500)
	for ctx.Err() == nil {
		if _, err := c.Write(packet); err != nil {
			return 0, false
		}
		end := time.Now().Add(time.Second)
		if d, ok := ctx.Deadline(); ok && d.Before(end.Add(200*time.Millisecond)) {
			end = d
		}
		c.SetReadDeadline(end)
		for {
			n, err := c.Read(buf)
			if err != nil {
				if !timeout(err) {
					return 0, false
				}
				break
			}
			var p dnsmessage.Parser
			if h, err := p.Start(buf[:n]); err == nil && h.ID == id && h.Response {
				return time.Since(start), true
			}
		}
	}
	return 0, false
}

func timeout(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}
