package network

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
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
	plenty        = 8                       // times as fast as is needed: no more of what takes its time
	transferLimit = 1100 * time.Millisecond // all one way
	stuck         = 900 * time.Millisecond  // the first one, which is as long as two web pages' headers

	// TCP begins with ten packets and doubles from round to round (RFC 6928):
	// that time is the distance's and not the line's.
	firstWindow = 10 * 1400

	leastPure = 50 * time.Millisecond  // of sending alone, for a figure that means anything
	surePure  = 400 * time.Millisecond // longer than a network usually holds its breath
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
	m, l, err := x.meet(ctx)
	if m == nil {
		return nil, err
	}
	defer l.client.CloseIdleConnections()
	f := far{met: true}
	if port, sure := m.Port(); port != 0 && x.met.what.proxy == "" {
		if a, fail := netip.ParseAddrPort(x.met.what.remote); fail == nil {
			f.udp, err = x.echo(ctx, m, net.JoinHostPort(a.Addr().String(), strconv.Itoa(port)))
			f.udp.sure = sure
		}
	}
	if f.udp.measured() {
		close(x.enough)
	}
	p, ok := x.felt.hear(ctx)
	if ok && !p.here {
		x.transfers(ctx, m, &f, l.client, max(p.rtt, f.udp.rtt))
	}
	return func(all *picture) { all.far = f }, err
}

// meet asks for leave on the connection on which the desk has just answered,
// which then goes on to the short questions.
func (x *examination) meet(ctx context.Context) (Meeting, *line, error) {
	t, ok := x.met.hear(ctx)
	if !ok {
		return nil, nil, ctx.Err()
	}
	if !t.ok() {
		return nil, nil, errNone
	}
	l := <-x.fresh
	defer func() { x.line <- l }()
	ctx, cancel := context.WithTimeout(ctx, meetLimit)
	defer cancel()
	m, err := x.Far(ctx, l.client)
	if err != nil {
		return nil, l, fmt.Errorf("ask the desk for an echo: %w", err)
	}
	return m, l, nil
}

// speed is how much went through one way.
type speed struct {
	kbps    float64 // 0: not known
	atLeast bool    // it was over too soon to say more
	atMost  bool    // it was not even over
	sure    bool    // measured often or long enough to be judged
	times   int     // transfers that were over
	proofs  int     // of those, the ones that lasted long enough to mean something
	largest int     // bytes
	long    bool    // one lasted long
}

// transfers measures one way after the other: the confirmations of one would
// wait in the queue of the other. Sending comes first, the narrower way of most
// lines, and what a class needs of a teacher.
func (x *examination) transfers(ctx context.Context, m Meeting, f *far, by *http.Client, rtt time.Duration) {
	var hole bool
	end, _ := ctx.Deadline()
	if f.up, hole = x.transfer(ctx, min(transferLimit, time.Until(end)/2), m.Send, by, rtt, x.Limits.UpKbps); hole {
		f.hole = "up"
		return
	}
	if f.down, hole = x.transfer(ctx, min(transferLimit, time.Until(end)), m.Fetch, by, rtt, x.Limits.DownKbps); hole {
		f.hole = "down"
	}
}

// transfer moves bytes in ever larger pieces, all over one connection, until it
// is plain whether they pass fast enough.
func (x *examination) transfer(ctx context.Context, whole time.Duration, move func(context.Context, *http.Client, int) error,
	by *http.Client, rtt time.Duration, need float64) (s speed, hole bool) {
	begun := time.Now()
	for n := firstTransfer; n <= lastTransfer && time.Since(begun) < whole*3/4; {
		limit := whole - time.Since(begun)
		if s.times == 0 {
			limit = min(stuck, time.Until(deadline(ctx)))
		}
		took, err := timed(ctx, limit, func(ctx context.Context) error { return move(ctx, by, n) })
		switch {
		case err == nil:
			s.add(n, took, rtt)
		case !timeout(err):
			return s, false
		case s.times == 0 && x.passesInSmallPieces(ctx, move):
			return s, true
		default:
			s.over(n, took, rtt)
			return s, false
		}
		if x.Situation.InClass() {
			return speed{}, false // that was to see whether it goes through at all
		}
		if !s.atLeast && s.kbps < 2*need { // this is what has to be known surely
			whole = min(transferLimit, time.Until(deadline(ctx))+time.Since(begun))
		}
		if took >= quick/2 && s.kbps > plenty*need {
			break
		}
		if took < quick {
			n *= growth
		}
		if time.Since(begun)+time.Duration(rounds(n)+1)*rtt > whole { // it would not be over: a connection that is given up has to be made anew
			break
		}
	}
	return s, false
}

func deadline(ctx context.Context) time.Time {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(limit)
	}
	return end
}

// add counts a transfer of n bytes. The largest ones count: a line may let the
// first few packets pass faster than the rest.
func (s *speed) add(n int, took, rtt time.Duration) {
	s.times++
	pure := took - time.Duration(rounds(n))*rtt
	k, soon := rate(n, max(pure, time.Millisecond)), pure < leastPure
	if soon {
		k = rate(n, max(took, time.Millisecond))
	} else {
		s.proofs++
		s.long = s.long || pure >= surePure
		s.sure = s.long && s.proofs > 1 || s.proofs > 2
	}
	if n > s.largest || k > s.kbps {
		s.largest, s.kbps, s.atLeast = n, k, soon
	}
}

// over counts a transfer that was not over when its time was: no more than that
// goes through.
func (s *speed) over(n int, took, rtt time.Duration) {
	if took-time.Duration(rounds(n)+1)*rtt < surePure {
		return
	}
	most := rate(n, took)
	switch {
	case s.times == 0:
		*s = speed{kbps: most, atMost: true, sure: true}
	case s.proofs > 0 && s.kbps < most:
		s.sure = true
	}
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
