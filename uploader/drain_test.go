package uploader

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// post runs a Post until the test ends, and gives back what waits for things
// to become true.
func post(t *testing.T, o *Outbox, d *Desk) (*Post, func(what string, ok func() bool)) {
	t.Helper()
	moved := make(chan struct{}, 1)
	move := func() {
		select {
		case moved <- struct{}{}:
		default:
		}
	}
	p := &Post{Outbox: o, Desk: d, Changed: func(string) { move() }, Way: func(string) { move() }, Failed: func(err error) { t.Log(err) }}
	ctx, cancel := context.WithCancel(context.Background())
	var end sync.WaitGroup
	end.Go(func() { p.Run(ctx) })
	t.Cleanup(func() { cancel(); end.Wait() })
	return p, func(what string, ok func() bool) {
		t.Helper()
		late := time.After(30 * time.Second)
		for !ok() {
			select {
			case <-moved:
			case <-late:
				t.Fatalf("still not: %s; %+v", what, o.Entries())
			}
		}
	}
}

func (o *Outbox) allSent() bool {
	for _, e := range o.Entries() {
		if e.Pending > 0 && e.Refused == nil {
			return false
		}
	}
	return true
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

func TestTicketsGoBeforeAnyonesEvidence(t *testing.T) {
	desk := newFakeDesk()
	o := open(t, t.TempDir())
	slow, urgent := newTicket(report.P2), newTicket(report.P0)
	must(t, o.Put(Parcel{Ticket: slow, Report: &report.Report{Schema: 1}, Files: []File{{"big.bin", "application/octet-stream", make([]byte, 3<<20)}, {"screen-1.png", "image/png", []byte("png")}}}))
	must(t, o.AddMessage(slow.ID, deskapi.NewMessage{ID: "m1", Text: "one"}))
	must(t, o.AddMessage(slow.ID, deskapi.NewMessage{ID: "m2", Text: "two"}))
	must(t, o.AddState(slow.ID, deskapi.Solved))
	must(t, o.Put(Parcel{Ticket: urgent, Report: &report.Report{Schema: 1}}))
	d := OpenDesk(serve(t, desk).URL+"/", "k", filepath.Join(t.TempDir(), "home", "device.json"))
	_, until := post(t, o, d)
	until("all sent", o.allSent)
	want := []string{"enrol token-1", "ticket " + urgent.ID, "ticket " + slow.ID, "message " + slow.ID + " one", "message " + slow.ID + " two",
		"state " + slow.ID + " solved", "report " + urgent.ID + " 1", "report " + slow.ID + " 1", "file " + slow.ID + " screen-1.png", "file " + slow.ID + " big.bin"}
	if got := desk.heard(); !slices.Equal(got, want) {
		t.Errorf("order:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	e, _ := o.Entry(slow.ID)
	if e.Heard.IsZero() || time.Since(e.Heard) > time.Minute {
		t.Errorf("heard %v", e.Heard)
	}
	if len(e.Sent) != 3 || e.Pending != 0 || e.Code != "" || e.Status.Number != 2 {
		t.Errorf("%+v", e)
	}
	info, err := os.Stat(d.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("device.json: %v %v", info.Mode(), err)
	}
}

func TestTheDeskGoesAwayAndComesBack(t *testing.T) {
	desk := newFakeDesk()
	s := httptest.NewUnstartedServer(desk)
	addr := s.Listener.Addr().String()
	s.Listener.Close()
	o := open(t, t.TempDir())
	a := newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{Schema: 1}}))
	p, until := post(t, o, OpenDesk("http://"+addr, "k", filepath.Join(t.TempDir(), "device.json")))
	until("known to be out of reach", func() bool { e, _ := o.Entry(a.ID); return e.Code == "desk.unreachable" && e.Status == nil })
	back := &http.Server{Handler: desk, Addr: addr}
	go back.ListenAndServe()
	t.Cleanup(func() { back.Close() })
	p.Kick()
	until("sent", o.allSent)
	if e, _ := o.Entry(a.ID); e.Code != "" || e.Status == nil {
		t.Errorf("%+v", e)
	}
}

func TestWhatStandsInTheWayHasAWord(t *testing.T) {
	html := func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<html>登录校园网</html>"))
		return true
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, c := range []struct {
		code, key, url string
		answer         func(http.ResponseWriter, *http.Request) bool
	}{
		{code: "desk.not_a_desk", key: "k", answer: html},
		{code: "desk.key_wrong", key: "old"},
		{code: "desk.key_missing", key: ""},
		{code: "desk.unreachable", key: "", url: closed.URL},
		{code: "desk.not_a_desk", key: "", answer: html},
		{code: "desk.address_wrong", key: "k", url: "desk.school"},
		{code: "desk.not_set", key: "k", url: " "},
	} {
		t.Run(c.code, func(t *testing.T) {
			desk := newFakeDesk()
			desk.answer = c.answer
			url := c.url
			if url == "" {
				url = serve(t, desk).URL
			}
			o := open(t, t.TempDir())
			a := newTicket(report.P1)
			must(t, o.Put(Parcel{Ticket: a}))
			_, until := post(t, o, OpenDesk(url, c.key, filepath.Join(t.TempDir(), "device.json")))
			until(c.code, func() bool { e, _ := o.Entry(a.ID); return e.Code == c.code && e.Pending == 1 })
			must(t, o.AddState(a.ID, deskapi.Withdrawn)) // it cannot have left: it ends here
			if e, _ := o.Entry(a.ID); e.Pending != 0 && c.code != "desk.not_a_desk" {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestARefusedTicketDoesNotBlockOthers(t *testing.T) {
	desk := newFakeDesk()
	o := open(t, t.TempDir())
	bad, good := newTicket(report.P0), newTicket(report.P3)
	bad.Computer = "refuse me"
	must(t, o.Put(Parcel{Ticket: bad, Report: &report.Report{}}))
	must(t, o.Put(Parcel{Ticket: good, Report: &report.Report{}}))
	_, until := post(t, o, OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json")))
	until("settled", o.allSent)
	e, _ := o.Entry(bad.ID)
	if e.Refused == nil || e.Refused.Code != "desk.ticket_changed" || e.Pending != 0 {
		t.Errorf("%+v", e)
	}
	if e, _ := o.Entry(good.ID); e.Status == nil {
		t.Errorf("%+v", e)
	}
}

// Whatever stands at the address, a ticket is refused only for what is in it.
func TestNothingOnTheWayRefusesATicket(t *testing.T) {
	for _, where := range []string{"/v1/enroll", "/v1/tickets"} {
		for _, c := range []struct {
			status     int
			code, want string // on the wire; the ticket's
		}{
			{400, "", "desk.not_a_desk"},
			{401, "desk.token_unknown", ""},
			{403, "", "desk.not_a_desk"},
			{403, "desk.csrf", ""},
			{404, "desk.not_found", "desk.address_wrong"},
			{405, "", "desk.address_wrong"},
			{409, "desk.not_now", "desk.busy"},
			{413, "", "desk.not_a_desk"},
			{413, "html", "desk.not_a_desk"},
			{404, "html", "desk.not_a_desk"},
			{422, "html", "desk.not_a_desk"},
			{500, "desk.broken", "desk.busy"},
			{308, "html", "desk.not_a_desk"},
		} {
			t.Run(fmt.Sprintf("%s %d %s", where, c.status, c.code), func(t *testing.T) {
				desk := newFakeDesk()
				var wrong atomic.Bool
				wrong.Store(true)
				desk.answer = func(w http.ResponseWriter, r *http.Request) bool {
					switch {
					case !wrong.Load() || r.URL.Path != where:
						return false
					case c.code == "html":
						w.Header().Set("Content-Type", "text/html")
						w.Header().Set("Location", "http://portal.invalid/")
						w.WriteHeader(c.status)
					default:
						refuse(w, c.status, c.code)
					}
					return true
				}
				dir := t.TempDir()
				o := open(t, dir)
				a := newTicket(report.P1)
				must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{Schema: 1}}))
				p, until := post(t, o, OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json")))
				until("known to be held up", func() bool {
					e, _ := o.Entry(a.ID)
					return e.Refused != nil || e.Code != "" && (c.want == "" || e.Code == c.want)
				})
				if e, _ := open(t, dir).Entry(a.ID); e.Refused != nil || e.Pending != 2 {
					t.Fatalf("%+v", e)
				}
				wrong.Store(false)
				p.Kick()
				until("sent", func() bool { e, _ := o.Entry(a.ID); return e.Status != nil && e.Pending == 0 })
			})
		}
	}
}

// A desk that has lost sight of a ticket keeps nobody's words from it.
func TestWhatIsBeneathATicketWaitsForIt(t *testing.T) {
	desk := newFakeDesk()
	var lost atomic.Bool
	lost.Store(true)
	desk.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if lost.Load() && strings.HasSuffix(r.URL.Path, "/messages") {
			refuse(w, 404, "desk.not_found")
			return true
		}
		return false
	}
	o := open(t, t.TempDir())
	a, b := newTicket(report.P1), newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a}))
	must(t, o.AddMessage(a.ID, deskapi.NewMessage{ID: "m1", Text: "还在吗"}))
	must(t, o.Put(Parcel{Ticket: b, Report: &report.Report{Schema: 1}}))
	p, until := post(t, o, OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json")))
	until("the other is through", func() bool { e, _ := o.Entry(b.ID); return e.Pending == 0 })
	if e, _ := o.Entry(a.ID); len(e.Denied) != 0 || len(e.Unsent) != 1 {
		t.Fatalf("%+v", e)
	}
	lost.Store(false)
	p.Kick()
	until("said", o.allSent)
}

func TestABusyDeskHoldsUpOneThingOnly(t *testing.T) {
	desk := newFakeDesk()
	var mu sync.Mutex
	busy := true
	desk.answer = func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if busy && strings.Contains(r.URL.Path, "/reports/") {
			w.Header().Set("Retry-After", "120")
			refuse(w, 503, "")
			return true
		}
		return false
	}
	o := open(t, t.TempDir())
	a := newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{}, Files: []File{{"f.txt", "text/plain", []byte("f")}}}))
	p, until := post(t, o, OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json")))
	until("the file is sent, the report waits", func() bool { e, _ := o.Entry(a.ID); return len(e.Sent) == 1 && len(e.Waiting) == 1 })
	mu.Lock()
	busy = false
	mu.Unlock()
	p.Kick()
	until("all sent", o.allSent)
}

func TestAnUnknownComputerEnrolsAgain(t *testing.T) {
	desk := newFakeDesk()
	url := serve(t, desk).URL
	path := filepath.Join(t.TempDir(), "device.json")
	d := OpenDesk(url, "k", path)
	must(t, d.Enrol(t.Context()))
	desk.mu.Lock()
	clear(desk.tokens)
	desk.tokens["other"] = true
	desk.mu.Unlock()
	o := open(t, t.TempDir())
	must(t, o.Put(Parcel{Ticket: newTicket(report.P1)}))
	_, until := post(t, o, d)
	until("sent", o.allSent)
	again := OpenDesk(url, "", path)
	if me, ok := again.Enrolled(); !ok || me.Token != "token-2" || again.Contact().Name != "信息中心" {
		t.Errorf("kept account: %+v", me)
	}
	other := OpenDesk(serve(t, newFakeDesk()).URL, "", path)
	if _, ok := other.Enrolled(); ok {
		t.Error("another desk got this desk's account")
	}
	if err := other.Enrol(t.Context()); !errors.Is(err, deskapi.ErrNoKey) {
		t.Error(err)
	}
}

func TestALargeFileMakesWayForATicket(t *testing.T) {
	desk := newFakeDesk()
	o := open(t, t.TempDir())
	a, urgent := newTicket(report.P2), newTicket(report.P0)
	var once sync.Once
	desk.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PATCH" {
			once.Do(func() { must(t, o.Put(Parcel{Ticket: urgent})) })
		}
		return false
	}
	must(t, o.Put(Parcel{Ticket: a, Files: []File{{"big.bin", "application/octet-stream", make([]byte, 5<<20)}}}))
	_, until := post(t, o, OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json")))
	until("all sent", o.allSent)
	said := desk.heard()
	if slices.Index(said, "ticket "+urgent.ID) > slices.Index(said, "file "+a.ID+" big.bin") || len(desk.faults) > 0 {
		t.Errorf("%v %v", said, desk.faults)
	}
}

// A night without the desk, in a bubble where a night takes no time.
func TestADeskThatIsAwayForTheNightIsAskedSparingly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk := newFakeDesk()
		var asked atomic.Int64
		var back atomic.Bool
		o := open(t, t.TempDir())
		d := OpenDesk("https://desk", "k", filepath.Join(t.TempDir(), "device.json"))
		d.Client.HTTP = &http.Client{Transport: wire{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if !back.Load() {
				http.Error(w, "bad gateway", http.StatusBadGateway)
				return
			}
			desk.ServeHTTP(w, r)
		})}}
		ctx, cancel := context.WithCancel(t.Context())
		var end sync.WaitGroup
		end.Go(func() { (&Post{Outbox: o, Desk: d}).Run(ctx) })
		must(t, o.Put(Parcel{Ticket: newTicket(report.P1)}))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := asked.Load(); n < 3 || n > 10 {
			t.Errorf("asked %d times in the first ten seconds", n)
		}
		time.Sleep(8 * time.Hour)
		synctest.Wait()
		if n := asked.Load(); n < 200 || n > 600 {
			t.Errorf("asked %d times in eight hours", n)
		}
		before := asked.Load()
		must(t, o.Put(Parcel{Ticket: newTicket(report.P1)})) // somebody presses the button: at once
		synctest.Wait()
		if asked.Load() == before {
			t.Error("a new ticket waits for the backoff")
		}
		back.Store(true)
		time.Sleep(longWait)
		synctest.Wait()
		if !o.allSent() {
			t.Errorf("%+v", o.Entries())
		}
		cancel()
		end.Wait()
	})
}

func TestADiskThatCannotBeWrittenDoesNotKeepATicketFromLeaving(t *testing.T) {
	desk := newFakeDesk()
	dir := t.TempDir()
	o := open(t, dir)
	a := newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{}}))
	aside := filepath.Join(t.TempDir(), "aside")
	must(t, os.Rename(filepath.Join(dir, a.ID), aside)) // even root cannot write what is not there
	must(t, drainAll(o, OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json"))))
	if len(desk.tickets) != 1 || len(desk.reports[a.ID]) != 1 || len(desk.faults) > 0 {
		t.Errorf("%v %v", desk.said, desk.faults)
	}
	err := o.AddMessage(a.ID, deskapi.NewMessage{ID: a.ID, Text: "x"})
	if !errors.Is(err, ErrUnwritable) || deskapi.Code(err) != "outbox.unwritable" {
		t.Errorf("%v", err)
	}
}

func TestEvidenceGoesToTheDeskThatHasTheTicket(t *testing.T) {
	first, second := newFakeDesk(), newFakeDesk()
	o := open(t, t.TempDir())
	path := filepath.Join(t.TempDir(), "device.json")
	here, there := OpenDesk(serve(t, first).URL, "k", path), OpenDesk(serve(t, second).URL, "k", path)
	a, b := newTicket(report.P1), newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a}))
	must(t, drainAll(o, here))
	must(t, o.AddReport(a.ID, report.Report{Schema: 1}))
	must(t, o.Put(Parcel{Ticket: b}))
	_, until := post(t, o, there) // the school has moved to another desk
	until("the new ticket is there", func() bool { e, _ := o.Entry(b.ID); return e.Pending == 0 })
	if e, _ := o.Entry(a.ID); e.Pending != 1 || e.Code != "desk.other" || e.Desk != here.URL || len(e.Denied) != 0 {
		t.Errorf("%+v", e)
	}
	if len(second.reports) != 0 || second.tickets[a.ID] != nil {
		t.Errorf("the other desk got %v", second.said)
	}
}

func TestTheDeskUsedLastIsRemembered(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "device.json")
	o := open(t, filepath.Join(home, "outbox"))
	is := func(what, want string) {
		t.Helper()
		if got := LastDesk(path); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	send := func(d *Desk) {
		t.Helper()
		must(t, o.Put(Parcel{Ticket: newTicket(report.P1)}))
		must(t, drainAll(o, d))
	}
	is("nothing yet", "")
	one, two := serve(t, newFakeDesk()).URL, serve(t, newFakeDesk()).URL
	if err := OpenDesk(one, "wrong", path).Enrol(t.Context()); err == nil {
		t.Fatal("a wrong key was good")
	}
	is("refused", "")
	must(t, OpenDesk(one+"/", "k", path).Enrol(t.Context()))
	is("enrolled", one)
	send(OpenDesk(two, "k", path))
	is("moved", two)
	OpenDesk(one, "", path)
	is("opened, not used", two)
	send(OpenDesk(one, "", path)) // enrolled already
	is("moved back", one)
	if _, ok := OpenDesk(two, "", path).Enrolled(); !ok {
		t.Error("the other account is gone")
	}

	raw, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte("{"+strings.Repeat("x", len(raw))), 0o600))
	is("damaged", "")
	must(t, os.WriteFile(path, []byte(`{"desks":{"http://old":{"token":"t"}}}`), 0o600))
	is("written by an older version", "http://old")
	must(t, os.WriteFile(path, []byte(`{"desks":{"http://a":{"token":"t"},"http://b":{"token":"t"}}}`), 0o600))
	is("which of two is not known", "")
}
