package window

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"raisehand/app/snapshot"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

func verb(do string) snapshot.Verb { return snapshot.Verb{Do: do} }

// Any key and any click in the form stops the hold, once; the bar's own
// buttons say what they say and no more.
func TestTouch(t *testing.T) {
	for name, touch := range map[string]func(*stage, *help){
		"empty space": func(s *stage, h *help) { test.TapCanvas(s.w.Canvas(), fyne.NewPos(200, 8)) },
		"a key":       func(s *stage, _ *help) { s.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown}) },
		"Tab":         func(s *stage, _ *help) { s.w.Canvas().FocusNext() },
		"Change":      func(s *stage, _ *help) { s.press("Change") },
		"the words":   func(s *stage, h *help) { s.w.Canvas().Focus(h.words) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, Help, "")
			s.win.Set(fault("en"))
			touch(s, s.win.view.(*help))
			s.did(verb(snapshot.Touch))
			if name != "Change" { // which is gone
				touch(s, s.win.view.(*help))
				s.did() // once is enough
			}
			if s.shows("Sending to") || !s.shows("Nothing is sent until you press Send") {
				t.Error("the bar still counts down")
			}
			if s.win.view.(*help).bar.change.Visible() {
				t.Error("nothing is left to change")
			}
		})
	}
	s := open(t, Help, "")
	s.win.Set(fault("en"))
	s.press("Don't send")
	s.did(verb(snapshot.DontSend))
	s.press("Send now")
	s.did(verb(snapshot.Send))
}

func TestHelpVerbs(t *testing.T) {
	s := open(t, Help, "")
	snap := fault("en")
	snap.Help.Phase, snap.Help.Hold = snapshot.Form, nil
	s.win.Set(snap)
	s.press("I can teach, but badly")
	s.did(snapshot.Verb{Do: snapshot.SetPriority, Priority: report.P1})
	s.press("Attach the screenshot")
	s.did(snapshot.Verb{Do: snapshot.TickPicture, On: true})
	s.press("Settings")
	s.did(snapshot.Verb{Do: snapshot.OpenSetting, Text: "mic"})
	s.press("Try again")
	s.did(snapshot.Verb{Do: snapshot.Retry, Text: "mic"})

	s.press("Something smaller")
	menu := s.w.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("no menu opened")
	}
	s.w.Canvas().Overlays().Remove(menu)

	h := s.win.view.(*help)
	test.Type(h.words, "no sound")
	s.did() // typing has not paused
	s.pass(400 * time.Millisecond)
	s.did(snapshot.Verb{Do: snapshot.SetWords, Text: "no sound"})
	test.Type(h.words, "!")
	s.press("Send") // what was typed last goes along
	s.did(snapshot.Verb{Do: snapshot.SetWords, Text: "no sound!"}, verb(snapshot.Send))
	test.Type(h.words, "!")
	s.win.Flush()
	s.did(snapshot.Verb{Do: snapshot.SetWords, Text: "no sound!!"})
}

// With nothing found and nothing chosen it goes as P1.
func TestNothingFoundIsP1(t *testing.T) {
	s := open(t, Help, "")
	snap := fault("en")
	snap.Help.Findings, snap.Help.Proposed, snap.Help.Chosen = nil, report.None, ""
	s.win.Set(snap)
	if h := s.win.view.(*help); !h.badly.selected || h.cannot.selected {
		t.Error("P1 is not preselected")
	}
}

// What a person types stands, whatever the session says meanwhile; a window
// opened anew shows what was typed before.
func TestWordsAreKept(t *testing.T) {
	s := open(t, Help, "")
	snap := fault("en")
	snap.Help.Words = "typed before"
	s.win.Set(snap)
	h := s.win.view.(*help)
	if h.words.Text != "typed before" {
		t.Fatalf("words %q", h.words.Text)
	}
	s.did() // showing is not typing
	test.Type(h.words, "now: ")
	snap.Seq++
	s.win.Set(snap)
	snap.Lang = "zh"
	s.win.Set(snap)
	snap.Help.Phase, snap.Help.Hold = snapshot.Refused, nil
	s.win.Set(snap)
	if want := "now: typed before"; h.words.Text != want {
		t.Errorf("words %q, want %q", h.words.Text, want)
	}
}

// Another request begins with its own words.
func TestAnotherRequest(t *testing.T) {
	s := open(t, Help, "")
	s.win.Set(fault("en"))
	h := s.win.view.(*help)
	test.Type(h.words, "old")
	s.win.Set(base("en"))
	if !s.shows("This request is closed") {
		t.Error("nothing says that it is over")
	}
	snap := fault("en")
	snap.Help.ID, snap.Help.Words = "0191", "new"
	s.win.Set(snap)
	if h.words.Text != "new" {
		t.Errorf("words %q", h.words.Text)
	}
}

// A megabyte from the clipboard is cut at the limit and the window says so.
func TestHugePaste(t *testing.T) {
	s := open(t, Help, "")
	s.win.Set(fault("en"))
	h := s.win.view.(*help)
	test.Type(h.words, "ab")
	fyne.CurrentApp().Clipboard().SetContent(strings.Repeat("老师 ", 350000))
	h.words.TypedShortcut(&fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()})
	if n := utf8.RuneCountInString(h.words.Text); n != maxWords {
		t.Errorf("%d characters, want %d", n, maxWords)
	}
	if !s.shows("No more than 4000 characters") {
		t.Error("nothing says that it was cut")
	}
	h.words.TypedRune('x')
	if n := utf8.RuneCountInString(h.words.Text); n != maxWords {
		t.Errorf("%d characters after one more key", n)
	}
	h.words.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	if s.shows("No more than 4000 characters") {
		t.Error("the warning stays although there is room")
	}
	s.picture("help-full-en")
}

// Rows stand still from the first frame to the last result, and so does all
// below them; also when the language changes.
func TestNothingJumps(t *testing.T) {
	s := open(t, Help, "")
	h := s.win.view.(*help)
	places := func() (at []fyne.Position) {
		d := fyne.CurrentApp().Driver()
		for _, r := range h.rows {
			at = append(at, d.AbsolutePositionForObject(r.box), d.AbsolutePositionForObject(r.name), d.AbsolutePositionForObject(r.status))
		}
		for _, o := range []fyne.CanvasObject{h.cannot, h.badly, h.words, h.attach, h.bar.box} {
			at = append(at, d.AbsolutePositionForObject(o))
		}
		return at
	}
	s.win.Set(checking("en"))
	want := places()
	var steps []snapshot.Snapshot
	for i := 1; i <= len(fault("en").Help.Rows); i++ {
		snap, full := checking("en"), fault("en")
		copy(snap.Help.Rows[:i], full.Help.Rows[:i])
		steps = append(steps, snap)
	}
	refused := fault("en")
	refused.Help.Phase, refused.Help.Problem = snapshot.Refused, &snapshot.Notice{Code: "desk.unreachable"}
	noticed := fault("zh")
	noticed.Notice = &snapshot.Notice{Code: "desk.unreachable"}
	steps = append(steps, fault("en"), fault("zh"), refused, noticed)
	for i, snap := range steps {
		s.win.Set(snap)
		s.pass(300 * time.Millisecond)
		got := places()
		for k := range want {
			if got[k] != want[k] {
				t.Errorf("step %d: place %d moved from %v to %v", i, k, want[k], got[k])
			}
		}
	}
	if s.w.Canvas().Size() != s.win.Size() {
		t.Errorf("the window grew to %v", s.w.Canvas().Size())
	}
	s.win.Set(fault("en"))
	d := fyne.CurrentApp().Driver()
	if low, bar := d.AbsolutePositionForObject(h.thumb).Y+h.thumb.Size().Height, d.AbsolutePositionForObject(h.bar.box).Y; low > bar {
		t.Errorf("the form ends at %v, behind the bar at %v: one would have to scroll", low, bar)
	}
}

// The windows fit a 1366 × 768 screen at 125 %: 614 units high, less a title
// bar of 31 and a task bar of 48.
func TestFitsSmallScreen(t *testing.T) {
	for _, name := range []string{Help, Ticket, Tickets, Welcome, About} {
		for _, lang := range []string{"en", "zh"} {
			s := open(t, name, "t1")
			s.win.Set(withTicket(fault(lang), ticketAt(lang, deskapi.Assigned)))
			if m := s.win.Content().MinSize(); m.Width > 520 || m.Height > 535 || s.win.Size().Height > 535 {
				t.Errorf("%s %s: at least %v, wants %v", name, lang, m, s.win.Size())
			}
		}
	}
}

func TestTicketVerbs(t *testing.T) {
	s := open(t, Ticket, "t1")
	x := ticketAt("en", deskapi.Assigned)
	x.Draft, x.Unread = "half a ", 1
	x.Status.Messages = []deskapi.Message{{ID: "1", From: "technician", Text: "hello"}}
	x.Outgoing = sending("en", base("en"))
	s.win.Set(withTicket(base("en"), x))
	of := func(do, text string) snapshot.Verb { return snapshot.Verb{Do: do, Ticket: "t1", Text: text} }
	s.did(of(snapshot.Seen, ""))
	v := s.win.view.(*ticket)
	if v.words.Text != "half a " {
		t.Errorf("draft %q", v.words.Text)
	}
	s.win.Set(withTicket(base("en"), x))
	s.did() // seen once

	v.words.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	test.Type(v.words, "word")
	s.pass(600 * time.Millisecond)
	s.did(of(snapshot.Draft, "half a word"))
	test.Type(v.words, "s")
	s.win.Flush() // the window closes
	s.did(of(snapshot.Draft, "half a words"))
	s.press("Send")
	s.did(of(snapshot.Say, "half a words"), of(snapshot.Draft, ""))
	s.win.Set(withTicket(base("en"), x)) // the session has not heard yet
	if v.words.Text != "" {
		t.Errorf("what was sent is back: %q", v.words.Text)
	}

	s.press("Add screenshot")
	s.did(of(snapshot.TakePicture, ""))
	s.press("It is solved")
	s.did(of(snapshot.Solve, ""))
	s.press("No longer needed")
	s.did(of(snapshot.Withdraw, ""))
	x.NewPictures = []snapshot.Picture{{Displays: 1}}
	s.win.Set(withTicket(base("en"), x))
	s.press("Send it")
	s.did(snapshot.Verb{Do: snapshot.SendPicture, Ticket: "t1", On: true})
	s.press("Throw away")
	s.did(snapshot.Verb{Do: snapshot.SendPicture, Ticket: "t1"})

	s.press("What this request holds")
	if !s.shows("T302-PC") || !s.shows("screen-1.png") {
		t.Error("the list of what was sent is not complete")
	}
	s.press("‹ Back")
	if !s.shows("24:") {
		t.Error("Back does not lead back")
	}
}

// Esc leads back from the list of what is sent, then out; a message can be
// copied.
func TestBackAndCopy(t *testing.T) {
	s := open(t, Ticket, "t1")
	x := ticketAt("en", deskapi.Assigned)
	x.Outgoing = sending("en", base("en"))
	s.win.Set(withTicket(base("en"), x))
	s.press("What this request holds")
	s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.closed || !s.shows("24:") {
		t.Error("Esc closes the window instead of going back")
	}
	walk(s.w.Content(), fyne.Position{}, fyne.Size{}, func(o fyne.CanvasObject, at fyne.Position, _ fyne.Size) {
		if c, ok := o.(*copyable); ok {
			test.TapSecondaryAt(c, fyne.NewPos(5, 5))
		}
	})
	menu := s.w.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("no menu opened")
	}
	walk(menu, fyne.Position{}, fyne.Size{}, func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
		if m, ok := o.(*widget.PopUpMenu); ok {
			m.Items[0].(fyne.Tappable).Tapped(nil)
		}
	})
	if got := fyne.CurrentApp().Clipboard().Content(); got != x.Words {
		t.Errorf("copied %q, want %q", got, x.Words)
	}
}

// The countdown runs on the window's own clock and turns over at the deadline.
func TestCountdown(t *testing.T) {
	s := open(t, Ticket, "t1")
	s.win.Set(withTicket(base("en"), ticketAt("en", deskapi.Received)))
	v := s.win.view.(*ticket)
	for _, step := range []struct {
		pass time.Duration
		want string
		face face
	}{
		{0, "24:10", counting},
		{10 * time.Second, "24:00", counting},
		{24 * time.Minute, "0:00", counting},
		{time.Second, "+0:01", overdue},
		{time.Hour, "+1:00:01", overdue},
	} {
		s.clock = s.clock.Add(step.pass)
		s.win.Tick()
		if v.digits.text != step.want || v.ring.face != step.face {
			t.Errorf("after %v more: %s %s, want %s %s", step.pass, v.digits.text, v.ring.face, step.want, step.face)
		}
	}
	x := ticketAt("en", deskapi.Received)
	x.Left, x.Status.Deadline = nil, nil
	s.win.Set(withTicket(base("en"), x))
	s.pass(time.Second)
	if strings.Contains(v.digits.text, ":") {
		t.Errorf("no deadline, but %q", v.digits.text)
	}
}

// The hold counts down by the window's clock.
func TestHold(t *testing.T) {
	s := open(t, Help, "")
	s.win.Set(checking("en"))
	if !s.shows("in 5 s") {
		t.Error("it does not say 5 seconds")
	}
	s.pass(2100 * time.Millisecond)
	if !s.shows("in 3 s") {
		t.Error("it does not say 3 seconds")
	}
	snap := checking("en")
	snap.Consent, snap.Help.Hold = false, nil
	s.win.Set(snap)
	if s.shows(" s\n") || s.win.view.(*help).bar.change.Visible() || !s.shows("Nothing is sent until you press Send") {
		t.Error("without a hold nothing counts down")
	}
}

func TestListWelcomeAbout(t *testing.T) {
	s := open(t, Tickets, "")
	s.win.Set(withTicket(base("en"), ticketAt("en", deskapi.Received)))
	s.press("1042")
	s.did(snapshot.Verb{Do: snapshot.OpenTicket, Ticket: "t1"})
	s.press("Get help")
	s.did(verb(snapshot.GetHelp))

	s = open(t, Welcome, "")
	snap := base("en")
	snap.Me, snap.Guess, snap.Consent = deskapi.Person{}, deskapi.Person{Name: "Li Ming", Role: "teacher"}, false
	s.win.Set(snap)
	v := s.win.view.(*welcome)
	if v.name.Text != "Li Ming" || s.win.First() != fyne.Focusable(v.room) {
		t.Error("the guess is not filled in")
	}
	s.press("Student")
	test.Type(v.room, "3B")
	v.room.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.did() // Enter in a field is no consent
	snap.Lang = "zh"
	s.win.Set(snap)
	s.press("English")
	s.did(snapshot.Verb{Do: snapshot.SetLang, Text: "en"})
	s.press("同意")
	s.did(snapshot.Verb{Do: snapshot.Introduce, On: true, Person: &deskapi.Person{Role: "student", Name: "Li Ming", Room: "3B"}})
	if !s.closed {
		t.Error("the window stays after the answer")
	}

	s = open(t, Welcome, "")
	snap = base("en")
	snap.Consent, snap.Fixed = false, []string{"role", "name", "room"}
	s.win.Set(snap)
	v = s.win.view.(*welcome)
	if s.win.First() != nil {
		t.Error("the keyboard starts on something that is known, or on Agree")
	}
	s.press("Student")
	if !v.name.Disabled() || !v.room.Disabled() || v.role != "teacher" {
		t.Error("what the school has set can be changed")
	}
	s.press("Not now")
	s.did(snapshot.Verb{Do: snapshot.Introduce, Person: &snap.Me})

	s = open(t, About, "")
	snap = base("en")
	snap.NoTray = true
	s.win.Set(snap)
	if !s.shows("Information Centre") || !s.shows("0.1.0") || s.shows("no place for the raised hand") {
		t.Error("about does not say who, or what the list of requests says already")
	}
	s = open(t, Tickets, "")
	s.win.Set(snap)
	if !s.shows("no place for the raised hand") {
		t.Error("the list of requests does not say where Raisehand is")
	}
	s.press("OK")
	s.did(snapshot.Verb{Do: snapshot.NoticeClosed, Text: "no_tray"})
	s.win.Set(snap)
	if s.shows("no place for the raised hand") {
		t.Error("the hint comes back")
	}
	s = open(t, About, "")
	s.win.Set(snap)
	s.press("中文")
	s.did(snapshot.Verb{Do: snapshot.SetLang, Text: "zh"})
	s.press("My requests")
	s.did(verb(snapshot.OpenTickets))
}

// Every window is left with Esc, and every button can be reached by Tab and
// pressed with Enter.
func TestKeyboard(t *testing.T) {
	s := open(t, Ticket, "t1")
	s.win.Set(withTicket(base("en"), ticketAt("en", deskapi.Assigned)))
	seen := map[string]bool{}
	for range 12 {
		s.w.Canvas().FocusNext()
		if b, ok := s.w.Canvas().Focused().(*button); ok {
			seen[b.text] = true
			if b.text == "It is solved" && len(s.said) == 0 {
				b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			}
		}
	}
	for _, want := range []string{"No longer needed", "Add screenshot", "It is solved"} {
		if !seen[want] {
			t.Errorf("Tab never comes to %q", want)
		}
	}
	s.did(snapshot.Verb{Do: snapshot.Solve, Ticket: "t1"})
	s.w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !s.closed {
		t.Error("Esc does not close from a focused thing")
	}
	s.closed = false
	s.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !s.closed {
		t.Error("Esc does not close")
	}
}

func TestNotice(t *testing.T) {
	s := open(t, Tickets, "")
	snap := base("zh")
	snap.Notice = &snapshot.Notice{Code: "desk.unreachable"}
	s.win.Set(snap)
	s.picture("tickets-notice-zh")
	s.press("知道了")
	s.did(snapshot.Verb{Do: snapshot.NoticeClosed, Text: "desk.unreachable"})
}

// What cannot arrive now is not promised an answer from now on, a desk that is
// away is not called a network that is away, and the number to call is there.
func TestNothingIsPromisedThatCannotArrive(t *testing.T) {
	for lang, says := range map[string]struct{ time, network, desk string }{
		"en": {"reply in 2 hours", "when the network is back", "can be reached"},
		"zh": {" · 2 小时内响应", "网络恢复后", "连上"},
	} {
		s := open(t, Help, "")
		snap := fault(lang)
		snap.Contact.Phone = "8001"
		s.win.Set(snap)
		if !s.shows(says.time) || s.shows(says.network) || s.shows(says.desk) {
			t.Errorf("%s: all is well, and the form does not say so", lang)
		}
		snap.Help.Rows[3].Result = result("network", report.Warn, "network.desk_unreachable", nil)
		s.win.Set(snap)
		if s.shows(says.time) || s.shows(says.network) || !s.shows(says.desk) || !s.shows("8001") {
			t.Errorf("%s: the desk is away, and the form does not say so", lang)
		}
		snap.Help.Rows[3].Result = result("network", report.Fail, "network.no_link", nil)
		s.win.Set(snap)
		if s.shows(says.time) || !s.shows(says.network) || s.shows(says.desk) || !s.shows("8001") {
			t.Errorf("%s: the network is away, and the form does not say so", lang)
		}
		snap.Help.Rows[3].Result, snap.Desk.Code = result("network", report.OK, "network.ok", map[string]any{"ms": 12}), "desk.unreachable"
		s.win.Set(snap)
		if !s.shows(says.time) || s.shows(says.desk) {
			t.Errorf("%s: the check has reached the desk, and the bar contradicts it", lang)
		}
	}
}

// While the desk cannot be reached an open ticket says so, also when nothing
// waits to be sent.
func TestTicketWithoutConnection(t *testing.T) {
	for lang, says := range map[string]string{"en": "cannot be reached just now.", "zh": "暂时连不上信息中心"} {
		s := open(t, Ticket, "t1")
		snap := withTicket(base(lang), ticketAt(lang, deskapi.Assigned))
		snap.Desk.Code = "desk.unreachable"
		s.win.Set(snap)
		if !s.shows(says) {
			t.Errorf("%s: nothing says that there is no connection", lang)
		}
		s.picture("ticket-away-" + lang)
		snap.Desk.Code = ""
		s.win.Set(snap)
		if s.shows(says) {
			t.Errorf("%s: the connection is back, but the line stays", lang)
		}
	}
}

// Nothing is asked any more about a ticket that is over, and its state has one
// name.
func TestWithdrawn(t *testing.T) {
	for lang, word := range map[string]string{"en": "Withdrawn", "zh": "已撤回"} {
		s := open(t, Ticket, "t1")
		x := ticketAt(lang, deskapi.Withdrawn)
		x.Left, x.NewPictures = nil, []snapshot.Picture{{Displays: 1}}
		s.win.Set(withTicket(base(lang), x))
		v := s.win.view.(*ticket)
		if v.preview.box.Visible() {
			t.Errorf("%s: it asks about a screenshot of a ticket that is over", lang)
		}
		if at := v.steps.labels[len(way)-1].text; v.digits.text != word || at != word {
			t.Errorf("%s: the state is called %q and %q, want %q", lang, v.digits.text, at, word)
		}
		s.picture("ticket-withdrawn-" + lang)
	}
}

// A message that still lies on this computer has no time: it says so, until
// it has gone.
func TestMessageNotSentYet(t *testing.T) {
	for lang, says := range map[string]string{"en": "You · not sent yet", "zh": "您 · 还没发出"} {
		s := open(t, Ticket, "t1")
		x := ticketAt(lang, deskapi.Assigned)
		x.Pending = 1
		x.Status.Messages = []deskapi.Message{{ID: "1", At: at, From: "user", Text: "one"}, {ID: "2", From: "user", Text: "two"}}
		s.win.Set(withTicket(base(lang), x))
		if !s.shows(says) {
			t.Errorf("%s: nothing says that it has not been sent", lang)
		}
		s.picture("ticket-unsent-" + lang)
		x.Pending = 0
		x.Status.Messages = []deskapi.Message{x.Status.Messages[0], {ID: "2", At: at, From: "user", Text: "two"}}
		s.win.Set(withTicket(base(lang), x))
		if s.shows(says) {
			t.Errorf("%s: it has been sent, but says that it has not", lang)
		}
	}
}

// Where no name is known the form says so and leads to where it is given.
func TestNoName(t *testing.T) {
	for lang, says := range map[string]string{"en": "From: no name given", "zh": "求助人：没有填写姓名"} {
		s := open(t, Help, "")
		s.win.Set(snapshot.Snapshot{Lang: lang})
		if s.shows(says) {
			t.Errorf("%s: it says so before it can know", lang)
		}
		snap := fault(lang)
		snap.Me = deskapi.Person{Role: "teacher"}
		s.win.Set(snap)
		s.picture("help-no-name-" + lang)
		s.press(says)
		s.did(verb(snapshot.Touch), verb(snapshot.OpenWelcome))
		s.win.Set(fault(lang))
		if s.shows(says) || !s.shows(fault(lang).Me.Name) {
			t.Errorf("%s: the name is given, but not shown", lang)
		}
	}
}

// What was typed in the welcome window is kept when it is closed without an
// answer; nothing is agreed to.
func TestWelcomeClosed(t *testing.T) {
	s := open(t, Welcome, "")
	snap := base("en")
	snap.Me, snap.Consent = deskapi.Person{}, false
	s.win.Set(snap)
	s.win.Flush()
	s.did() // nothing was said
	test.Type(s.win.view.(*welcome).name, "Li")
	s.win.Flush()
	s.win.Flush()
	s.did(snapshot.Verb{Do: snapshot.Introduce, Person: &deskapi.Person{Role: "teacher", Name: "Li"}})
	s.press("Student")
	s.press("Agree")
	s.win.Flush()
	s.did(snapshot.Verb{Do: snapshot.Introduce, On: true, Person: &deskapi.Person{Role: "student", Name: "Li"}})
}

// Without name and room nobody could come: that is asked for once, and whoever
// presses again goes on without.
func TestAgreeAsksWhoItIs(t *testing.T) {
	for lang, agree := range map[string]string{"en": "Agree", "zh": "同意"} {
		s := open(t, Welcome, "")
		snap := base(lang)
		snap.Me, snap.Guess, snap.Consent = deskapi.Person{}, deskapi.Person{}, false
		s.win.Set(snap)
		s.press(agree)
		s.did()
		if s.closed {
			t.Fatalf("%s: agreed to by nobody", lang)
		}
		s.picture("welcome-missing-" + lang)
		s.press(agree)
		s.did(snapshot.Verb{Do: snapshot.Introduce, On: true, Person: &deskapi.Person{Role: "teacher"}})
		if !s.closed {
			t.Errorf("%s: it insists", lang)
		}
	}
}

// The notice can be read whatever the desk is called, and before it has said
// its name.
func TestConsentNamesAnyDesk(t *testing.T) {
	for _, c := range []struct{ lang, desk, url, want string }{
		{"en", "IT desk", "", "this goes to IT desk:"},
		{"en", "", "", "this goes to the help team:"},
		{"en", "", "https://help.school.example", "this goes to the help team (help.school.example):"},
		{"zh", "IT 服务台", "", "发给IT 服务台："},
		{"zh", "", "", "发给信息中心："},
	} {
		for _, name := range []string{Welcome, About} {
			s := open(t, name, "")
			snap := base(c.lang)
			snap.Contact.Name, snap.Desk.URL = c.desk, c.url
			s.win.Set(snap)
			if !s.shows(c.want) {
				t.Errorf("%s %s: nothing says %q", name, c.lang, c.want)
			}
		}
	}
}

// Who begins to type at once writes into the words, and stops the hold; also
// before the session's first word.
func TestLettersGoIntoTheWords(t *testing.T) {
	for _, early := range []bool{false, true} {
		s := open(t, Help, "")
		s.win.Set(snapshot.Snapshot{Lang: "en"})
		snap := fault("en")
		if !early {
			snap.Help.Words = "before\nthat "
			s.win.Set(snap)
		}
		for _, r := range "no sound" {
			if on := s.w.Canvas().Focused(); on != nil {
				on.TypedRune(r)
			} else {
				s.w.Canvas().OnTypedRune()(r)
			}
		}
		s.win.Set(snap)
		s.did(verb(snapshot.Touch))
		want := snap.Help.Words + "no sound"
		if v := s.win.view.(*help); v.words.Text != want || !v.mine {
			t.Errorf("early %v: words %q, want %q; the hold has stopped: %v", early, v.words.Text, want, v.mine)
		}
		s.pass(400 * time.Millisecond)
		s.did(snapshot.Verb{Do: snapshot.SetWords, Text: want})

		s = open(t, Help, "")
		s.win.Set(fault("en"))
		s.press("What will be sent")
		s.w.Canvas().Unfocus()
		s.said = nil
		s.w.Canvas().OnTypedRune()('x')
		if v := s.win.view.(*help); v.words.Text != "" {
			t.Error("a letter goes into words that nobody sees")
		}
	}
}

// No button comes under the pointer when another one goes.
func TestButtonsKeepTheirPlaces(t *testing.T) {
	d := fyne.CurrentApp
	for _, lang := range []string{"en", "zh"} {
		s := open(t, Help, "")
		s.win.Set(fault(lang))
		v := s.win.view.(*help)
		at := func(b *button) (fyne.Position, fyne.Size) {
			return d().Driver().AbsolutePositionForObject(b), b.Size()
		}
		place, _ := at(v.bar.change)
		dont, dontSize := at(v.bar.dont)
		now, nowSize := at(v.bar.now)
		for range 2 {
			test.TapCanvas(s.w.Canvas(), place.AddXY(10, 10))
		}
		s.did(verb(snapshot.Touch))
		stay := func(step string) {
			t.Helper()
			if p, z := at(v.bar.dont); p != dont || z != dontSize {
				t.Errorf("%s %s: Don't send has moved from %v %v to %v %v", lang, step, dont, dontSize, p, z)
			}
			if p, z := at(v.bar.now); p != now || z != nowSize {
				t.Errorf("%s %s: Send has moved from %v %v to %v %v", lang, step, now, nowSize, p, z)
			}
		}
		stay("touched")
		s.picture("help-touched-" + lang)
		snap := fault(lang)
		snap.Help.Phase, snap.Help.Hold, snap.Help.Problem = snapshot.Refused, nil, &snapshot.Notice{Code: "desk.refused"}
		s.win.Set(snap)
		stay("refused")

		s = open(t, Ticket, "t1")
		s.win.Set(withTicket(base(lang), ticketAt(lang, deskapi.Assigned)))
		x := s.win.view.(*ticket)
		solve, size := at(x.solve)
		solved := ticketAt(lang, deskapi.Solved)
		solved.Left = nil
		s.win.Set(withTicket(base(lang), solved))
		if p, z := at(x.again); !x.again.Visible() || p.X+z.Width > solve.X && p.X < solve.X+size.Width {
			t.Errorf("%s: Get help comes to %v, where It is solved was: %v", lang, p, solve)
		}
		test.Tap(x.again)
		s.pass(1400 * time.Millisecond)
		test.Tap(x.again)
		s.did() // not meant
		s.pass(200 * time.Millisecond)
		test.Tap(x.again)
		s.did(snapshot.Verb{Do: snapshot.GetHelp, Ticket: "t1"})
		s.picture("ticket-solved-again-" + lang)
	}
}

// A notice covers nothing; the hint about the missing tray stands only where
// nobody waits for help.
func TestNoticeCoversNothing(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		for _, name := range []string{Help, Ticket, Tickets, Welcome, About} {
			s := open(t, name, "t1")
			snap := withTicket(fault(lang), ticketAt(lang, deskapi.Assigned))
			snap.NoTray = true
			s.win.Set(snap)
			if got, want := s.win.notice.box.Visible(), name == Tickets; got != want {
				t.Errorf("%s: the hint about the tray is shown: %v", name, got)
			}
			snap.Notice = &snapshot.Notice{Code: "desk.certificate_foreign"}
			s.win.Set(snap)
			s.picture(name + "-notice-" + lang)
			d := fyne.CurrentApp().Driver()
			from := d.AbsolutePositionForObject(s.win.notice.box)
			to := from.AddXY(s.win.notice.box.Size().Width, s.win.notice.box.Size().Height)
			outside := func(o fyne.CanvasObject) {
				if a := d.AbsolutePositionForObject(o); a.Y < to.Y && a.Y+o.Size().Height > from.Y {
					t.Errorf("%s: the notice covers %T at %v", name, o, a)
				}
			}
			switch v := s.win.view.(type) {
			case *help:
				for _, o := range []fyne.CanvasObject{v.wrong, v.todo, v.rowsBox, v.bar.box} {
					outside(o)
				}
			case *ticket:
				for _, o := range []fyne.CanvasObject{v.number, v.digits, v.note, v.steps, v.talk.outer, v.words, v.solve} {
					outside(o)
				}
			case *tickets:
				outside(v.outer)
			case *welcome:
				for _, o := range []fyne.CanvasObject{v.name, v.outer, v.agree} {
					outside(o)
				}
			case *about:
				outside(v.outer)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	one := func(rune) float32 { return 1 }
	for _, c := range []struct {
		in    string
		width float32
		limit int
		want  string
	}{
		{"one two three", 7, 0, "one two|three"},
		{"一二三，四五", 3, 0, "一二|三，四|五"},
		{"说“好”吧", 2, 0, "说|“好|”吧"},
		{"abcdefgh", 3, 0, "abc|def|gh"},
		{"a\nb", 3, 0, "a|b"},
		{"one two three four", 7, 2, "one two|three…"},
		{"", 3, 0, ""},
	} {
		lines, _ := wrap(c.in, c.width, one, c.limit)
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%q in %v: %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

// Laying out again at the same size makes no new parts: Fyne lays out whatever
// has new parts, so the window would be drawn sixty times a second for ever.
func TestLayoutIsQuiet(t *testing.T) {
	for _, name := range []string{Help, Ticket, Tickets, Welcome, About} {
		s := open(t, name, "t1")
		s.win.Set(withTicket(fault("en"), ticketAt("en", deskapi.Assigned)))
		walk(s.w.Content(), fyne.Position{}, fyne.Size{}, func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
			w, ok := o.(fyne.Widget)
			if !ok {
				return
			}
			if _, ours := o.(*entry); ours {
				return
			}
			r := test.WidgetRenderer(w)
			before := append([]fyne.CanvasObject(nil), r.Objects()...)
			r.Layout(o.Size())
			for i, part := range r.Objects() {
				if i >= len(before) || part != before[i] {
					t.Errorf("%s: %T makes new parts at every layout", name, o)
					return
				}
			}
		})
	}
}

// When the desktop turns dark, everything turns dark with it.
func TestThemeChange(t *testing.T) {
	for _, name := range []string{Help, Ticket, Tickets, Welcome, About} {
		s := open(t, name, "t1")
		s.win.Set(withTicket(fault("en"), ticketAt("en", deskapi.Assigned)))
		fyne.CurrentApp().Settings().SetTheme(looks{Theme{}, theme.VariantDark})
		s.w.Content().Refresh()
		walk(s.w.Content(), fyne.Position{}, fyne.Size{}, func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
			switch o := o.(type) {
			case *prose:
				for _, x := range test.WidgetRenderer(o).Objects() {
					if c := x.(*canvas.Text).Color; c != paint(o.color) {
						t.Errorf("%s: %q is still %v", name, o.text, c)
					}
				}
			case *fill:
				if c := test.WidgetRenderer(o).Objects()[0].(*canvas.Rectangle).FillColor; c != paint(o.color) {
					t.Errorf("%s: a ground is still %v", name, c)
				}
			}
		})
	}
}
