package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"raisehand/uploader/deskapi"
)

// hub wakes those who wait for a change. It carries no content: who is woken
// reads what is new from the store, so nothing is lost, doubled or out of
// order.
type hub struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]struct{}
}

// wake wakes those who follow the ticket, and those who follow the queue.
func (h *hub) wake(tenant, ticket string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range []string{tenant + " " + ticket, tenant} {
		for c := range h.waiting[name] {
			select {
			case c <- struct{}{}:
			default: // it has not yet looked at the last one
			}
		}
	}
}

func (h *hub) follow(name string) (woken <-chan struct{}, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[string]map[chan struct{}]struct{}{}
	}
	if h.waiting[name] == nil {
		h.waiting[name] = map[chan struct{}]struct{}{}
	}
	c := make(chan struct{}, 1)
	h.waiting[name][c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if delete(h.waiting[name], c); len(h.waiting[name]) == 0 {
			delete(h.waiting, name)
		}
	}
}

// ticketEvents registers the stream of one ticket's events.
func (d *Desk) ticketEvents(mux *http.ServeMux) {
	d.plain(mux, huma.Operation{Method: "GET", Path: "/v1/tickets/{id}/events", Security: forDevices, Tags: []string{"computer"},
		Summary: "Follow a ticket: server-sent events, each an Event, its number as id",
		Parameters: []*huma.Param{param("path", "id", "The ticket."), param("header", "Last-Event-ID", "Number of the last event you have."),
			param("query", "last_event_id", "The same, for who cannot set headers."),
			param("query", "once", "Close after the first event, or after 25 s without one.")},
		Responses: d.events("Each event's data", deskapi.Event{})},
		func(w http.ResponseWriter, r *http.Request) {
			t, err := d.mine(r.Context(), r.PathValue("id"))
			if err != nil {
				d.refuse(w, r, err)
				return
			}
			d.stream(w, r, t.Tenant+" "+t.Body.ID, lastEvent(r, 0), func(ctx context.Context, after int64) ([]item, error) {
				events, err := d.Store.Events(ctx, t.Tenant, t.Body.ID, after)
				items := make([]item, len(events))
				for i, e := range events {
					e.Status.ServerTime = d.Now().UTC() // clients read the clock's skew from it
					e.Status.Messages, e.Status.Files = []deskapi.Message{}, []deskapi.FileInfo{}
					items[i] = item{e.Seq, e}
				}
				return items, err
			}, nil)
		})
}

// queueEvents registers the stream that keeps the console's queue fresh.
func (d *Desk) queueEvents(mux *http.ServeMux) {
	d.plain(mux, huma.Operation{Method: "GET", Path: "/v1/desk/events", Security: forTechnicians, Tags: []string{"technician"},
		Summary: "Follow the queue: server-sent events, each a QueueEvent",
		Parameters: []*huma.Param{param("header", "Last-Event-ID", "Number of the last event you have; without it only new ones come."),
			param("query", "last_event_id", "The same, for who cannot set headers."),
			param("query", "once", "Close after the first event, or after 25 s without one.")},
		Responses: d.events("Each event's data", deskapi.QueueEvent{})},
		func(w http.ResponseWriter, r *http.Request) {
			who, err := technician(r.Context())
			var now int64
			if err == nil {
				now, err = d.Store.LastEvent(r.Context(), who.Tenant)
			}
			if err != nil {
				d.refuse(w, r, err)
				return
			}
			d.stream(w, r, who.Tenant, lastEvent(r, now), func(ctx context.Context, after int64) ([]item, error) {
				events, err := d.Store.QueueEvents(ctx, who.Tenant, after)
				items := make([]item, len(events))
				for i, e := range events {
					items[i] = item{e.N, e.QueueEvent}
				}
				return items, err
			}, func(ctx context.Context) bool { // signed out elsewhere, expired, or a new password
				_, err := d.Store.Session(ctx, who.session, d.Now())
				return err == nil
			})
		})
}

// events describes a stream by what each of its events says.
func (d *Desk) events(about string, of any) map[string]*huma.Response {
	t := reflect.TypeOf(of)
	return map[string]*huma.Response{"200": {Description: about, Content: map[string]*huma.MediaType{
		"text/event-stream": {Schema: d.api.OpenAPI().Components.Schemas.Schema(t, true, t.Name())}}}}
}

// item is one event on its way out.
type item struct {
	id   int64
	data any
}

// stream writes server-sent events until somebody ends it. It listens first
// and then reads the store, so that nothing falls between. may, if set, is
// asked again at every sign of life.
func (d *Desk) stream(w http.ResponseWriter, r *http.Request, name string, last int64,
	next func(context.Context, int64) ([]item, error), may func(context.Context) bool) {
	woken, leave := d.hub.follow(name)
	defer leave()
	once := r.URL.Query().Has("once")
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-cache, no-transform")
	h.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead { // nobody would read it
		return
	}
	out := &streamWriter{w: w, rc: http.NewResponseController(w)}
	out.write("retry: 2000\n: open\n")
	alive := time.NewTicker(d.KeepAlive)
	defer alive.Stop()
	patience := time.NewTimer(d.Once)
	defer patience.Stop()
	for out.err == nil {
		items, err := next(r.Context(), last)
		if err != nil {
			d.problemOf(r.Context(), err) // to the log; the client comes again
			return
		}
		for _, it := range items {
			out.event(it)
			last = it.id
			if once {
				out.flush()
				return
			}
		}
		out.flush()
		if len(items) > 0 && out.err == nil {
			continue // there may be more than one page of them
		}
		select {
		case <-woken:
		case <-alive.C:
			if may != nil && !may(r.Context()) {
				return
			}
			out.write(": alive\n\n")
		case <-after(once, patience.C):
			out.write(": nothing new\n\n")
			out.flush()
			return
		case <-d.done:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// after is c for a client that waits only once, and never for the others.
func after(once bool, c <-chan time.Time) <-chan time.Time {
	if once {
		return c
	}
	return nil
}

// streamWriter writes until the first error; a client that does not read for
// half a minute is gone.
type streamWriter struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error
}

func (s *streamWriter) write(text string) {
	if s.err != nil {
		return
	}
	s.rc.SetWriteDeadline(time.Now().Add(30 * time.Second))
	_, s.err = s.w.Write([]byte(text))
}

func (s *streamWriter) event(it item) {
	data, err := json.Marshal(it.data)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.write(fmt.Sprintf("id: %d\ndata: %s\n\n", it.id, data))
}

func (s *streamWriter) flush() {
	if s.err == nil {
		s.err = s.rc.Flush()
	}
}

// lastEvent is the number of the last event the client has, otherwise given.
func lastEvent(r *http.Request, otherwise int64) int64 {
	for _, text := range []string{r.Header.Get("Last-Event-ID"), r.URL.Query().Get("last_event_id")} {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return otherwise
}
