// Package network asks how far this computer gets:
// cable or Wi-Fi → address → router → names → the desk and the class services.
package network

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// How long things may take. The whole check is done by limit, most of it after
// half of that.
const (
	limit   = 3 * time.Second
	reserve = 100 * time.Millisecond // kept for the verdict
	settle  = 100 * time.Millisecond // kept for the parts to write down what they have

	talkLimit    = 2600 * time.Millisecond // one question to the desk or a service, from name to answer
	gatewayLimit = 1600 * time.Millisecond // a router is a few metres away; three ARP questions, one a second
	dnsLimit     = 2600 * time.Millisecond
	proxyLimit   = 1500 * time.Millisecond
	outsideLimit = 1500 * time.Millisecond // places elsewhere, asked only in trouble

	// The desk answers within this time or places elsewhere are asked as well.
	// A healthy computer speaks to nobody but its own school.
	patience = 700 * time.Millisecond

	maxServices = 8
)

// Check looks at the network. It moves less than 1 MB in all; beside a class
// less than 100 kB, and measures no speed then. The zero value works: without a
// desk it judges link, address, router and names.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line) // not needed; may be nil

	Desk     string   // the desk's address; empty: Situation.Desk
	Services []string // what classes need, "zoom.us" or "https://meet.school.example/"; the first 8 are asked
	Limits   Limits   // zero: DefaultLimits
	Far      Far      // the desk's end of a measurement; nil: only short questions are asked

	// Places elsewhere that tell "no internet" from "only the desk is away".
	// They are asked only when the desk, or every service, does not answer; none
	// here, none asked.
	Beacons []string // URLs, plain http, that answer 204 and nothing else
	Outside []string // IP:port that accept a connection

	// Servers of the school for sound and picture; none here, none asked.
	STUN                   []string // "stun:host:port" or "host:port"
	TURN                   []string // "turn:host:port?transport=udp", "turns:host:port"
	TURNUser, TURNPassword string
}

// Name is the check's name in reports and words.
func (Check) Name() string { return "network" }

// Run looks at every part at the same time and judges what is known when all
// have answered or 3 seconds are over. A part that is late is named in Detail
// "not_measured".
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	end := start.Add(limit)
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		end = d
	}
	ctx, cancel := context.WithDeadline(ctx, end.Add(-reserve))
	defer cancel()

	x := c.examination()
	r := x.look(ctx)
	r.Check, r.TookMS = c.Name(), time.Since(start).Milliseconds()
	return r
}

// examination is one run of the check.
type examination struct {
	Check
	desk     *url.URL // nil: none is set
	services []*url.URL
	trouble  chan struct{} // closed when places elsewhere are to be asked
	calm     chan struct{} // closed when they need not
	line     chan *line    // the connection to the desk, when it has answered; nil: it has not
	met      *news[talk]   // how the desk answered
	felt     *news[pulse]  // what the short questions showed
	fresh    chan *line    // the connection to the desk, for the leave to measure
	enough   chan struct{} // closed when no more short questions are needed
	held     atomic.Int32  // short questions held up so far
	proxyFor func(*url.URL) (*url.URL, error)

	once sync.Once
	out  *outward // how class programs go out; see outward

	doubt doubt // of which names nobody has answered
}

func (c Check) examination() *examination {
	x := &examination{Check: c, trouble: make(chan struct{}), calm: make(chan struct{}), line: make(chan *line, 1),
		met: noNews[talk](), felt: noNews[pulse](), fresh: make(chan *line, 1), enough: make(chan struct{}), proxyFor: proxyFromEnvironment()}
	if x.Desk == "" {
		x.Desk = c.Situation.Desk
	}
	x.desk = address(x.Desk)
	for _, s := range c.Services {
		if u := address(s); u != nil && len(x.services) < maxServices {
			x.services = append(x.services, u)
		}
	}
	x.Limits = c.Limits.orDefault()
	return x
}

// address reads "host", "host:port" or a URL; nil if it is neither.
func address(s string) *url.URL {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	u.User = nil
	return u
}

// port is where u is served.
func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// part is one thing to look at. find returns what to write into the picture,
// so that a part which never comes back leaves nothing half written.
type part struct {
	name string
	find func(context.Context) (func(*picture), error)
}

var errNone = errors.New("this computer has none")

// look runs all parts side by side.
func (x *examination) look(ctx context.Context) report.Result {
	p := &picture{desk: x.desk, limits: x.Limits, missing: map[string]any{}}
	parts := x.parts()
	type found struct {
		name  string
		write func(*picture)
		err   error
	}
	all := make(chan found, len(parts))
	end, _ := ctx.Deadline()
	brief, cancel := context.WithDeadline(ctx, end.Add(-settle))
	defer cancel()
	for _, one := range parts {
		go func() {
			w, err := one.find(brief)
			all <- found{one.name, w, err}
		}()
	}
	watch := &watcher{x: x}
	if x.desk != nil {
		late := time.AfterFunc(patience, watch.alarm)
		defer late.Stop()
	} else if len(x.services) == 0 {
		watch.alarm()
	}
	waiting := map[string]bool{}
	for _, one := range parts {
		waiting[one.name] = true
	}
	for len(waiting) > 0 {
		select {
		case f := <-all:
			delete(waiting, f.name)
			if f.write != nil {
				f.write(p)
			}
			if f.err != nil && !errors.Is(f.err, errNone) {
				p.missing[f.name] = f.err.Error()
			}
			watch.see(p)
		case <-ctx.Done():
			for name := range waiting {
				p.missing[name] = "not finished in time"
			}
			return p.judge()
		}
	}
	return p.judge()
}

func (x *examination) parts() []part {
	list := []part{
		{"link", findLinks},
		{"wifi", findRadio},
		{"gateway", findGateway},
		{"proxy", x.findProxies},
	}
	list = append(list, part{"dns", func(ctx context.Context) (func(*picture), error) { return findNames(ctx, x.names(ctx)) }})
	if x.desk != nil {
		list = append(list, part{"desk", x.findDesk}, part{"pulse", x.findPulse}, part{"ipv6", x.findSix}, part{"hole", x.findHole})
		if x.Far != nil {
			list = append(list, part{"echo", x.findFar})
		}
	}
	if len(x.services) > 0 {
		list = append(list, part{"services", x.findServices})
	}
	if x.desk != nil || len(x.services) > 0 {
		list = append(list, part{"outside", x.findOutside})
	}
	return append(list, x.ownParts()...)
}

// names are those that have to be found before anything can be reached.
func (x *examination) names(ctx context.Context) (hosts []string) {
	seen := map[string]bool{}
	for _, u := range append([]*url.URL{x.desk}, x.services...) {
		if u == nil || literal(u.Hostname()) || seen[u.Hostname()] {
			continue
		}
		if u == x.desk {
			if p, err := x.proxyFor(u); err == nil && p != nil {
				continue // the proxy looks it up
			}
		} else if x.classProxy(ctx, u) != nil {
			continue
		}
		seen[u.Hostname()] = true
		hosts = append(hosts, u.Hostname())
	}
	return hosts
}
