package network

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How the way to the desk is felt: short questions on the connection that has
// just answered, one after the other.
const (
	beats    = 25
	interval = 40 * time.Millisecond // between two questions at the soonest
	fewest   = 2                     // answers for a round trip that means anything
	several  = 5                     // answers from which on their median counts; before, the quickest
	enough   = 10                    // answers for a judgement about the lost ones

	// TCP sends again what was not confirmed, after 200 ms at the soonest (the
	// least retransmission time of Linux, tcp.h; Windows and macOS wait longer).
	// An answer that much later than the quickest, and twice as long, was lost or
	// held up on its way.
	late = 180 * time.Millisecond

	// A computer so busy that this program itself stood still says nothing about
	// the network.
	standstill = 100 * time.Millisecond
)

// pulse is what the answers told. It counts both directions together.
type pulse struct {
	measured   bool
	here       bool // the desk is on this very computer: no network was felt
	sent, lost int
	rtt        time.Duration // median; the quickest if there were few
	quickest   time.Duration
	jitter     time.Duration // median difference from one answer to the next
}

func (p pulse) lossPct() float64 {
	if p.sent == 0 {
		return 0
	}
	return 100 * float64(p.lost) / float64(p.sent)
}

// lossKnown says that there were enough questions to speak of loss.
func (p pulse) lossKnown() bool { return p.measured && !p.here && p.sent >= enough }

// beat is one question. Without an answer, took is zero and waited is how long
// there was none.
type beat struct{ took, waited time.Duration }

// line is the connection to the desk, after it has answered.
type line struct {
	client *http.Client
	url    string
	remote string
	steps  []time.Duration // of the first answer: connecting is one round trip, so is asking
	held   *atomic.Int32   // counts questions held up
}

// findPulse measures round trip, jitter and loss to the desk.
func (x *examination) findPulse(ctx context.Context) (func(*picture), error) {
	var p pulse
	defer func() { x.felt.say(p) }()
	var l *line
	select {
	case l = <-x.line:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l == nil {
		return nil, errNone // there is nobody to ask
	}
	if a, err := netip.ParseAddrPort(l.remote); err == nil {
		p.here = a.Addr().IsLoopback()
	}
	p.read(l.feel(ctx, x.enough), l.steps...)
	if x.Far == nil {
		l.client.CloseIdleConnections()
	}
	return func(all *picture) { all.pulse = p }, nil
}

// feel asks until there are beats answers, or packets by UDP have told enough,
// or ctx ends.
func (l *line) feel(ctx context.Context, enough <-chan struct{}) (list []beat) {
	w := watchOwnPace(ctx)
	defer w.stop()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for range beats {
		b, again := l.ask(ctx)
		if !w.stoodStill() {
			list = append(list, b)
			if b.waited > late {
				l.held.Add(1)
			}
		}
		if !again {
			return list
		}
		select {
		case <-tick.C:
		case <-enough:
			return list
		case <-ctx.Done():
			return list
		}
	}
	return list
}

// ask is one question. A new connection instead of the old one means that the
// old one had broken: no answer to be counted.
func (l *line) ask(ctx context.Context) (b beat, again bool) {
	fresh := false
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { fresh = !i.Reused },
	}), "GET", l.url, nil)
	if err != nil {
		return beat{}, false
	}
	req.Header.Set("User-Agent", agent)
	start := time.Now()
	resp, err := l.client.Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		resp.Body.Close()
	}
	b.waited = time.Since(start)
	if err == nil && !fresh {
		b.took = b.waited
	}
	return b, ctx.Err() == nil
}

// read takes the beats in the order in which they were sent, and other round
// trips that are known, none of them late.
func (p *pulse) read(list []beat, others ...time.Duration) {
	for _, o := range others {
		if o > 0 && (p.quickest == 0 || o < p.quickest) {
			p.quickest = o
		}
	}
	for _, b := range list {
		if b.took > 0 && (p.quickest == 0 || b.took < p.quickest) {
			p.quickest = b.took
		}
	}
	if p.quickest == 0 {
		return
	}
	tooLong := max(p.quickest+late, 2*p.quickest)
	var times, steps []time.Duration
	for _, b := range list {
		switch {
		case b.waited >= tooLong:
			p.sent++
			p.lost++
		case b.took > 0:
			p.sent++
			if n := len(times); n > 0 {
				steps = append(steps, (b.took - times[n-1]).Abs())
			}
			times = append(times, b.took)
		}
	}
	for _, o := range others {
		if o > 0 && o < tooLong {
			times = append(times, o)
		}
	}
	p.measured = len(times) >= fewest
	p.rtt, p.jitter = median(times), median(steps)
	if len(times) < several {
		p.rtt = p.quickest
	}
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// pace notices when this program itself was not let run.
type pace struct {
	still atomic.Bool
	stop  func()
}

func watchOwnPace(ctx context.Context) *pace {
	ctx, cancel := context.WithCancel(ctx)
	p := &pace{}
	var done sync.WaitGroup
	p.stop = func() { cancel(); done.Wait() }
	done.Go(func() {
		tick := time.NewTicker(standstill / 5)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if time.Since(last) > standstill {
				p.still.Store(true)
			}
			last = time.Now()
		}
	})
	return p
}

// stoodStill tells, and forgets.
func (p *pace) stoodStill() bool { return p.still.Swap(false) }
