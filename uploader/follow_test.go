package uploader

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// wire carries requests to a handler inside a synctest bubble, where time is
// ours and there is no network.
type wire struct{ http.Handler }

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	a := &answerOnWire{header: http.Header{}, ready: make(chan struct{}), body: make(chan []byte, 1000)}
	ctx := req.Context()
	if req.Body == nil {
		req.Body = http.NoBody
	}
	go func() {
		defer close(a.body)
		w.ServeHTTP(a, req)
		a.WriteHeader(200)
	}()
	select {
	case <-a.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return &http.Response{StatusCode: a.status, Status: http.StatusText(a.status), Header: a.header, Body: &bodyOnWire{ctx: ctx, from: a.body}, Request: req}, nil
}

type answerOnWire struct {
	header http.Header
	once   sync.Once
	ready  chan struct{}
	status int
	body   chan []byte
}

func (a *answerOnWire) Header() http.Header { return a.header }
func (a *answerOnWire) Flush()              { a.WriteHeader(200) }
func (a *answerOnWire) WriteHeader(status int) {
	a.once.Do(func() { a.status = status; close(a.ready) })
}
func (a *answerOnWire) Write(b []byte) (int, error) {
	a.WriteHeader(200)
	a.body <- bytes.Clone(b)
	return len(b), nil
}

type bodyOnWire struct {
	ctx  context.Context
	from chan []byte
	rest []byte
}

func (b *bodyOnWire) Close() error { return nil }
func (b *bodyOnWire) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		select {
		case more, ok := <-b.from:
			if !ok {
				return 0, io.EOF
			}
			b.rest = more
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// buffering is a proxy that hands an answer on when it is complete.
type buffering struct{ http.Handler }

func (p buffering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	whole := httptest.NewRecorder()
	p.Handler.ServeHTTP(whole, r)
	for k, v := range whole.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(whole.Code)
	w.Write(whole.Body.Bytes())
}

// filed returns a desk with one ticket.
func filed(t *testing.T) (*fakeDesk, string) {
	desk := newFakeDesk()
	desk.tokens["token"] = true
	a := newTicket(report.P1)
	raw, err := json.Marshal(a)
	must(t, err)
	r := httptest.NewRequest("POST", "/v1/tickets", bytes.NewReader(raw))
	r.Header.Set("Idempotency-Key", a.ID)
	w := httptest.NewRecorder()
	desk.mu.Lock()
	desk.post(w, r, raw)
	desk.mu.Unlock()
	if w.Code != 201 {
		t.Fatal(w.Body)
	}
	return desk, a.ID
}

func take(s *deskapi.Status)    { s.State, s.Agent = deskapi.Assigned, "李老师" }
func resolve(s *deskapi.Status) { s.State = deskapi.Solved }

// told collects what a follower is told.
type told struct {
	mu   sync.Mutex
	all  []deskapi.Status
	ways []string
	news chan struct{}
}

func (l *told) on(s deskapi.Status) {
	l.mu.Lock()
	l.all = append(l.all, s)
	l.mu.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *told) way(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ways = append(l.ways, code)
}

func (l *told) seqs() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var n []int64
	for _, s := range l.all {
		n = append(n, s.Seq)
	}
	return n
}

func (l *told) last() deskapi.Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return deskapi.Status{}
	}
	return l.all[len(l.all)-1]
}

// follow runs a Follower inside a bubble and returns its end.
func follow(t *testing.T, h http.Handler, id string) (*told, chan error) {
	l := &told{news: make(chan struct{}, 1)}
	c := &deskapi.Client{Base: "https://desk", Token: func() string { return "token" }, HTTP: &http.Client{Transport: wire{h}}}
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- Follower{Client: c, On: l.on, Way: l.way}.Run(ctx, id, deskapi.Status{}) }()
	t.Cleanup(func() { cancel(); synctest.Wait() })
	return l, end
}

// until lets the bubble's time pass until something is so, and says how long
// that took.
func until(t *testing.T, l *told, ok func(deskapi.Status) bool) time.Duration {
	t.Helper()
	start := time.Now()
	late := time.After(time.Hour)
	for !ok(l.last()) {
		select {
		case <-l.news:
		case <-late:
			t.Fatalf("still not so: %+v", l.last())
		}
	}
	return time.Since(start)
}

func seqIs(n int64) func(deskapi.Status) bool {
	return func(s deskapi.Status) bool { return s.Seq == n }
}

func TestFollowingIsToldEverythingOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		l, end := follow(t, desk, id)
		until(t, l, seqIs(1))
		for range 3 { // quiet times, longer than the watch
			time.Sleep(2 * deskapi.Quiet)
			synctest.Wait()
		}
		desk.happen(id, take, nil)
		if d := until(t, l, seqIs(2)); d > time.Second {
			t.Errorf("told after %v", d)
		}
		desk.happen(id, nil, &deskapi.Message{ID: "m1", From: "technician", Name: "李老师", Text: "看到了"})
		desk.happen(id, nil, &deskapi.Message{ID: "m2", From: "technician", Name: "李老师", Text: "请重启"})
		desk.happen(id, func(s *deskapi.Status) { s.Files = append(s.Files, deskapi.FileInfo{Name: "screen-1.png"}) }, nil)
		until(t, l, seqIs(5))
		if s := l.last(); len(s.Messages) != 2 || len(s.Files) != 1 || s.Agent != "李老师" {
			t.Errorf("%+v", s)
		}
		desk.happen(id, resolve, nil)
		if err := <-end; err != nil {
			t.Error(err)
		}
		if got := l.seqs(); !slices.Equal(got, []int64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("told %v", got)
		}
		if len(l.ways) != 0 {
			t.Errorf("trouble %v", l.ways)
		}
	})
}

func TestAClosedTicketIsNotFollowed(t *testing.T) {
	err := Follow(t.Context(), &deskapi.Client{Base: "http://desk.invalid"}, "x", deskapi.Status{Seq: 5, State: deskapi.Solved}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestABufferingProxyDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		l, end := follow(t, buffering{desk}, id)
		until(t, l, seqIs(1))
		time.Sleep(time.Minute) // it has found out by now
		desk.happen(id, take, nil)
		if d := until(t, l, seqIs(2)); d > time.Second {
			t.Errorf("told after %v", d)
		}
		time.Sleep(90 * time.Second)
		desk.happen(id, nil, &deskapi.Message{ID: "m1", Text: "看到了"})
		if d := until(t, l, seqIs(3)); d > time.Second {
			t.Errorf("told after %v", d)
		}
		desk.happen(id, resolve, nil)
		if err := <-end; err != nil {
			t.Error(err)
		}
		if len(l.last().Messages) != 1 || len(l.ways) != 0 {
			t.Errorf("%+v %v", l.last(), l.ways)
		}
	})
}

func TestAProxyThatStopsAllStreamsLeavesPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		var asked atomic.Int64
		l, end := follow(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") == "text/event-stream" {
				<-r.Context().Done()
				return
			}
			asked.Add(1)
			desk.ServeHTTP(w, r)
		}), id)
		until(t, l, seqIs(1))
		time.Sleep(9 * time.Minute)
		if n := asked.Load(); n < 8 || n > 30 {
			t.Errorf("asked %d times in nine minutes", n)
		}
		desk.happen(id, take, nil)
		if d := until(t, l, seqIs(2)); d > 2*pollLong {
			t.Errorf("told after %v", d)
		}
		desk.happen(id, resolve, nil)
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

func TestAComputerThatSleptCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		var asleep atomic.Bool // the connection stands, nothing comes through
		l, end := follow(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") == "text/event-stream" && asleep.CompareAndSwap(false, true) {
				w.Header().Set("Content-Type", "text/event-stream")
				io.WriteString(w, ": open\n\n")
				<-r.Context().Done()
				return
			}
			desk.ServeHTTP(w, r)
		}), id)
		until(t, l, seqIs(1))
		synctest.Wait()
		if !asleep.Load() {
			t.Fatal("no stream")
		}
		desk.happen(id, take, nil)
		if d := until(t, l, seqIs(2)); d > deskapi.Quiet+time.Second {
			t.Errorf("told after %v", d)
		}
		desk.happen(id, resolve, nil)
		if d := until(t, l, seqIs(3)); d > time.Second {
			t.Errorf("the stream is not back: %v", d)
		}
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

func TestFollowingRidesOutTheDesksAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		var mu sync.Mutex
		var cancels []context.CancelFunc
		away := false
		l, end := follow(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			gone := away
			ctx, cancel := context.WithCancel(r.Context())
			cancels = append(cancels, cancel)
			mu.Unlock()
			if gone {
				http.Error(w, "bad gateway", http.StatusBadGateway)
				return
			}
			desk.ServeHTTP(w, r.WithContext(ctx))
		}), id)
		until(t, l, seqIs(1))
		mu.Lock()
		away = true
		for _, c := range cancels {
			c()
		}
		mu.Unlock()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if !slices.Equal(l.ways, []string{"desk.unreachable"}) {
			t.Errorf("ways %v", l.ways)
		}
		desk.happen(id, take, nil)
		desk.happen(id, nil, &deskapi.Message{ID: "m1", Text: "看到了"})
		mu.Lock()
		away = false
		mu.Unlock()
		if d := until(t, l, seqIs(3)); d > followLong+time.Second {
			t.Errorf("told after %v", d)
		}
		desk.happen(id, resolve, nil)
		if err := <-end; err != nil {
			t.Error(err)
		}
		if s := l.last(); len(s.Messages) != 1 || s.Seq != 4 || !slices.Equal(l.ways, []string{"desk.unreachable", ""}) {
			t.Errorf("%+v %v", s, l.ways)
		}
	})
}

func TestFollowingEndsWhereItIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		_, end := follow(t, desk, newTicket(report.P1).ID)
		if err := <-end; !errors.As(err, new(deskapi.ErrRefused)) {
			t.Error(err)
		}
		clear(desk.tokens)
		_, end = follow(t, desk, id)
		if err := <-end; !errors.Is(err, deskapi.ErrToken) {
			t.Error(err)
		}
	})
}

// Over real connections: the desk is killed and started again on the same
// port, things happen meanwhile.
func TestFollowingAcrossARestartOfTheDesk(t *testing.T) {
	desk, id := filed(t)
	listen := func(addr string) (*httptest.Server, string) {
		ln, err := net.Listen("tcp", addr)
		must(t, err)
		s := httptest.NewUnstartedServer(desk)
		s.Listener.Close()
		s.Listener = ln
		s.Start()
		return s, ln.Addr().String()
	}
	s, addr := listen("127.0.0.1:0")
	l := &told{news: make(chan struct{}, 1)}
	c := &deskapi.Client{Base: "http://" + addr, Token: func() string { return "token" }}
	end := make(chan error, 1)
	go func() { end <- Follow(t.Context(), c, id, deskapi.Status{}, l.on) }()
	<-l.news
	desk.happen(id, take, nil)
	<-l.news
	s.CloseClientConnections()
	s.Close()
	desk.happen(id, nil, &deskapi.Message{ID: "m1", Text: "看到了"})
	s, _ = listen(addr)
	defer func() { s.CloseClientConnections(); s.Close() }()
	<-l.news
	desk.happen(id, resolve, nil)
	if err := <-end; err != nil {
		t.Error(err)
	}
	if got := l.seqs(); !slices.Equal(got, []int64{1, 2, 3, 4}) || len(l.last().Messages) != 1 {
		t.Errorf("told %v, %+v", got, l.last())
	}
}

func TestEventsThatComeAgainAreNotToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, id := filed(t)
		l, end := follow(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Last-Event-ID") // something on the way loses it: all events come again with each
			if r.Header.Get("Accept") == "text/event-stream" {
				r.URL.RawQuery = "once"
			}
			desk.ServeHTTP(w, r)
		}), id)
		until(t, l, seqIs(1))
		desk.happen(id, take, nil)
		until(t, l, seqIs(2))
		desk.happen(id, nil, &deskapi.Message{ID: "m1", Text: "看到了"})
		until(t, l, seqIs(3))
		desk.happen(id, resolve, nil)
		if err := <-end; err != nil {
			t.Error(err)
		}
		if got := l.seqs(); !slices.Equal(got, []int64{1, 2, 3, 4}) || len(l.last().Messages) != 1 {
			t.Errorf("told %v: %+v", got, l.last())
		}
	})
}
