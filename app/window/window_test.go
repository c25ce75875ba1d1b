package window

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/fonts"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font/sfnt"
)

// stage is a window without a screen, with the verbs it has said and a clock
// that the test turns.
type stage struct {
	t      *testing.T
	win    *Window
	w      fyne.Window
	said   []snapshot.Verb
	clock  time.Time
	closed bool
}

// looks is a theme in one of its variants.
type looks struct {
	Theme
	variant fyne.ThemeVariant
}

func (l looks) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return l.Theme.Color(n, l.variant)
}

func open(t *testing.T, name, arg string) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(looks{Theme{}, theme.VariantLight})
	s := &stage{t: t, clock: time.Date(2026, 11, 22, 14, 6, 0, 0, time.UTC)}
	win, err := New(name, arg, func(v snapshot.Verb) { s.said = append(s.said, v) }, func() time.Time { return s.clock }, func() { s.closed = true })
	if err != nil {
		t.Fatal(err)
	}
	s.win = win
	s.w = test.NewTempWindow(t, win.Content())
	s.w.SetPadded(false)
	s.w.Resize(win.Size())
	s.w.Canvas().SetOnTypedKey(win.Key)
	s.w.Canvas().SetOnTypedRune(win.Rune)
	return s
}

func (s *stage) theme(l looks) {
	fyne.CurrentApp().Settings().SetTheme(l)
	s.w.SetContent(s.win.Content())
}

func (s *stage) pass(d time.Duration) {
	for end := s.clock.Add(d); s.clock.Before(end); {
		s.clock = s.clock.Add(100 * time.Millisecond)
		s.win.Tick()
	}
}

// did says whether the verb was said, and forgets what was said.
func (s *stage) did(want ...snapshot.Verb) {
	s.t.Helper()
	got := s.said
	s.said = nil
	if len(got) != len(want) {
		s.t.Errorf("verbs %+v, want %+v", got, want)
		return
	}
	for i := range want {
		g, w := got[i], want[i]
		if w.Person != nil && g.Person != nil && *w.Person == *g.Person {
			g.Person = w.Person
		}
		if g != w {
			s.t.Errorf("verb %d: %+v, want %+v", i, g, w)
		}
	}
}

// picture writes what the window looks like, where pictures are wanted, and
// checks that every word is whole.
func (s *stage) picture(name string) {
	s.t.Helper()
	s.whole(name)
	dir := os.Getenv("RAISEHAND_PICTURES")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, s.w.Canvas().Capture()); err != nil {
		s.t.Fatal(err)
	}
}

// whole fails on a character without a glyph, on text wider than its box, on
// our own words cut off, and on anything outside the window.
func (s *stage) whole(name string) {
	s.t.Helper()
	var buf sfnt.Buffer
	size := s.w.Canvas().Size()
	walk(s.w.Content(), fyne.NewPos(0, 0), size, func(o fyne.CanvasObject, at fyne.Position, clip fyne.Size) {
		switch o := o.(type) {
		case *prose:
			if o.cut && !o.typed {
				s.t.Errorf("%s: cut off: %q", name, o.text)
			}
		case *canvas.Text:
			face := glyphs
			if o.TextStyle.Bold {
				face = boldGlyphs
			}
			for _, r := range o.Text {
				if g, err := face.GlyphIndex(&buf, r); err != nil || g == 0 {
					s.t.Errorf("%s: no glyph for %q in %q", name, r, o.Text)
				}
			}
			if need := o.MinSize().Width; need > o.Size().Width+0.5 {
				s.t.Errorf("%s: %q is %.1f wide in a box of %.1f", name, o.Text, need, o.Size().Width)
			}
			if at.X < -0.5 || at.X+o.Size().Width > size.Width+0.5 {
				s.t.Errorf("%s: %q lies outside the window at %v", name, o.Text, at)
			}
			if clip == size && at.Y+o.Size().Height > size.Height+0.5 {
				s.t.Errorf("%s: %q lies below the window at %v", name, o.Text, at)
			}
		}
	})
}

var glyphs, boldGlyphs = mustParse(fonts.Regular), mustParse(fonts.Bold)

func mustParse(raw []byte) *sfnt.Font {
	f, err := sfnt.Parse(raw)
	if err != nil {
		panic(err)
	}
	return f
}

// walk visits what is visible; clip is smaller than the window inside a
// scroller.
func walk(o fyne.CanvasObject, at fyne.Position, clip fyne.Size, visit func(fyne.CanvasObject, fyne.Position, fyne.Size)) {
	if !o.Visible() {
		return
	}
	visit(o, at, clip)
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		if _, ok := o.Layout.(*scroller); ok {
			clip = o.Size()
		}
		inside = o.Objects
	case fyne.Widget:
		if _, ok := o.(*entry); ok {
			clip = o.Size()
		}
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, x := range inside {
		walk(x, at.Add(x.Position()), clip, visit)
	}
}

// shows says whether the window shows this text.
func (s *stage) shows(text string) bool {
	found := false
	var all strings.Builder
	walk(s.w.Content(), fyne.NewPos(0, 0), fyne.Size{}, func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
		switch o := o.(type) {
		case *prose:
			found = found || strings.Contains(o.text, text)
		case *button:
			found = found || strings.Contains(o.text, text)
		case *canvas.Text:
			all.WriteString(o.Text)
		}
	})
	return found || strings.Contains(all.String(), text)
}

// press clicks the visible button with these words.
func (s *stage) press(text string) {
	s.t.Helper()
	var hit fyne.Tappable
	walk(s.w.Content(), fyne.NewPos(0, 0), fyne.Size{}, func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
		switch o := o.(type) {
		case *button:
			if strings.HasPrefix(o.text, text) {
				hit = o
			}
		case *how:
			if o.says.text == text && !o.off {
				hit = o
			}
		case *again:
			if o.text == text && hit == nil {
				hit = o
			}
		case *choice:
			if o.title.text == text {
				hit = o
			}
		case *tick:
			if o.text.text == text {
				hit = o
			}
		case *card:
			if o.num.text == text {
				hit = o
			}
		}
	})
	if hit == nil {
		s.t.Fatalf("nothing to press says %q", text)
	}
	test.Tap(hit)
}

func pngOf(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 180))
	for y := range 180 {
		for x := range 320 {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 160, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var at = time.Date(2026, 11, 22, 6, 2, 0, 0, time.UTC)

// base is a computer on which nothing is open.
func base(lang string) snapshot.Snapshot {
	s := snapshot.Snapshot{Seq: 1, Lang: lang, State: snapshot.Checking, Consent: true, Version: "0.1.0",
		Me:      deskapi.Person{Role: "teacher", Name: "Li Ming", Room: "Year 3 Class 2 · 302"},
		Contact: deskapi.Contact{Name: "Information Centre", Phone: "8001", Mail: "help@school.example"},
		Desk:    snapshot.DeskState{URL: "https://help.school.example"}}
	if lang == "zh" {
		s.Me.Name, s.Me.Room, s.Contact.Name = "李明", "三年二班 · 302", "信息中心"
	}
	return s
}

func result(check string, v report.Verdict, code string, params map[string]any) *report.Result {
	return &report.Result{Check: check, Verdict: v, Code: code, Params: params, TookMS: 640}
}

// checking is Get help just after the click.
func checking(lang string) snapshot.Snapshot {
	s := base(lang)
	s.Help = &snapshot.Help{ID: "0190", Phase: snapshot.Examining, Proposed: report.P1,
		Rows: []snapshot.Row{{Check: "mic", Running: true}, {Check: "speaker", Running: true}, {Check: "camera", Running: true},
			{Check: "network", Running: true}, {Check: "system", Running: true}, {Check: "apps", Running: true}},
		Hold: &snapshot.Hold{Left: 5 * time.Second, Total: 5 * time.Second}}
	return s
}

// fault is Get help once a fault has been found.
func fault(lang string) snapshot.Snapshot {
	s := checking(lang)
	h := s.Help
	h.Done = true
	h.Rows = []snapshot.Row{
		{Check: "mic", Setting: true, Result: result("mic", report.Fail, "mic.muted", map[string]any{"device": "USB Headset"})},
		{Check: "speaker", Result: result("speaker", report.OK, "speaker.ok", nil)},
		{Check: "camera", Setting: true, Result: result("camera", report.Skipped, "camera.in_use", map[string]any{"app": "@app.tencent_meeting"})},
		{Check: "network", Result: result("network", report.OK, "network.ok", nil)},
		{Check: "system", Result: result("system", report.OK, "system.ok", nil)},
		{Check: "apps", Result: result("apps", report.OK, "apps.ok", nil)}}
	h.Findings = []report.Finding{{Code: "mic.muted", Weight: 90, Because: []string{"mic.muted"}, Params: map[string]any{"device": "USB Headset"}}}
	h.Proposed, h.Reason = report.P0, "reason.class_not_heard"
	h.Hold.Left = 3 * time.Second
	h.Picture = &snapshot.Picture{Displays: 1, Width: 1920, Height: 1080, Bytes: 200000}
	h.Outgoing = sending(lang, s)
	return s
}

func sending(lang string, s snapshot.Snapshot) *snapshot.Outgoing {
	return &snapshot.Outgoing{To: s.Contact.Name,
		Ticket: deskapi.Ticket{Schema: 1, ID: "01936f2a-7c1e-7b52-9d5a-1f7a5f2b9c11", CreatedAt: at, Person: s.Me, Computer: "T302-PC", Lang: lang,
			Priority: report.P0, Proposed: report.P0, Findings: []string{"mic.muted"}, Words: "老师说话学生听不到 / nobody hears me", App: "0.1.0",
			Consent: deskapi.Consent{At: at, Wording: "2026-11 " + lang, How: "first_start"}},
		Report: &report.Report{Schema: 1, TakenAt: at, Proposed: report.P0,
			Results: []report.Result{{Check: "mic", Verdict: report.Fail, Code: "mic.muted", Params: map[string]any{"device": "USB Headset"}, Detail: map[string]any{"peak_dbfs": -91.2, "backend": "pulse"}, TookMS: 812}},
			Facts:   map[string]any{"os": "Debian 12", "memory_free_bytes": 1.2e9, "displays": []any{"1920×1080"}, "a_very_long_fact_name_that_nobody_named": "x"}},
		Files: []deskapi.FileInfo{{Name: "screen-1.png", Type: "image/png", Bytes: 203111, SHA256: "ab"}, {Name: "report-1.json", Type: "application/json", Bytes: 3122, SHA256: "cd"}}}
}

// ticketAt is a ticket in a state, with a deadline 24:10 away.
func ticketAt(lang string, st deskapi.State) snapshot.Ticket {
	left := 24*time.Minute + 10*time.Second
	t := snapshot.Ticket{CreatedAt: at, Words: "My students cannot hear me", Total: 30 * time.Minute, Left: &left,
		Findings: []report.Finding{{Code: "mic.muted", Params: map[string]any{"device": "USB Headset"}}},
		Status: deskapi.Status{ID: "t1", Number: 1042, Priority: report.P0, State: st,
			Deadline: &deskapi.Deadline{Due: at.Add(30 * time.Minute), Source: "local"}}}
	if lang == "zh" {
		t.Words = "学生听不到我说话"
	}
	for i, s := range way {
		t.Status.Timeline = append(t.Status.Timeline, deskapi.Step{State: s, At: at.Add(time.Duration(i) * 3 * time.Minute)})
		if s == st {
			break
		}
	}
	return t
}

func withTicket(s snapshot.Snapshot, t snapshot.Ticket) snapshot.Snapshot {
	s.Tickets = []snapshot.Ticket{t}
	return s
}

func TestPalette(t *testing.T) {
	for _, contrastOn := range []bool{false, true} {
		for _, v := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
			th := Theme{Contrast: contrastOn}
			want := 5.0
			if contrastOn {
				want = 7
			}
			for _, on := range []fyne.ThemeColorName{surface, "background"} {
				for _, c := range []fyne.ThemeColorName{ink, soft, brand, fine, careful, stop, info} {
					if r := ratio(th.Color(c, v), th.Color(on, v)); r < want {
						t.Errorf("contrast=%v variant %d: %s on %s is %.2f:1, want %v", contrastOn, v, c, on, r, want)
					}
				}
			}
			if r := ratio(th.Color(onBrand, v), th.Color(brand, v)); r < want {
				t.Errorf("contrast=%v variant %d: words on the accent button %.2f:1", contrastOn, v, r)
			}
		}
	}
}
