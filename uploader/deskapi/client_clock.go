package deskapi

import (
	"sync"
	"time"
)

// clock keeps the desk's time. Every answer is a sample: the desk's clock,
// read half a round trip before the answer came. The surest sample is kept.
type clock struct {
	mu     sync.Mutex
	known  bool
	server time.Time     // the desk's time …
	at     time.Time     // … at this moment here; carries wall and monotonic time
	unsure time.Duration // half the round trip, and the sample's own coarseness
}

// drift is what two ordinary quartz clocks may part by: 100 parts per million.
const drift = 100e-6

// now returns the desk's time on the monotonic clock: a wall clock that is set
// here while a countdown runs does not move it.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return time.Now().UTC()
	}
	return c.server.Add(time.Since(c.at))
}

// offset is how far the desk's clock is ahead of this computer's wall clock.
func (c *clock) offset() time.Duration {
	return c.now().Sub(time.Now().Round(0)).Round(time.Millisecond)
}

// sample takes one reading: the desk said server, between sent and got.
// coarse is the reading's own step: a Date header has whole seconds, cut off.
func (c *clock) sample(server, sent, got time.Time, coarse time.Duration) {
	if server.IsZero() {
		return
	}
	half := got.Sub(sent) / 2
	unsure := half + coarse/2
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known {
		mono := got.Sub(c.at)
		wall := got.Round(0).Sub(c.at.Round(0))
		// The computer slept (the monotonic clock stands still meanwhile on
		// Linux and macOS) or its wall clock was set: either way the old
		// sample is worth that much less.
		old := c.unsure + time.Duration(float64(mono)*drift) + (wall - mono).Abs()
		if unsure > old {
			return
		}
	}
	c.known, c.at, c.unsure = true, got, unsure
	c.server = server.Round(0).UTC().Add(half + coarse/2)
}
