package network

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// watcher decides whether places elsewhere are asked: only in trouble.
type watcher struct {
	x    *examination
	once sync.Once
}

func (w *watcher) alarm() { w.once.Do(func() { close(w.x.trouble) }) }
func (w *watcher) calm()  { w.once.Do(func() { close(w.x.calm) }) }

func (w *watcher) see(p *picture) {
	servicesDone := len(w.x.services) == 0 || len(p.services) > 0
	someService := len(w.x.services) == 0 || p.servicesReached() > 0
	switch {
	case p.talk.asked && !p.talk.ok(), servicesDone && !someService:
		w.alarm()
	case (w.x.desk == nil || p.talk.ok()) && servicesDone:
		w.calm()
	}
}

// outside is what places elsewhere said.
type outside struct {
	asked   bool
	beacon  bool   // one of them answered as it should
	portal  bool   // something else answered in their place
	where   string // the host that it sent us to
	reached bool   // a connection to a number was accepted
}

func (o outside) ok() bool { return o.beacon || o.reached && !o.portal }

func (x *examination) findOutside(ctx context.Context) (func(*picture), error) {
	select {
	case <-x.trouble:
	case <-x.calm:
		return nil, errNone
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, outsideLimit)
	defer cancel()
	o := outside{asked: len(x.Beacons)+len(x.Outside) > 0}
	direct := &examination{proxyFor: func(*url.URL) (*url.URL, error) { return nil, nil }}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, b := range x.Beacons {
		u := address(b)
		if u == nil {
			continue
		}
		all.Go(func() {
			t := direct.speak(ctx, "GET", u, func(r *http.Response) string {
				if page(r) {
					return elsewhere
				}
				if r.StatusCode == http.StatusNoContent {
					return answered
				}
				return badStatus
			})
			mu.Lock()
			defer mu.Unlock()
			o.beacon = o.beacon || t.ok()
			if t.how == elsewhere {
				o.portal, o.where = true, t.where
			}
		})
	}
	for _, to := range x.Outside {
		all.Go(func() {
			var d net.Dialer
			if c, err := d.DialContext(ctx, "tcp", to); err == nil {
				c.Close()
				mu.Lock()
				o.reached = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	o.portal = o.portal && !o.beacon
	return func(p *picture) { p.outside = o }, nil
}

// sixth is IPv6 beside IPv4, to the same host.
type sixth struct {
	measured bool
	host     string
	hole     bool // IPv4 answers, IPv6 packets vanish
}

// sixLimit is how long a connection by IPv6 may take; browsers give it 250 ms
// before they try IPv4 as well (RFC 8305 §5), older class programs wait.
const sixLimit = 1500 * time.Millisecond

// findSix looks for a host that has both kinds of address, and tries both.
func (x *examination) findSix(ctx context.Context) (func(*picture), error) {
	for _, u := range append([]*url.URL{x.desk}, x.services...) {
		if u == nil || literal(u.Hostname()) {
			continue
		}
		if x.classProxy(ctx, u) != nil {
			continue
		}
		l := resolve(ctx, u.Hostname())
		var four, six netip.Addr
		for _, a := range l.addresses {
			if a = a.Unmap(); a.Is4() {
				four = a
			} else {
				six = a
			}
		}
		if !four.IsValid() || !six.IsValid() {
			continue
		}
		s := sixth{measured: true, host: u.Hostname()}
		s.hole = vanishes(ctx, six, four, port(u))
		return func(p *picture) { p.six = s }, nil
	}
	return nil, errNone
}

func vanishes(ctx context.Context, six, four netip.Addr, port string) bool {
	ctx, cancel := context.WithTimeout(ctx, sixLimit)
	defer cancel()
	fourErr := make(chan error, 1)
	dial := func(a netip.Addr) error {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
		if err == nil {
			c.Close()
		}
		return err
	}
	go func() { fourErr <- dial(four) }()
	err := dial(six)
	return err != nil && timeout(err) && <-fourErr == nil
}
