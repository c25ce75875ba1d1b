package window

import (
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// Every window in every state and both languages: no word is cut, none lacks
// a glyph, none lies outside. With RAISEHAND_PICTURES=DIR the pictures are
// written there.
func TestPictures(t *testing.T) {
	long := strings.Repeat("这是一句很长的话，没有空格也要能折行。 A long sentence without end ", 40)
	for _, lang := range []string{"en", "zh"} {
		for name, make := range map[string]func() snapshot.Snapshot{
			"checking": func() snapshot.Snapshot { return checking(lang) },
			"fault":    func() snapshot.Snapshot { return fault(lang) },
			"nothing": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Findings, s.Help.Proposed, s.Help.Reason = nil, report.None, ""
				s.Help.Rows[0].Result = result("mic", report.OK, "mic.ok", nil)
				s.Help.Rows[2].Result = result("camera", report.OK, "camera.ok", map[string]any{"width": 1280, "height": 720})
				return s
			},
			"many": func() snapshot.Snapshot {
				s := fault(lang)
				for i, code := range []string{"mic.no_voice", "speaker.muted", "camera.busy", "network.desk_expired", "system.cpu_busy_many", "probe.timeout"} {
					r := &s.Help.Rows[i]
					r.Setting, r.Result = i%2 == 0, result(r.Check, []report.Verdict{report.Fail, report.Warn, report.Unknown}[i%3], code, map[string]any{"program": "chromium"})
				}
				return s
			},
			"form": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Phase, s.Help.Hold, s.Help.Chosen, s.Help.Words, s.Help.WithPicture = snapshot.Form, nil, report.P2, long[:300], true
				s.Help.Picture.Displays = 2
				return s
			},
			"form-away": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Phase, s.Help.Hold, s.Desk.Code = snapshot.Form, nil, "desk.unreachable"
				return s
			},
			"hold-away": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Rows[3].Result = result("network", report.Warn, "network.desk_unreachable", nil)
				return s
			},
			"hold-no-network": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Rows[3].Result, s.Desk.Code = result("network", report.Fail, "network.no_link", nil), "desk.unreachable"
				return s
			},
			"form-no-network": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Rows[3].Result = result("network", report.Fail, "network.wifi_off", nil)
				s.Help.Phase, s.Help.Hold, s.Desk.Code, s.Contact = snapshot.Form, nil, "desk.unreachable", deskapi.Contact{}
				return s
			},
			"form-barred": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Phase, s.Help.Hold, s.Desk.Code = snapshot.Form, nil, "desk.key_wrong"
				return s
			},
			"hold-barred": func() snapshot.Snapshot {
				s := fault(lang)
				s.Desk.Code = "desk.certificate_expired"
				return s
			},
			"student": func() snapshot.Snapshot {
				s := fault(lang)
				s.Me.Role = "student"
				return s
			},
			"sending": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Phase, s.Help.Hold = snapshot.Sending, nil
				return s
			},
			"refused": func() snapshot.Snapshot {
				s := fault(lang)
				s.Help.Phase, s.Help.Hold, s.Help.Words = snapshot.Refused, nil, "…"
				s.Help.Problem = &snapshot.Notice{Code: "desk.key_wrong"}
				return s
			},
			"student-new": func() snapshot.Snapshot {
				s := checking(lang)
				s.Consent, s.Help.Hold, s.Me.Role, s.NoTray = false, nil, "student", true
				return s
			},
		} {
			t.Run("help-"+name+"-"+lang, func(t *testing.T) {
				s := open(t, Help, "")
				s.win.Set(make())
				if name != "checking" && name != "student-new" {
					s.win.Frame(snapshot.Frame{Of: "screen", Image: pngOf(t)})
				}
				s.win.Level(snapshot.Level{DBFS: -18})
				s.pass(600 * time.Millisecond)
				s.picture("help-" + name + "-" + lang)
			})
		}
		t.Run("help-logs-"+lang, func(t *testing.T) {
			s := open(t, Help, "")
			s.win.Set(withLogs(lang))
			for _, name := range []string{"logs-zoom-1.txt", "logs-system.txt"} {
				s.win.Text(snapshot.Text{Name: name, Text: strings.Repeat("2026-11-22T10:02:31 [audio] 麦克风 device lost, user [user], retry in 250 ms\n", 300) + "the last line\n"})
			}
			s.picture("help-logs-" + lang)
			s.press(s.win.book().T("help.what"))
			o := s.win.view.(*help).outgoing
			o.outer.Objects[0].(*container.Scroll).ScrollToBottom() // where the files are
			s.picture("help-logs-list-" + lang)
			s.press(s.win.book().T("out.read"))
			s.picture("help-logs-read-" + lang)
			r := s.win.view.(*help).reader
			if !r.box.Visible() || !strings.HasSuffix(r.body.text, "the last line") || len(r.pages) < 3 {
				t.Errorf("the log cannot be read: %d pages, %.80q", len(r.pages), r.body.text)
			}
			test.Tap(r.earlier)
			if r.at != len(r.pages)-2 || strings.HasSuffix(r.body.text, "the last line") {
				t.Errorf("no way to the page before: page %d", r.at)
			}
			s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
			if s.closed || !o.box.Visible() {
				t.Error("Esc does not lead back from the log to the list")
			}
		})
		t.Run("help-outgoing-"+lang, func(t *testing.T) {
			s := open(t, Help, "")
			s.win.Set(fault(lang))
			s.win.Frame(snapshot.Frame{Of: "screen", Image: pngOf(t)})
			s.press(s.win.book().T("help.what"))
			s.picture("help-outgoing-" + lang)
			s.press("‹")
			test.Tap(s.win.view.(*help).thumb)
			s.picture("help-screenshot-" + lang)
			s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
			if s.closed || !s.win.view.(*help).form.Visible() {
				t.Error("Esc does not lead back from the picture")
			}
		})
		everyTicket(t, lang, long)
		others(t, lang)
	}
	t.Run("dark", func(t *testing.T) {
		for _, contrastOn := range []bool{false, true} {
			s := open(t, Help, "")
			s.theme(looks{Theme{Contrast: contrastOn}, theme.VariantDark})
			s.win.Set(fault("zh"))
			s.picture(map[bool]string{false: "help-dark-zh", true: "help-contrast-dark-zh"}[contrastOn])
		}
		s := open(t, Help, "")
		s.theme(looks{Theme{Contrast: true}, theme.VariantLight})
		s.win.Set(fault("en"))
		s.picture("help-contrast-en")
		s = open(t, Ticket, "t1")
		s.theme(looks{Theme{}, theme.VariantDark})
		s.win.Set(withTicket(base("en"), ticketAt("en", deskapi.Assigned)))
		s.picture("ticket-dark-en")
	})
}

// withLogs is the form after the logs have been ticked and found.
func withLogs(lang string) snapshot.Snapshot {
	s := fault(lang)
	h := *s.Help
	h.Phase, h.Hold = snapshot.Form, nil
	h.WithLogs, h.Logs = true, &snapshot.Logs{Files: 2, Bytes: 54_321}
	h.Outgoing.Files = append(h.Outgoing.Files,
		deskapi.FileInfo{Name: "logs-zoom-1.txt", Type: "text/plain", Bytes: 24_321},
		deskapi.FileInfo{Name: "logs-system.txt", Type: "text/plain", Bytes: 30_000})
	s.Help = &h
	return s
}

func everyTicket(t *testing.T, lang, long string) {
	said := []deskapi.Message{
		{ID: "1", At: at.Add(4 * time.Minute), From: "technician", Name: "Chen Yu", Text: map[string]string{"en": "Hello, I am looking at your computer. Please press the mute key on the headset once.", "zh": "老师您好，我正在看您的电脑，请先按一下耳机上的静音键。"}[lang]},
		{ID: "2", At: at.Add(5 * time.Minute), From: "user", Text: "OK"},
	}
	for name, make := range map[string]func() snapshot.Ticket{
		"waiting": func() snapshot.Ticket { return ticketAt(lang, deskapi.Received) },
		"assigned": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Assigned)
			x.Status.Agent = "Chen Yu"
			return x
		},
		"answered": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.InProgress)
			x.Left, x.Status.Agent, x.Status.Messages, x.Unread = nil, "Chen Yu", said, 1
			met := at.Add(4 * time.Minute)
			x.Status.Deadline.MetAt = &met
			x.Outgoing = sending(lang, base(lang))
			return x
		},
		"overdue": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Assigned)
			over := -(12*time.Minute + 10*time.Second)
			x.Left, x.Status.Agent = &over, "Chen Yu"
			return x
		},
		"days": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Received)
			left := 71*time.Hour + 59*time.Minute
			x.Left, x.Total, x.Status.Priority = &left, 72*time.Hour, report.P3
			return x
		},
		"your-turn": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.WaitingUser)
			x.Left, x.Status.Agent, x.Status.Messages = nil, "Chen Yu", said[:1]
			return x
		},
		"offline": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Queued)
			x.Left, x.Status.Number, x.Status.Timeline, x.Status.Deadline = nil, 0, nil, nil
			x.Pending, x.Code = 2, "desk.unreachable"
			return x
		},
		"no-network": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Queued)
			x.Left, x.Status.Number, x.Status.Timeline, x.Status.Deadline = nil, 0, nil, nil
			x.Pending, x.Code, x.Findings = 2, "desk.unreachable", []report.Finding{{Code: "network.no_link"}}
			return x
		},
		"barred": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Queued)
			x.Left, x.Status.Number, x.Status.Timeline, x.Status.Deadline = nil, 0, nil, nil
			x.Pending, x.Code = 2, "desk.key_wrong"
			return x
		},
		"no-deadline": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Received)
			x.Left, x.Status.Deadline = nil, nil
			return x
		},
		"solved": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Solved)
			x.Left, x.Status.Agent, x.Status.Messages = nil, "Chen Yu", said
			return x
		},
		"long": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.InProgress)
			x.Left, x.Status.Agent, x.Words, x.Draft = nil, strings.Repeat("陈", 20), long, long
			x.Status.Messages = append(said, deskapi.Message{ID: "3", At: at, From: "technician", Name: strings.Repeat("N", 90), Text: long + strings.Repeat("w", 400)})
			return x
		},
		"picture": func() snapshot.Ticket {
			x := ticketAt(lang, deskapi.Assigned)
			x.NewPictures = []snapshot.Picture{{Displays: 1, Width: 1920, Height: 1080}}
			return x
		},
	} {
		t.Run("ticket-"+name+"-"+lang, func(t *testing.T) {
			s := open(t, Ticket, "t1")
			s.win.Set(withTicket(base(lang), make()))
			s.win.Frame(snapshot.Frame{Of: "new_picture", Ticket: "t1", Image: pngOf(t)})
			s.pass(300 * time.Millisecond)
			s.picture("ticket-" + name + "-" + lang)
		})
	}
	t.Run("ticket-gone-"+lang, func(t *testing.T) {
		s := open(t, Ticket, "nobody")
		s.win.Set(base(lang))
		s.picture("ticket-gone-" + lang)
	})
}

func others(t *testing.T, lang string) {
	t.Run("tickets-"+lang, func(t *testing.T) {
		s := open(t, Tickets, "")
		snap := base(lang)
		s.win.Set(snap)
		s.picture("tickets-none-" + lang)
		for i, st := range []deskapi.State{deskapi.Queued, deskapi.Received, deskapi.Assigned, deskapi.InProgress, deskapi.WaitingUser, deskapi.Solved, deskapi.Withdrawn} {
			x := ticketAt(lang, st)
			x.Status.ID = string(st)
			x.Status.Number = int64(1042 - i)
			if st != deskapi.Received && st != deskapi.Assigned {
				x.Left = nil
			}
			if st == deskapi.Queued {
				x.Status.Number = 0
			}
			if st == deskapi.Assigned {
				over := -3 * time.Minute
				x.Left = &over
			}
			x.Unread = i % 2
			x.Status.Priority = []report.Priority{report.P0, report.P1, report.P2, report.P3}[i%4]
			snap.Tickets = append(snap.Tickets, x)
		}
		s.win.Set(snap)
		s.picture("tickets-" + lang)
	})
	t.Run("welcome-"+lang, func(t *testing.T) {
		s := open(t, Welcome, "")
		snap := base(lang)
		snap.Me, snap.Guess, snap.Consent = deskapi.Person{}, deskapi.Person{Name: "Li Ming"}, false
		s.win.Set(snap)
		s.picture("welcome-" + lang)
		s = open(t, Welcome, "")
		snap = base(lang)
		snap.Fixed, snap.Consent = []string{"role", "room", "lang"}, false
		s.win.Set(snap)
		s.picture("welcome-fixed-" + lang)
	})
	t.Run("about-"+lang, func(t *testing.T) {
		s := open(t, About, "")
		snap := base(lang)
		s.win.Set(snap)
		s.picture("about-" + lang)
		snap.NoTray, snap.Desk.Code = true, "desk.unreachable"
		s.win.Set(snap)
		s.picture("about-no-tray-" + lang)
	})
}

// What is agreed to can be seen whole: no line of it waits below the edge.
func TestTheWholeNoticeIsSeen(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		for name, outer := range map[string]func(*Window) *fyne.Container{
			Welcome: func(w *Window) *fyne.Container { return w.view.(*welcome).outer },
			About:   func(w *Window) *fyne.Container { return w.view.(*about).outer },
		} {
			s := open(t, name, "")
			snap := base(lang)
			snap.Consent, snap.Fixed = false, []string{"room"}
			s.win.Set(snap)
			s.pass(300 * time.Millisecond)
			scroll := outer(s.win).Objects[0].(*container.Scroll)
			if has, wants := scroll.Size().Height, heightOf(scroll.Content, scroll.Content.Size().Width); has < wants {
				t.Errorf("%s %s: %v of the notice's %v can be seen", name, lang, has, wants)
			}
		}
	}
}
