package network

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// How the way to the desk is felt: short connections, opened and thrown away.
const (
	beats    = 25
	interval = 40 * time.Millisecond
	abreast  = 6 // under way at once, so that a slow line is not filled by asking

	// A connection's first packet is sent again after 1 s (RFC 6298 §2.1). What
	// took that much longer than the quickest was lost on its first way.
	again = 900 * time.Millisecond
)

// pulse is what the connections told. Loss counts both directions together.
type pulse struct {
	measured   bool
	to         string // host:port that was asked: the desk, or the proxy before it
	proxy      bool
	sent, lost int
	rtt        time.Duration // median
	quickest   time.Duration
	jitter     time.Duration // median difference from one answer to the next
}

func (p pulse) lossPct() float64 {
	if p.sent == 0 {
		return 0
	}
	return 100 * float64(p.lost) / float64(p.sent)
}

// beat is one connection. Zero took: no answer yet.
type beat struct{ took, waited time.Duration }

// findPulse measures round trip, jitter and loss to the desk.
func (x *examination) findPulse(ctx context.Context) (func(*picture), error) {
	to, proxy := hostPort(x.desk), false
	if p, err := x.proxyFor(x.desk); err == nil && p != nil {
		to, proxy = hostPort(p), true
	}
	p := pulse{to: to, proxy: proxy}
	// The first connection finds the name and the better of IPv4 and IPv6.
	var d net.Dialer
	first, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		return nil, err
	}
	to = first.RemoteAddr().String()
	drop(first)
	p.tell(beatAll(ctx, to))
	return func(all *picture) { all.pulse = p }, nil
}

func beatAll(ctx context.Context, to string) []beat {
	list := make([]beat, 0, beats)
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, abreast)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var d net.Dialer
send:
	for range beats {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			break send
		}
		mu.Lock()
		i := len(list)
		list = append(list, beat{})
		mu.Unlock()
		all.Go(func() {
			start := time.Now()
			c, err := d.DialContext(ctx, "tcp", to)
			b := beat{waited: time.Since(start)}
			if err == nil || refused(err) {
				b.took = b.waited
			}
			if err == nil {
				drop(c)
			}
			mu.Lock()
			list[i] = b
			mu.Unlock()
			<-slots
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
			break send
		}
	}
	all.Wait()
	return list
}

// drop ends a connection with one packet instead of four.
func drop(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	c.Close()
}

// tell reads the beats, in the order in which they were sent.
func (p *pulse) tell(list []beat) {
	for _, b := range list {
		if b.took > 0 && (p.quickest == 0 || b.took < p.quickest) {
			p.quickest = b.took
		}
	}
	if p.quickest == 0 {
		return
	}
	var times, steps []time.Duration
	for _, b := range list {
		switch {
		case b.took > 0 && b.took < p.quickest+again:
			p.sent++
			if n := len(times); n > 0 {
				steps = append(steps, (b.took - times[n-1]).Abs())
			}
			times = append(times, b.took)
		case b.waited >= p.quickest+again:
			p.sent++
			p.lost++
		}
	}
	p.measured = len(times) >= 5
	p.rtt, p.jitter = median(times), median(steps)
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}
