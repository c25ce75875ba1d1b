package desk

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// following is an open stream, read as a browser reads it.
type following struct {
	*room
	head  http.Header
	lines *bufio.Scanner
	leave func()
}

func (w *who) follow(path string, headers ...string) *following {
	w.room.Helper()
	ctx, leave := context.WithTimeout(w.room.Context(), patience)
	w.room.Cleanup(leave)
	req, err := http.NewRequestWithContext(ctx, "GET", w.room.url+path, nil)
	if err != nil {
		w.room.Fatal(err)
	}
	req.Header = w.head.Clone()
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.room.Fatal(err)
	}
	w.room.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 {
		w.room.Fatalf("follow %s: %s", path, resp.Status)
	}
	return &following{w.room, resp.Header, bufio.NewScanner(resp.Body), leave}
}

// next returns the next event's id and data, and the comments before it; ok is
// false at the stream's end.
func (f *following) next() (id int64, data string, comments []string, ok bool) {
	for f.lines.Scan() {
		line := f.lines.Text()
		if text, is := strings.CutPrefix(line, "id: "); is {
			id, _ = strconv.ParseInt(text, 10, 64)
		} else if text, is := strings.CutPrefix(line, "data: "); is {
			data = text
		} else if text, is := strings.CutPrefix(line, ": "); is {
			comments = append(comments, text)
		} else if line == "" && data != "" {
			return id, data, comments, true
		}
	}
	return 0, "", comments, false
}

func (f *following) event() (e deskapi.Event) {
	f.Helper()
	id, data, _, ok := f.next()
	if !ok {
		f.Fatal("the stream ended")
	}
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		f.Fatal(err)
	}
	if e.Seq != id {
		f.Errorf("event %d under id %d", e.Seq, id)
	}
	return e
}

func TestEventsComeInOrderWithoutGapsAndResume(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	id := pc.filed(report.P0)
	path := "/v1/tickets/" + id
	live := pc.follow(path + "/events")
	if live.head.Get("Cache-Control") != "no-cache, no-transform" || live.head.Get("X-Accel-Buffering") != "no" ||
		!strings.HasPrefix(live.head.Get("Content-Type"), "text/event-stream") {
		t.Errorf("headers %v", live.head)
	}

	// Ten people and one computer at once.
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			for j := range 3 {
				if a, err := pc.try(t.Context(), "POST", path+"/messages", said("u")); err != nil || a.status != 201 {
					t.Error(a, err)
				}
				if a, err := li.try(t.Context(), "POST", "/v1/desk/tickets/"+id+"/messages", said(strconv.Itoa(i*3+j))); err != nil || a.status != 200 {
					t.Error(a, err)
				}
			}
		})
	}
	wg.Wait()
	last := pc.do("GET", path, nil).ticket().Seq
	if last < 61 {
		t.Fatalf("%d events for sixty messages", last)
	}

	// What was heard live, what is read afterwards from any point, and the
	// status itself all say the same.
	var status deskapi.Status
	for seq := int64(1); seq <= last; seq++ {
		e := live.event()
		if e.Seq != seq || e.Ticket != id {
			t.Fatalf("event %d where %d was due", e.Seq, seq)
		}
		status = status.Apply(e)
	}
	whole := pc.do("GET", path, nil).ticket()
	if len(status.Messages) != 60 || status.State != whole.State || status.Agent != "李明" || status.Seq != whole.Seq {
		t.Errorf("followed to %+v", status)
	}
	if !slices.EqualFunc(status.Messages, whole.Messages, func(a, b deskapi.Message) bool { return a.ID == b.ID }) {
		t.Error("messages in another order than they were stored in")
	}
	for _, from := range []int64{0, 1, 57, last - 1} {
		byHeader := pc.follow(path+"/events", "Last-Event-ID", strconv.FormatInt(from, 10)).event()
		byQuery := pc.follow(path + "/events?last_event_id=" + strconv.FormatInt(from, 10)).event()
		if byHeader.Seq != from+1 || byQuery.Seq != from+1 {
			t.Errorf("after %d came %d and %d", from, byHeader.Seq, byQuery.Seq)
		}
	}
}

func TestAnOldEventTellsTheTimeOfToday(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	id := pc.filed(report.P2)
	r.pass(3 * time.Hour)
	e := pc.follow("/v1/tickets/" + id + "/events?once").event()
	if !e.Status.ServerTime.Equal(r.clock()) || !e.At.Equal(r.clock().Add(-3*time.Hour)) {
		t.Errorf("at %v, server time %v", e.At, e.Status.ServerTime)
	}
}

func TestOnceEndsAfterOneEventOrAWhile(t *testing.T) {
	r := newRoom(t, func(d *Desk) { d.Once = 20 * time.Millisecond })
	pc := r.computer("PC-312")
	path := "/v1/tickets/" + pc.filed(report.P2)
	pc.do("POST", path+"/messages", said("a")).want(201)
	f := pc.follow(path + "/events?once")
	if e := f.event(); e.Seq != 1 {
		t.Errorf("first event %d", e.Seq)
	}
	if _, data, _, ok := f.next(); ok {
		t.Errorf("and then %s", data)
	}
	f = pc.follow(path+"/events?once", "Last-Event-ID", "2")
	_, data, comments, ok := f.next()
	if ok || !slices.Contains(comments, "nothing new") {
		t.Errorf("%q, comments %q", data, comments)
	}
	if f.lines.Err() != nil {
		t.Error(f.lines.Err())
	}
}

func TestAQuietStreamGivesSignsOfLife(t *testing.T) {
	r := newRoom(t, func(d *Desk) { d.KeepAlive = 5 * time.Millisecond })
	pc := r.computer("PC-312")
	path := "/v1/tickets/" + pc.filed(report.P2) + "/events"
	f := pc.follow(path, "Last-Event-ID", "1")
	for alive := 0; alive < 3; {
		if !f.lines.Scan() {
			t.Fatal("the stream ended")
		}
		if f.lines.Text() == ": alive" {
			alive++
		}
	}
}

func TestStoppingEndsStreams(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	f := pc.follow("/v1/tickets/"+pc.filed(report.P2)+"/events", "Last-Event-ID", "1")
	r.Stop()
	if _, data, _, ok := f.next(); ok || f.lines.Err() != nil {
		t.Errorf("%q %v", data, f.lines.Err())
	}
}

func TestTheQueueIsToldOfEveryChange(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	before := pc.filed(report.P2) // before anyone looks: not told
	f := li.follow("/v1/desk/events")
	id := pc.filed(report.P0)
	pc.do("POST", "/v1/tickets/"+before+"/messages", said("a")).want(201)
	var last int64
	for _, want := range []deskapi.QueueEvent{{Ticket: id, Seq: 1, Kind: "new"}, {Ticket: before, Seq: 2, Kind: "message"}} {
		n, data, _, _ := f.next()
		var got deskapi.QueueEvent
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want || n <= last {
			t.Errorf("%s under id %d, want %+v", data, n, want)
		}
		last = n
	}
	_, data, _, _ := li.follow("/v1/desk/events", "Last-Event-ID", strconv.FormatInt(last-1, 10)).next()
	if !strings.Contains(data, before) {
		t.Errorf("resumed with %s", data)
	}
}

func TestANewPasswordEndsOpenStreams(t *testing.T) {
	r := newRoom(t, func(d *Desk) { d.KeepAlive = 5 * time.Millisecond })
	f := r.technician("李明").follow("/v1/desk/events")
	r.account("李明", "another one")
	if _, data, _, ok := f.next(); ok {
		t.Errorf("still hears %s", data)
	}
}
