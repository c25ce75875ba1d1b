package uploader

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"raisehand/uploader/deskapi"
)

// Follow tells on of every change to a ticket until it is closed (nil), ctx
// ends, or the desk does not know the ticket or this computer (its error).
// from is the status known so far; its zero value is fine. on is called from
// this goroutine, with newer statuses only.
func Follow(ctx context.Context, c *deskapi.Client, id string, from deskapi.Status, on func(deskapi.Status)) error {
	return Follower{Client: c, On: on}.Run(ctx, id, from)
}

// Follower is Follow with an ear for trouble.
type Follower struct {
	Client *deskapi.Client
	On     func(deskapi.Status)
	Way    func(code string) // how the way to the desk is, when that changes: empty when it answers; may be nil
}

// How a follower behaves on a network that does not let a stream through.
const (
	firstSign   = 10 * time.Second // a stream's first byte; the desk sends it at once, what keeps it back is a proxy
	pollShort   = 5 * time.Second
	pollLong    = time.Minute
	followLong  = 30 * time.Second // longest wait after a failure: somebody sits and waits for an answer
	streamAgain = 10 * time.Minute // then the better way gets another chance: a computer moves between networks
)

// The ways to hear of a change, the best first.
type way int

const (
	stream way = iota // server-sent events as they happen
	once              // one answer per change: passes a proxy that holds streams back
	poll              // asking again and again: passes everything
)

// Run is Follow.
func (f Follower) Run(ctx context.Context, id string, from deskapi.Status) error {
	r := &following{Follower: f, id: id, s: from, stale: true}
	if from.Seq > 0 && !from.State.Open() {
		return nil
	}
	for ctx.Err() == nil {
		err := r.round(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case r.s.Seq > 0 && !r.s.State.Open():
			return nil
		case errors.Is(err, deskapi.ErrToken), errors.As(err, new(deskapi.ErrRefused)):
			return err
		case err != nil:
			r.tries++
			r.stale = true
			r.trouble(deskapi.Code(err))
			pause(ctx, min(backoff(r.tries), followLong))
		default:
			r.tries = 0
			r.trouble("")
		}
	}
	return ctx.Err()
}

// following is where a Run stands.
type following struct {
	Follower
	id    string
	s     deskapi.Status
	etag  string
	stale bool // s may miss something: read the ticket
	told  bool // on has had a status at all

	way      way
	since    time.Time // when the way got worse
	interval time.Duration
	tries    int
	code     string
}

// round hears of changes once, in the way that works here.
func (r *following) round(ctx context.Context) error {
	if r.stale {
		if err := r.read(ctx); err != nil {
			return err
		}
		if !r.s.State.Open() {
			return nil
		}
	}
	if r.way != stream && time.Since(r.since) > streamAgain {
		r.way = stream
	}
	switch r.way {
	case stream:
		return r.stream(ctx)
	case once:
		return r.once(ctx)
	}
	return r.poll(ctx)
}

// stream listens until the stream ends. One that never said anything, while
// the desk answers otherwise, is held back by something on the way.
func (r *following) stream(ctx context.Context) error {
	began := r.s.Seq
	heard, err := r.Client.Events(ctx, r.id, r.s.Seq, false, firstSign, r.take(ctx))
	if errors.Is(err, deskapi.ErrQuiet) {
		r.stale = true // asleep, cut off, or held back: reading the ticket tells which
		if heard {
			return nil
		}
		if err := r.read(ctx); err != nil {
			return err
		}
		r.worse(once)
		return nil
	}
	if err == nil && r.s.Seq == began {
		pause(ctx, firstWait/2+rand.N(firstWait)) // a desk that restarts, a proxy that cuts: not in a circle
	}
	return err
}

// once waits for one change, at most 25 s at the desk's end.
func (r *following) once(ctx context.Context) error {
	began, at := r.s.Seq, time.Now()
	_, err := r.Client.Events(ctx, r.id, r.s.Seq, true, 0, r.take(ctx))
	switch {
	case errors.Is(err, deskapi.ErrQuiet), errors.Is(err, deskapi.ErrNotDesk):
		if err := r.read(ctx); err != nil {
			return err
		}
		r.worse(poll)
		return nil
	case err == nil && r.s.Seq == began && time.Since(at) < pollShort:
		r.worse(poll) // it did not wait: something on the way answers for the desk
	}
	return err
}

// poll reads the ticket in growing intervals.
func (r *following) poll(ctx context.Context) error {
	r.interval = min(max(r.interval*3/2, pollShort), pollLong)
	pause(ctx, r.interval/2+rand.N(r.interval))
	began := r.s.Seq
	err := r.read(ctx)
	if r.s.Seq != began {
		r.interval = 0 // who has just answered goes on talking
	}
	return err
}

func (r *following) worse(w way) { r.way, r.since, r.interval = w, time.Now(), 0 }

// read takes the ticket as it stands.
func (r *following) read(ctx context.Context) error {
	s, etag, err := r.Client.Ticket(ctx, r.id, r.etag)
	if err != nil && !errors.Is(err, deskapi.ErrUnchanged) {
		return err
	}
	r.trouble("")
	r.stale = false
	if err != nil {
		return nil
	}
	r.etag = etag
	if s.Seq > r.s.Seq || !r.told {
		r.tell(s)
	}
	return nil
}

// take counts events in until the ticket is closed.
func (r *following) take(ctx context.Context) func(deskapi.Event) bool {
	return func(e deskapi.Event) bool {
		r.apply(ctx, e)
		return r.s.State.Open()
	}
}

// apply counts an event in. After a gap, and for a file (events do not carry
// the list), the whole ticket is read instead.
func (r *following) apply(ctx context.Context, e deskapi.Event) {
	if e.Seq <= r.s.Seq {
		return
	}
	if e.Seq > r.s.Seq+1 || e.Kind == "file" {
		r.stale = true
		if r.read(ctx) == nil && r.s.Seq >= e.Seq {
			return
		}
		r.stale = true
	}
	r.tell(r.s.Apply(e))
}

func (r *following) tell(s deskapi.Status) {
	r.s, r.told = s, true
	r.On(s)
}

func (r *following) trouble(code string) {
	if r.code == code {
		return
	}
	r.code = code
	if r.Way != nil {
		r.Way(code)
	}
}

// pause waits, or not if ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
