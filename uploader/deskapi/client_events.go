package deskapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tmaxmax/go-sse"
)

// Quiet is how long a stream may say nothing before it counts as dead: the
// desk's keep-alive comes every 20 s, two may be lost. A computer that slept
// finds out by this.
const Quiet = 45 * time.Second

// ErrQuiet is a stream that has said nothing for too long: a proxy that keeps
// everything back, a network that is gone, or the computer slept.
var ErrQuiet = errors.New("the stream has gone quiet")

// Events reads a ticket's events after number last, and hands each to on,
// until on has enough and returns false. With once the desk ends the stream
// after the first event, or after 25 s without one: that passes a proxy which
// holds a stream back. first is how long to wait for the first sign of life,
// Quiet if zero.
//
// It returns nil when the desk, or on, ended the stream in order. heard says
// whether anything at all came through, a keep-alive included.
//
// The lines are parsed by go-sse, the connection is ours: go-sse's own client
// hides the keep-alives that tell a living stream from a dead one, and has no
// notion of an end by ?once.
func (c *Client) Events(ctx context.Context, id string, last int64, once bool, first time.Duration, on func(Event) bool) (heard bool, err error) {
	if first <= 0 {
		first = Quiet
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(first, func() { cancel(ErrQuiet) })
	defer watch.Stop()

	path := ticketPath(id) + "/events"
	if once {
		path += "?once"
	}
	h := http.Header{"Accept": {"text/event-stream"}, "Cache-Control": {"no-cache"}}
	h.Set("Last-Event-ID", strconv.FormatInt(last, 10))
	resp, _, err := c.do(ctx, "GET", path, h, nil)
	if err != nil {
		return false, fmt.Errorf("follow: %w", quiet(ctx, err))
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent { // ?once, and nothing happened
		return true, nil
	}
	if t, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); t != "text/event-stream" {
		return false, fmt.Errorf("follow: %w", notDesk("%s, %s", resp.Status, resp.Header.Get("Content-Type")))
	}
	body := &pulse{r: resp.Body, beat: func() { watch.Reset(Quiet) }}
	for e, err := range sse.Read(body, &sse.ReadConfig{MaxEventSize: maxAnswer}) {
		if err != nil {
			return body.heard.Load(), fmt.Errorf("follow: %w", quiet(ctx, transport(ctx, err)))
		}
		if e.Data == "" {
			continue // go-sse passes blank events on
		}
		var event Event
		if err := json.Unmarshal([]byte(e.Data), &event); err != nil {
			return true, fmt.Errorf("follow: %w", notDesk("%v", err))
		}
		if event.Ticket == id && event.Seq > 0 && !on(event) {
			return true, nil
		}
	}
	if ctx.Err() != nil {
		return body.heard.Load(), fmt.Errorf("follow: %w", quiet(ctx, ctx.Err()))
	}
	return body.heard.Load(), nil
}

// quiet names the watch's own doing.
func quiet(ctx context.Context, err error) error {
	if context.Cause(ctx) == ErrQuiet {
		return fmt.Errorf("%w: %w", ErrUnreachable, ErrQuiet)
	}
	return err
}

// pulse reports every byte that comes through.
type pulse struct {
	r     io.Reader
	beat  func()
	heard atomic.Bool
}

func (p *pulse) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if n > 0 {
		p.heard.Store(true)
		p.beat()
	}
	return n, err
}
