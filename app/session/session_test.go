package session

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"raisehand/app/policy"
	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// desk is a desktop that remembers what it was asked.
type screen struct {
	mu   sync.Mutex
	open map[Window]bool
	told []string
}

func (d *screen) set(w Window, on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w.Hidden = false
	d.open[w] = on
}
func (d *screen) Open(w Window)        { d.set(w, true) }
func (d *screen) Reveal(Window)        {}
func (d *screen) Close(w Window)       { d.set(w, false) }
func (d *screen) IsOpen(w Window) bool { d.mu.Lock(); defer d.mu.Unlock(); return d.open[w] }
func (d *screen) Notify(lang string, title, text snapshot.Notice) {
	d.told = append(d.told, title.Code)
}
func (d *screen) Setting(string) bool      { return false }
func (d *screen) OpenSetting(string) error { return nil }
func (d *screen) Quit()                    {}

// answers is a check that says one result after a while.
type answers struct {
	result report.Result
	after  time.Duration
}

func (a answers) Name() string { return a.result.Check }
func (a answers) Run(ctx context.Context) report.Result {
	select {
	case <-time.After(a.after):
	case <-ctx.Done():
		return report.Result{Verdict: report.Unknown, Code: "probe.timeout"}
	}
	return a.result
}

// world is a session with a disk of its own and no desk.
type world struct {
	*Session
	screen *screen
	home   string
	stop   context.CancelFunc
	ended  chan struct{}
}

const consented = "2026-11-01T08:00:00Z"

// start runs a session in home whose checks find a muted microphone after one
// second, and whose camera check takes cameraTakes.
func start(t *testing.T, home string, settings map[string]any, cameraTakes time.Duration) *world {
	t.Helper()
	box, err := uploader.OpenOutbox(filepath.Join(home, "outbox"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{screen: &screen{open: map[Window]bool{}}, home: home, ended: make(chan struct{})}
	desk := uploader.OpenDesk("", "", filepath.Join(home, "device.json"))
	w.Session = New(Config{
		Settings: policy.Load(policy.Layer{Source: policy.Own, Values: settings}),
		Save:     func(map[string]any) error { return nil },
		Lang:     "zh", Wording: func(lang string) string { return "1 " + lang }, Computer: "pc-302", Version: "test",
		Box: box, Desk: desk, Post: &uploader.Post{Outbox: box, Desk: desk}, Desktop: w.screen,
		Plan: capture.Plan{Rest: []string{"system", "camera", "mic", "logs"}, Start: func(name string, s capture.Situation, say func(capture.Line)) capture.Check {
			switch name {
			case "mic":
				return answers{report.Result{Verdict: report.Fail, Code: "mic.muted", Params: map[string]any{"device": "Li Wei's Headset"}}, time.Second}
			case "camera":
				return answers{report.Result{Verdict: report.OK, Code: "camera.ok"}, cameraTakes}
			}
			return answers{report.Result{Verdict: report.OK, Code: name + ".ok"}, 100 * time.Millisecond}
		}},
		Screen: func(ctx context.Context, say func(capture.Line)) {
			say(capture.Line{Captured: true})
			say(capture.Line{Picture: &capture.Picture{Name: "thumb.png", Data: []byte("small")}})
			say(capture.Line{Picture: &capture.Picture{Name: "screen-1.png", Type: "image/png", Width: 4, Height: 3, Data: []byte("large")}})
			say(capture.Line{Result: &report.Result{Check: "screen", Verdict: report.OK, Code: "screen.ok"}})
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() {
		defer close(w.ended)
		w.Run(ctx)
	}()
	synctest.Wait()
	return w
}

// end stops the session as a crash would not: it waits for it.
func (w *world) end() {
	w.stop()
	<-w.ended
}

func (w *world) ask(v snapshot.Verb) snapshot.Snapshot {
	w.Do(v)
	synctest.Wait()
	return w.Snapshot()
}

// click opens the form and has it shown.
func (w *world) click() snapshot.Snapshot {
	w.ask(snapshot.Verb{Do: snapshot.GetHelp})
	w.Shown(Window{Name: "help"})
	synctest.Wait()
	return w.Snapshot()
}

func (w *world) wait(d time.Duration) snapshot.Snapshot {
	time.Sleep(d) // the bubble's clock: it passes at once
	synctest.Wait()
	return w.Snapshot()
}

// checksOf names the rows in their order.
func checksOf(rows []snapshot.Row) string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Check)
	}
	return strings.Join(all, " ")
}

func agreed() map[string]any {
	return map[string]any{"consent_at": consented, "consent_wording": "1 zh", "name": "李老师", "role": "teacher", "room": "302"}
}

func TestAHoldThatNobodyTouchesSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), 1500*time.Millisecond)
		defer w.end()
		s := w.click()
		if s.State != snapshot.Checking || checksOf(s.Help.Rows) != "mic camera system" || s.Help.Hold == nil {
			t.Fatalf("after the click: %+v", s.Help)
		}
		if s = w.wait(4900 * time.Millisecond); len(s.Tickets) != 0 || s.Help.Findings[0].Code != "mic.muted" {
			t.Fatalf("before the hold ends: %d tickets, %+v", len(s.Tickets), s.Help)
		}
		s = w.wait(200 * time.Millisecond)
		if s.Help != nil || len(s.Tickets) != 1 {
			t.Fatalf("after the hold: help %v, %d tickets", s.Help, len(s.Tickets))
		}
		sent := s.Tickets[0].Outgoing
		if got := sent.Ticket; got.Findings[0] != "mic.muted" || got.Person.Name != "李老师" || got.Consent.Wording != "1 zh" || got.Lang != "zh" {
			t.Errorf("ticket %+v", got)
		}
		if len(sent.Files) != 0 {
			t.Errorf("the screenshot had no tick, and went: %v", sent.Files)
		}
		if !w.screen.IsOpen(Window{Name: "ticket", Ticket: s.Tickets[0].Status.ID}) {
			t.Error("the ticket's window did not open")
		}
	})
}

func TestATouchedFormWaitsForSend(t *testing.T) {
	for name, touch := range map[string]func(*world){
		"key":    func(w *world) { w.ask(snapshot.Verb{Do: snapshot.SetWords, Text: "没有声音"}) },
		"click":  func(w *world) { w.ask(snapshot.Verb{Do: snapshot.SetPriority, Priority: report.P0}) },
		"change": func(w *world) { w.ask(snapshot.Verb{Do: snapshot.Touch}) },
		"closed": func(w *world) { w.Closed(Window{Name: "help"}) },
		"no gl":  func(w *world) { w.Failed(Window{Name: "help"}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, t.TempDir(), agreed(), time.Second)
				defer w.end()
				w.click()
				touch(w)
				s := w.wait(time.Hour)
				if len(s.Tickets) != 0 || s.Help == nil || s.Help.Hold != nil {
					t.Fatalf("%d tickets, form %+v", len(s.Tickets), s.Help)
				}
				s = w.ask(snapshot.Verb{Do: snapshot.Send})
				if len(s.Tickets) != 1 {
					t.Fatalf("Send did not send: %+v", s.Help)
				}
			})
		})
	}
}

func TestWithoutConsentNothingGoesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), nil, time.Second)
		defer w.end()
		if s := w.click(); s.Consent || s.Help.Hold != nil {
			t.Fatalf("a hold without consent: %+v", s.Help)
		}
		if s := w.wait(time.Hour); len(s.Tickets) != 0 {
			t.Fatal("it went by itself")
		}
		s := w.ask(snapshot.Verb{Do: snapshot.Send})
		if len(s.Tickets) != 1 || s.Tickets[0].Outgoing.Ticket.Consent.How != "send_pressed" {
			t.Fatalf("pressed: %+v", s.Tickets)
		}
	})
}

func TestAWindowThatWasNeverSeenSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		w.ask(snapshot.Verb{Do: snapshot.GetHelp})
		if s := w.wait(time.Hour); len(s.Tickets) != 0 {
			t.Fatal("sent what was not shown")
		}
	})
}

func TestTheScreenshotGoesWithATickOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		s := w.click()
		if s.Help.WithPicture || s.Help.Picture == nil {
			t.Fatalf("picture %+v, tick %v", s.Help.Picture, s.Help.WithPicture)
		}
		s = w.ask(snapshot.Verb{Do: snapshot.TickPicture, On: true})
		if len(s.Help.Outgoing.Files) != 1 {
			t.Fatalf("what will be sent does not name it: %+v", s.Help.Outgoing.Files)
		}
		w.ask(snapshot.Verb{Do: snapshot.Send})
		e := w.Box.Entries()[0]
		if len(e.Waiting) == 0 || !strings.Contains(names(e.Waiting), "screen-1.png") {
			t.Errorf("kept: %v", names(e.Waiting))
		}
	})
}

func names(files []deskapi.FileInfo) (s string) {
	for _, f := range files {
		s += f.Name + " "
	}
	return s
}

func TestASlowCheckComesAfterTheTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), 5800*time.Millisecond)
		defer w.end()
		w.click()
		s := w.wait(5100 * time.Millisecond)
		if len(s.Tickets) != 1 {
			t.Fatal("the ticket waited for a slow check")
		}
		if _, ok := s.Tickets[0].Outgoing.Report.Find("camera"); ok {
			t.Fatal("the camera had not spoken yet")
		}
		s = w.wait(2 * time.Second)
		if got, _ := s.Tickets[0].Outgoing.Report.Find("camera"); got.Code != "camera.ok" {
			t.Errorf("its verdict did not follow: %+v", s.Tickets[0].Outgoing.Report.Results)
		}
	})
}

func TestDontSendLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		w.click()
		s := w.ask(snapshot.Verb{Do: snapshot.DontSend})
		if s.Help != nil || w.screen.IsOpen(Window{Name: "help"}) {
			t.Fatal("the form is still there")
		}
		if s = w.wait(time.Hour); len(s.Tickets) != 0 {
			t.Fatal("sent after all")
		}
	})
}

// What was on somebody's screen goes out of memory with the request, and does
// not come back with a line of the screenshot that was on its way.
func TestAPictureDoesNotOutliveItsRequest(t *testing.T) {
	for _, how := range []string{snapshot.DontSend, snapshot.Send} {
		synctest.Test(t, func(t *testing.T) {
			w := start(t, t.TempDir(), agreed(), time.Second)
			defer w.end()
			w.click()
			h := w.help
			if len(h.pictures) != 1 {
				t.Fatalf("%d pictures were taken", len(h.pictures))
			}
			w.ask(snapshot.Verb{Do: how})
			w.post(func() {
				w.screenSaid(h, capture.Line{Picture: &capture.Picture{Name: "thumb.png", Data: []byte("small")}})
				w.screenSaid(h, capture.Line{Picture: &capture.Picture{Name: "screen-2.png", Data: []byte("large")}})
			})
			synctest.Wait()
			if len(h.pictures) > 0 || len(w.frames) > 0 {
				t.Errorf("after %s: %d pictures, %d thumbnails are kept", how, len(h.pictures), len(w.frames))
			}
		})
	}
}

func TestTypedWordsOutliveTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := t.TempDir()
		w := start(t, home, agreed(), time.Second)
		w.click()
		w.ask(snapshot.Verb{Do: snapshot.SetWords, Text: "投影没有画面"})
		w.wait(time.Second)
		if raw, _ := w.Box.LoadForm(); !strings.Contains(string(raw), "投影没有画面") {
			t.Fatalf("not on the disk: %s", raw)
		}
		w.end()
		again := start(t, home, agreed(), time.Second)
		defer again.end()
		s := again.click()
		if s.Help == nil || s.Help.Words != "投影没有画面" {
			t.Fatalf("form %+v", s.Help)
		}
		if s = again.wait(time.Hour); len(s.Tickets) != 0 {
			t.Fatal("a restored form was sent by itself")
		}
	})
}

func TestNothingFoundGoesAsP1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		w.Plan.Start = func(name string, s capture.Situation, say func(capture.Line)) capture.Check {
			return answers{report.Result{Verdict: report.OK, Code: name + ".ok"}, 0}
		}
		w.click()
		s := w.wait(6 * time.Second)
		if len(s.Tickets) != 1 || s.Tickets[0].Status.Priority != report.P1 || s.Tickets[0].Outgoing.Ticket.Findings[0] != "none" {
			t.Fatalf("%+v", s.Tickets)
		}
	})
}

func TestATicketThatWaitsSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		w.click()
		w.ask(snapshot.Verb{Do: snapshot.Send})
		s := w.wait(time.Second)
		if s.State != snapshot.Offline || s.Tickets[0].Code == "" {
			t.Fatalf("state %q, because %q", s.State, s.Tickets[0].Code)
		}
	})
}

func TestTheIconFollowsTheTicket(t *testing.T) {
	past, future := -time.Second, time.Minute
	now := time.Now()
	for _, c := range []struct {
		name string
		t    snapshot.Ticket
		want snapshot.State
	}{
		{"received", snapshot.Ticket{Status: deskapi.Status{State: deskapi.Received}, Left: &future}, snapshot.Waiting},
		{"taken, not answered", snapshot.Ticket{Status: deskapi.Status{State: deskapi.Assigned}, Left: &future}, snapshot.Waiting},
		{"late", snapshot.Ticket{Status: deskapi.Status{State: deskapi.Assigned}, Left: &past}, snapshot.Overdue},
		{"answered", snapshot.Ticket{Status: deskapi.Status{State: deskapi.InProgress, Deadline: &deskapi.Deadline{MetAt: &now}}}, snapshot.Answered},
		{"solved", snapshot.Ticket{Status: deskapi.Status{State: deskapi.Solved}}, snapshot.Idle},
		{"on its way", snapshot.Ticket{Status: deskapi.Status{State: deskapi.Queued}}, snapshot.Waiting},
		{"no network", snapshot.Ticket{Status: deskapi.Status{State: deskapi.Queued}, Code: "desk.unreachable"}, snapshot.Offline},
	} {
		if got := state(snapshot.Snapshot{Tickets: []snapshot.Ticket{c.t}}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNotNowIsAnAnswerToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), nil, time.Second)
		defer w.end()
		w.ask(snapshot.Verb{Do: snapshot.Show})
		if !w.screen.IsOpen(Window{Name: "welcome"}) {
			t.Fatal("the first start asks nothing")
		}
		s := w.ask(snapshot.Verb{Do: snapshot.Introduce, Person: &deskapi.Person{Name: "李老师\x1b[31m\u202e"}})
		if s.Consent || s.Me.Name != "李老师[31m" {
			t.Errorf("consent %v, name %q", s.Consent, s.Me.Name)
		}
		w.screen.set(Window{Name: "welcome"}, false)
		w.ask(snapshot.Verb{Do: snapshot.Show})
		if w.screen.IsOpen(Window{Name: "welcome"}) || !w.screen.IsOpen(Window{Name: "tickets"}) {
			t.Error("it asks again, and the way to help stays shut")
		}
	})
}

func TestAClickOnTheIconDoesNotAskTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		if s := w.ask(snapshot.Verb{Do: snapshot.Tap}); s.Help == nil {
			t.Fatal("with nothing open a click asks for help")
		}
		s := w.ask(snapshot.Verb{Do: snapshot.Send})
		id := s.Tickets[0].Status.ID
		w.screen.set(Window{Name: "ticket", Ticket: id}, false)
		if s = w.ask(snapshot.Verb{Do: snapshot.Tap}); s.Help != nil || !w.screen.IsOpen(Window{Name: "ticket", Ticket: id}) {
			t.Errorf("the second click: form %v", s.Help)
		}
		if s = w.ask(snapshot.Verb{Do: snapshot.GetHelp}); s.Help == nil {
			t.Error("the menu's line must ask anew all the same")
		}
	})
}

func TestALateFaceSeesTheCountdownAsItIsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		w.click()
		time.Sleep(2 * time.Second)
		w.post(func() {
			w.mu.Lock()
			w.last.Help.Hold.Left = 5 * time.Second
			w.lastAt = time.Now().Add(-2 * time.Second)
			w.mu.Unlock()
		})
		synctest.Wait()
		f := w.Listen()
		defer f.Close()
		m, _ := f.Next(context.Background())
		if left := m.Snapshot.Help.Hold.Left; left > 3*time.Second {
			t.Errorf("%v left, two seconds late", left)
		}
	})
}

func TestWithoutATrayTheFirstStartLeavesAWindowBehind(t *testing.T) {
	for _, agree := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := start(t, t.TempDir(), nil, time.Second)
			defer w.end()
			w.post(func() { w.NoTray = true })
			w.ask(snapshot.Verb{Do: snapshot.Introduce, On: agree})
			if !w.screen.IsOpen(Window{Name: "tickets"}) {
				t.Errorf("agreed %v: nothing says where Raisehand is", agree)
			}
		})
	}
}
