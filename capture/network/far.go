package network

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Far asks the desk for leave to measure the way there, by the client handed in.
type Far func(ctx context.Context, by *http.Client) (Meeting, error)

// Meeting is the desk's end of a measurement. What is spoken on the way is the
// desk's matter.
type Meeting interface {
	// Port is where the desk answers small packets by UDP, 0 if nowhere. sure says
	// that the port is known to be open: silence then means something.
	Port() (port int, sure bool)
	// Packet makes packet n, counted from 0, so many bytes long.
	Packet(n, size int) []byte
	// Answer reads which packet was answered.
	Answer(raw []byte) (n int, ok bool)
	// Arrived says how many different packets have reached the desk.
	Arrived(context.Context) (int, error)
	// Send returns when the desk has so many bytes, Fetch when they are here.
	Send(ctx context.Context, by *http.Client, bytes int) error
	Fetch(ctx context.Context, by *http.Client, bytes int) error
}

// news is what one part of the examination tells the others.
type news[T any] struct {
	said chan struct{}
	what T
}

func noNews[T any]() *news[T] { return &news[T]{said: make(chan struct{})} }

// say is called once.
func (w *news[T]) say(what T) {
	w.what = what
	close(w.said)
}

// hear waits for it; ok is false when ctx ends first.
func (w *news[T]) hear(ctx context.Context) (what T, ok bool) {
	select {
	case <-w.said:
		return w.what, true
	case <-ctx.Done():
		return what, false
	}
}

// How much is sent for a measurement, and how long it may take.
const (
	meetLimit = 1200 * time.Millisecond // for the leave

	// Transfers grow while they are quick, so that a fast line costs a fraction
	// of a second and a slow one little of its volume: 340 kB each way at most.
	firstTransfer = 4 << 10 // three full packets: enough to see that they vanish
	growth        = 4
	lastTransfer  = 256 << 10
	quick         = 250 * time.Millisecond  // after a longer one none is larger
	transferLimit = 1300 * time.Millisecond // all one way
	stuck         = 900 * time.Millisecond  // the first one, which is as long as two web pages' headers

	// TCP begins with ten packets and doubles from round to round (RFC 6928):
	// that time is the distance's and not the line's.
	firstWindow = 10 * 1400

	leastPure = 50 * time.Millisecond  // of sending alone, for a figure that means anything
	surePure  = 600 * time.Millisecond // after which one transfer is proof enough
)

// far is all that was measured against the desk's end.
type far struct {
	met      bool // the desk has given leave
	udp      echoed
	up, down speed
	hole     string // "up", "down": the way on which large packets vanish
}

// findFar measures what the desk's end helps to measure. It begins when the
// desk has answered, and sends more than a few packets only when nothing else
// of the measurement goes on, and no class.
func (x *examination) findFar(ctx context.Context) (func(*picture), error) {
	t, ok := x.met.hear(ctx)
	if !ok {
		return nil, ctx.Err()
	}
	if !t.ok() {
		return nil, errNone
	}
	client := x.client(x.desk)
	defer client.CloseIdleConnections()
	brief, cancel := context.WithTimeout(ctx, meetLimit)
	defer cancel()
	m, err := x.Far(brief, client)
	if err != nil {
		return nil, fmt.Errorf("ask the desk for an echo: %w", err)
	}
	f := far{met: true}
	var half error
	if port, sure := m.Port(); port != 0 && t.proxy == "" {
		if a, err := netip.ParseAddrPort(t.remote); err == nil {
			f.udp, half = x.echo(ctx, m, net.JoinHostPort(a.Addr().String(), strconv.Itoa(port)))
			f.udp.sure = sure
		}
	}
	p, ok := x.felt.hear(ctx)
	if !ok {
		return func(all *picture) { all.far = f }, errors.Join(half, ctx.Err())
	}
	if !p.here {
		x.transfers(ctx, m, &f, leastOf(p.quickest, f.udp.quickest))
	}
	return func(all *picture) { all.far = f }, half
}

func leastOf(list ...time.Duration) (least time.Duration) {
	for _, d := range list {
		if d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	return least
}

// speed is how much went through one way.
type speed struct {
	kbps    float64 // 0: not known
	atLeast bool    // it was over too soon to say more
	atMost  bool    // it was not even over
	sure    bool    // measured often or long enough to be judged
	bytes   int
}

// transfers measures both ways at once: each is bounded by its own direction
// of the line, and the confirmations are small.
func (x *examination) transfers(ctx context.Context, m Meeting, f *far, rtt time.Duration) {
	var up, down bool // large packets vanish there
	var all sync.WaitGroup
	all.Go(func() { f.up, up = x.transfer(ctx, m.Send, rtt) })
	all.Go(func() { f.down, down = x.transfer(ctx, m.Fetch, rtt) })
	all.Wait()
	switch {
	case up:
		f.hole = "up"
	case down:
		f.hole = "down"
	}
}

// transfer moves bytes in ever larger pieces, all over one connection.
func (x *examination) transfer(ctx context.Context, move func(context.Context, *http.Client, int) error, rtt time.Duration) (s speed, hole bool) {
	ctx, cancel := context.WithTimeout(ctx, transferLimit+stuck)
	defer cancel()
	client := x.client(x.desk)
	defer client.CloseIdleConnections()
	begun := time.Now()
	first := true
	slow := 0
	for n := firstTransfer; n <= lastTransfer; {
		limit := transferLimit - time.Since(begun)
		if first {
			limit = stuck
		}
		took, err := timed(ctx, limit, func(ctx context.Context) error { return move(ctx, client, n) })
		if err != nil {
			if first && timeout(err) && x.passesInSmallPieces(ctx, move) {
				return s, true
			}
			if timeout(err) && took >= stuck*9/10 && s.kbps < rate(n, took) { // no transfer went through in that time
				return speed{kbps: rate(n, took), atMost: true, sure: took >= surePure, bytes: s.bytes + n}, false
			}
			return s, false
		}
		s.bytes += n
		pure := took - time.Duration(rounds(n))*rtt
		if first {
			pure = took - 4*rtt // a new connection, and its TLS
		}
		if pure < leastPure {
			s.kbps, s.atLeast = max(s.kbps, rate(n, max(took, time.Millisecond))), true
		} else {
			slow++
			if k := rate(n, pure); k > s.kbps {
				s.kbps, s.atLeast = k, false
			}
			s.sure = s.sure || slow > 1 || pure >= surePure
		}
		if x.Situation.InClass() {
			s = speed{bytes: s.bytes} // that was to see whether it goes through at all
			return s, false
		}
		first = false
		if took < quick {
			n *= growth
		}
		if time.Since(begun) > transferLimit*3/4 {
			break
		}
	}
	return s, false
}

func timed(ctx context.Context, limit time.Duration, do func(context.Context) error) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()
	err := do(ctx)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever the library calls it
	}
	return time.Since(start), err
}

// rounds is how many times TCP waits for a confirmation at the beginning of n bytes.
func rounds(n int) (count int) {
	for sent, window := 0, firstWindow; sent < n; window *= 2 {
		sent += window
		count++
	}
	return count
}

func rate(bytes int, took time.Duration) (kbps float64) {
	return math.Round(float64(bytes*8) / 1000 / took.Seconds())
}

// passesInSmallPieces says that what hangs as it is passes at once in small
// packets: the large ones vanish.
func (x *examination) passesInSmallPieces(ctx context.Context, move func(context.Context, *http.Client, int) error) bool {
	client := x.client(x.desk)
	if inSmallPieces(client) != nil {
		return false
	}
	defer client.CloseIdleConnections()
	_, err := timed(ctx, holeLimit, func(ctx context.Context) error { return move(ctx, client, firstTransfer) })
	return err == nil
}
