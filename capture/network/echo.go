package network

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// How UDP is felt: packets as small and as even as those of speech.
const (
	burst        = 25
	burstInClass = 15
	packetBytes  = 120 // 20 to 40 ms of speech
	packetEvery  = 30 * time.Millisecond
	echoWait     = 400 * time.Millisecond // after the last one, for those that have not come
	surelyLost   = 300 * time.Millisecond // after so long, and three times the slowest, none comes any more
	leastEcho    = 3                      // lost packets to be believed
)

// echoed is what became of packets by UDP.
type echoed struct {
	tried    bool
	sure     bool // the desk's port is known to be open
	sent     int
	decided  int // answered, or waited for long enough
	lost     int // of those decided
	lostUp   int // of those lost, on the way to the desk; -1: not known
	rtt      time.Duration
	quickest time.Duration
	jitter   time.Duration // between the slower and the quicker ones: delay variation (RFC 5481), nine of ten
}

// shut says that not one packet came back.
func (e echoed) shut() bool { return e.tried && e.decided >= 8 && e.lost == e.decided }

// measured says that there were enough packets to speak of.
func (e echoed) measured() bool { return e.tried && e.decided >= enough && e.lost < e.decided }

func (e echoed) lossPct() float64 {
	if e.decided == 0 {
		return 0
	}
	return 100 * float64(e.lost) / float64(e.decided)
}

// flight is one packet under way.
type flight struct{ sent, back time.Time }

// exchange is packets going out by one clock and answers coming in.
type exchange struct {
	conn net.Conn
	m    Meeting
	mu   sync.Mutex
	list []flight
	all  chan struct{} // told when every packet sent so far is answered
}

// echo sends a burst, and a second one if packets of the first are missing or
// questions were held up: of 25, two may be chance, and so may none.
func (x *examination) echo(ctx context.Context, m Meeting, to string) (echoed, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", to)
	if err != nil {
		return echoed{}, fmt.Errorf("open the echo: %w", err)
	}
	defer c.Close()
	e := &exchange{conn: c, m: m, all: make(chan struct{}, 1)}
	go e.receive()
	n := burst
	if x.Situation.InClass() {
		n = burstInClass
	}
	e.burst(ctx, n)
	got := e.read(time.Now())
	unclear := got.lost > 0 || x.held.Load() > 0 && got.jitter < late/2 // held up by jitter, or lost
	if unclear && !got.shut() && !x.Situation.InClass() {
		if more := int((time.Until(deadline(ctx)) - echoWait) / packetEvery); more >= enough {
			e.burst(ctx, min(more, burst))
			got = e.read(time.Now())
		}
	}
	got.lostUp = -1
	if got.lost > 0 && got.decided == got.sent {
		if n, err := m.Arrived(ctx); err == nil {
			got.lostUp = min(max(0, got.sent-n), got.lost)
		}
	}
	return got, nil
}

// burst sends n packets, and waits until all are answered or it is late.
func (e *exchange) burst(ctx context.Context, n int) {
	tick := time.NewTicker(packetEvery)
	defer tick.Stop()
	for i := range n {
		e.send()
		if i == n-1 {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	late := time.NewTimer(e.patience())
	defer late.Stop()
	for !e.answered() {
		select {
		case <-e.all:
		case <-late.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (e *exchange) send() {
	e.mu.Lock()
	n := len(e.list)
	e.list = append(e.list, flight{sent: time.Now()})
	e.mu.Unlock()
	e.conn.Write(e.m.Packet(n, packetBytes)) // "refused" for an earlier one is told here: then none comes back
}

func (e *exchange) receive() {
	buf := make([]byte, 2048)
	failed := 0
	for {
		k, err := e.conn.Read(buf)
		if err != nil {
			// A closed door is told as an error, once for each packet.
			if failed++; failed > 2*(burst+burst) || !refused(err) {
				return
			}
			continue
		}
		if n, ok := e.m.Answer(buf[:k]); ok {
			e.note(n, time.Now())
		}
	}
}

func (e *exchange) note(n int, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n < 0 || n >= len(e.list) || !e.list[n].back.IsZero() {
		return
	}
	e.list[n].back = at
	select {
	case e.all <- struct{}{}:
	default:
	}
}

func (e *exchange) answered() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !slices.ContainsFunc(e.list, func(f flight) bool { return f.back.IsZero() })
}

// patience is how long the last answer may take.
func (e *exchange) patience() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, slowest := e.times()
	return max(echoWait, 3*slowest)
}

func (e *exchange) times() (list []time.Duration, slowest time.Duration) {
	for _, f := range e.list {
		if !f.back.IsZero() {
			t := f.back.Sub(f.sent)
			list, slowest = append(list, t), max(slowest, t)
		}
	}
	return list, slowest
}

// read sums up. A packet that may still be waiting in a queue is neither lost
// nor arrived.
func (e *exchange) read(now time.Time) (r echoed) {
	e.mu.Lock()
	defer e.mu.Unlock()
	times, slowest := e.times()
	r.tried, r.sent, r.decided = true, len(e.list), len(times)
	for _, f := range e.list {
		if f.back.IsZero() && now.Sub(f.sent) > max(surelyLost, 3*slowest) {
			r.decided++
			r.lost++
		}
	}
	if len(times) == 0 {
		return r
	}
	sorted := slices.Sorted(slices.Values(times))
	r.rtt, r.quickest = sorted[len(sorted)/2], sorted[0]
	r.jitter = sorted[len(sorted)*9/10] - sorted[len(sorted)/10]
	return r
}
