package network

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// lie is a name that is led to a wrong place here: the places that were given
// do not answer as they should, the places that a public name server gives do.
type lie struct {
	name  string
	here  []netip.Addr // as this network has it; none: "there is no such name"
	there []netip.Addr // as the world has it
}

// doubt says, for each name, whether who was found under it has answered; it
// is told once.
type doubt struct {
	mu      sync.Mutex
	answers map[string]chan bool
}

func (d *doubt) of(host string) chan bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answers == nil {
		d.answers = map[string]chan bool{}
	}
	c, ok := d.answers[host]
	if !ok {
		c = make(chan bool, 1)
		d.answers[host] = c
	}
	return c
}

func (d *doubt) say(host string, answered bool) {
	select {
	case d.of(host) <- answered:
	default: // two addresses of one name
	}
}

// findLies compares with public name servers, by TCP, which is seldom
// redirected: only the names under which nobody answered, and only where places
// elsewhere may be asked.
func (x *examination) findLies(ctx context.Context) (func(*picture), error) {
	if len(x.Outside) == 0 {
		return nil, errNone
	}
	var list []*url.URL
	for _, u := range append([]*url.URL{x.desk}, x.services...) {
		if u != nil && !literal(u.Hostname()) && x.classProxy(ctx, u) == nil {
			list = append(list, u)
		}
	}
	found := make([]*lie, len(list))
	var all sync.WaitGroup
	for i, u := range list {
		all.Go(func() {
			select {
			case ok := <-x.doubt.of(u.Hostname()):
				if ok {
					return
				}
			case <-time.After(patience):
			case <-ctx.Done():
				return
			}
			found[i] = x.verify(ctx, u)
		})
	}
	all.Wait()
	lies := map[string]lie{}
	for _, l := range found {
		if l != nil {
			lies[l.name] = *l
		}
	}
	return func(p *picture) { p.lies = lies }, nil
}

// verify asks the world about a name. Other addresses alone are no lie: large
// services have many, and a school may have its own. It is one when the world's
// answer, and only that, leads to who can prove the name.
func (x *examination) verify(ctx context.Context, u *url.URL) *lie {
	name := u.Hostname()
	here := resolve(ctx, name)
	if here.err != nil && !here.unknownName() {
		return nil // nobody answered: that is another fault
	}
	there := x.world(ctx, name)
	l := &lie{name: name, there: there}
	for _, a := range here.addresses {
		l.here = append(l.here, a.Unmap())
	}
	for _, a := range there {
		if slices.Contains(l.here, a) {
			return nil
		}
	}
	if len(there) == 0 || !proves(ctx, u, there[0]) {
		return nil
	}
	return l
}

// world asks the public name servers for IPv4 addresses; the first answer
// counts.
func (x *examination) world(ctx context.Context, name string) []netip.Addr {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan []netip.Addr, len(x.Outside))
	for _, server := range x.Outside {
		go func() {
			list, _ := askByTCP(ctx, server, name)
			answers <- list
		}()
	}
	for range x.Outside {
		select {
		case list := <-answers:
			if len(list) > 0 {
				return list
			}
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// askByTCP is one question over TCP (RFC 7766): two bytes of length go first.
func askByTCP(ctx context.Context, server, name string) ([]netip.Addr, error) {
	n, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return nil, err
	}
	id := uint16(rand.Uint32())
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}}
	packet, err := m.AppendPack([]byte{0, 0})
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint16(packet, uint16(len(packet)-2))
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if _, err := c.Write(packet); err != nil {
		return nil, err
	}
	head := make([]byte, 2)
	if _, err := io.ReadFull(c, head); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint16(head))
	if _, err := io.ReadFull(c, body); err != nil {
		return nil, err
	}
	var answer dnsmessage.Message
	if err := answer.Unpack(body); err != nil {
		return nil, err
	}
	if answer.ID != id {
		return nil, errors.New("an answer to another question")
	}
	var list []netip.Addr
	for _, r := range answer.Answers {
		if a, ok := r.Body.(*dnsmessage.AResource); ok {
			list = append(list, netip.AddrFrom4(a.A))
		}
	}
	return list, nil
}

// proves says whether who answers at ip can prove to be u: by certificate, or,
// where the address is a plain one, by answering at all.
func proves(ctx context.Context, u *url.URL, ip netip.Addr) bool {
	at := net.JoinHostPort(ip.String(), port(u))
	var d net.Dialer
	if u.Scheme == "http" {
		c, err := d.DialContext(ctx, "tcp", at)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	c, err := (&tls.Dialer{NetDialer: &d, Config: &tls.Config{ServerName: u.Hostname()}}).DialContext(ctx, "tcp", at)
	if err == nil {
		c.Close()
	}
	return err == nil
}
