//go:build linux

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
)

// Bad days of a microphone, each told by the whole program in a window.

func TestTheWindowNamesWhatIsWrongWithTheMicrophone(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*lab)
		during  func(*lab) // once the check listens
		code    string
		verdict report.Verdict
	}{
		{"muted", func(l *lab) { l.sound.Mute(true) }, nil, "mic.muted", report.Fail},
		{"volume near zero", func(l *lab) { l.sound.Volume(1) }, nil, "mic.volume_low", report.Fail},
		{"unplugged in the middle", nil, func(l *lab) { l.sound.Unplug() }, "mic.unplugged", report.Fail},
		{"digital silence", nil, nil, "mic.switch", report.Warn},
		{"none at all", func(l *lab) { l.sound.RemoveAll() }, nil, "mic.none", report.Fail},
		{"the sound server hangs", func(l *lab) { l.sound.Freeze() }, nil, "mic.server_hung", report.Fail},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, f := office(t, "zh")
			if c.prepare != nil {
				c.prepare(l)
			}
			f.do(snapshot.Verb{Do: snapshot.GetHelp})
			if c.during != nil {
				l.sound.AwaitRecorder()
				c.during(l)
			}
			s := f.wait("the microphone's verdict", func(s snapshot.Snapshot) bool {
				return s.Help != nil && s.Help.Done || len(s.Tickets) == 1
			})
			var got report.Result
			if s.Help != nil {
				got = *s.Help.Rows[0].Result
			} else { // its hold ran out first: the verdict follows the ticket
				s = f.wait("the last report", func(s snapshot.Snapshot) bool {
					r := s.Tickets[0].Outgoing.Report
					got, _ = r.Find("mic")
					return got.Code == c.code
				})
			}
			if got.Code != c.code || got.Verdict != c.verdict {
				t.Errorf("the microphone is %s (%s), not %s (%s): %v", got.Code, got.Verdict, c.code, c.verdict, got.Detail)
			}
			l.title(l.ui("help.title"))
			l.picture("mic-" + strings.ReplaceAll(c.name, " ", "-"))
		})
	}
}

func TestAWaitingTicketArrivesWhenTheDeskIsBack(t *testing.T) {
	l, f := office(t, "zh")
	l.desk.kill(syscall.SIGKILL)
	l.tray.click(l.ui("menu.get_help"))
	s := f.wait("the hold to end", func(s snapshot.Snapshot) bool { return len(s.Tickets) == 1 && s.State == snapshot.Offline })
	id := s.Tickets[0].Status.ID
	l.title(l.ui("ticket.title.none"))
	l.picture("ticket-waits")
	if tip := l.tray.tooltip(); tip != l.ui("tray.offline") {
		t.Errorf("the icon says %q", tip)
	}
	out, errs, code := l.terminal("status", "--lang", "zh")
	if code != 0 || !strings.Contains(out, l.ui("cli.kept")) {
		t.Errorf("the terminal says %q %q (%d)", out, errs, code)
	}
	l.startDesk()
	s = f.wait("the ticket to arrive", func(s snapshot.Snapshot) bool { return s.Tickets[0].Status.Number > 0 && s.Tickets[0].Pending == 0 })
	if s.State != snapshot.Waiting || s.Tickets[0].Status.ID != id || len(s.Tickets) != 1 {
		t.Errorf("back, and %s", short(s))
	}

	// Following resumes over another absence of the desk.
	l.desk.kill(syscall.SIGTERM)
	l.startDesk()
	c := l.signIn()
	c.open(s.Tickets[0].Status.Number)
	c.click("#take")
	f.wait("who has it", func(s snapshot.Snapshot) bool { return s.Tickets[0].Status.Agent == technician })
}

func TestARestartedComputerFollowsItsTickets(t *testing.T) {
	l, f := office(t, "en")
	f.do(snapshot.Verb{Do: snapshot.GetHelp})
	f.wait("the form", func(s snapshot.Snapshot) bool { return s.Help != nil && len(s.Help.Rows) == 6 })
	f.do(snapshot.Verb{Do: snapshot.Send})
	s := f.wait("a number", func(s snapshot.Snapshot) bool { return len(s.Tickets) == 1 && s.Tickets[0].Status.Number > 0 })
	id := s.Tickets[0].Status.ID
	f.do(snapshot.Verb{Do: snapshot.Draft, Ticket: id, Text: "It is the left"})
	f.wait("the draft", func(s snapshot.Snapshot) bool { return s.Tickets[0].Draft != "" })

	l.app.kill(syscall.SIGKILL)
	f = l.startApp()
	l.tray.icon()
	s = f.wait("the ticket", func(s snapshot.Snapshot) bool { return len(s.Tickets) == 1 })
	if s.Tickets[0].Draft != "It is the left" || s.Tickets[0].Left == nil {
		t.Errorf("after the restart: %+v", s.Tickets[0])
	}
	c := l.signIn()
	c.open(s.Tickets[0].Status.Number)
	c.write("#reply", "On my way.")
	c.click("#send")
	s = f.wait("the reply", func(s snapshot.Snapshot) bool { return len(s.Tickets[0].Status.Messages) == 1 })
	f.do(snapshot.Verb{Do: snapshot.Say, Ticket: id, Text: "Thank you!"})
	c.shows(".messages .theirs", "Thank you!")
}

func TestWordsOutliveTheirWindow(t *testing.T) {
	l, f := office(t, "en")
	f.do(snapshot.Verb{Do: snapshot.GetHelp})
	id := l.title(l.ui("help.title"))
	f.do(snapshot.Verb{Do: snapshot.Touch}) // a slow computer must not send before this test has typed
	s := f.wait("the verdicts", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Done })
	l.press(s, "help", "", l.ui("help.words"))
	if out, err := l.xdotool("type", "--delay", "20", "no sound at all"); err != nil {
		t.Fatalf("type: %v %s", err, out)
	}
	f.wait("the words", func(s snapshot.Snapshot) bool { return s.Help.Words == "no sound at all" })
	l.xdotool("windowclose", id)
	l.gone(l.ui("help.title"))
	if s = f.now(); s.Help == nil || len(s.Tickets) != 0 {
		t.Fatalf("closing the window: %s", short(s))
	}
	l.until("the words on the disk", func() bool {
		raw, _ := os.ReadFile(filepath.Join(l.home(), "form.json"))
		return strings.Contains(string(raw), "no sound at all")
	})
	l.app.kill(syscall.SIGKILL)
	f = l.startApp()
	l.tray.icon()
	l.tray.click(l.ui("menu.get_help"))
	l.title(l.ui("help.title"))
	f.wait("the words again", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Words == "no sound at all" })
	l.picture("words-again")
}

func TestTheFirstStartAsksOnce(t *testing.T) {
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) {
			l := newLab(t, lang)
			l.startDesk()
			l.furnishDesk()
			l.startTray()
			f := l.startApp()
			l.tray.icon()
			l.title(l.ui("welcome.title"))
			l.picture("welcome")
			s := f.now()
			if s.Consent {
				t.Fatal("consent before anybody was asked")
			}
			if s.Me.Name+s.Me.Room+s.Guess.Name+s.Guess.Room == "" { // nobody has said who it is: that is asked for once
				l.press(s, "welcome", "", l.ui("welcome.agree"))
				l.picture("welcome-missing")
			}
			l.press(s, "welcome", "", l.ui("welcome.agree"))
			s = f.wait("consent", func(s snapshot.Snapshot) bool { return s.Consent })
			l.gone(l.ui("welcome.title"))
			raw, err := os.ReadFile(filepath.Join(l.home(), "settings.json"))
			var kept map[string]any
			if err != nil || json.Unmarshal(raw, &kept) != nil || kept["consent_at"] == nil {
				t.Errorf("kept: %s, %v", raw, err)
			}
			l.tray.click(l.ui("menu.about"))
			l.title(l.ui("about.title"))
			l.picture("about")
		})
	}
}

func TestTheMenuSpeaksBothLanguages(t *testing.T) {
	l, f := office(t, "zh")
	want := func(lang string) (list []string) {
		b := words.In(lang)
		for _, key := range []string{"tray.idle", "menu.get_help", "menu.tickets", "menu.language", "menu.about", "menu.quit"} {
			list = append(list, b.T(key))
		}
		return list
	}
	has := func(lang string) bool {
		got := l.tray.labels()
		for _, w := range want(lang) {
			if !slices.Contains(got, w) {
				return false
			}
		}
		return true
	}
	l.until("the menu in Chinese", func() bool { return has("zh") })
	l.tray.click(words.In("en").T("language.own_name"))
	f.wait("English", func(s snapshot.Snapshot) bool { return s.Lang == "en" })
	l.until("the menu in English", func() bool { return has("en") })
	l.lang = "en"
	l.tray.click(l.ui("menu.tickets"))
	l.title(l.ui("tickets.title"))
	l.picture("tickets")
	l.tray.click(l.ui("menu.quit"))
	<-l.app.done
	if code := l.app.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("quit with %d", code)
	}
}

func TestASecondStartBringsTheFirstForward(t *testing.T) {
	l, _ := office(t, "en")
	out, errs, code := l.terminal()
	if code != 0 || !strings.Contains(out, l.ui("cli.running_already")) {
		t.Fatalf("%q %q (%d)", out, errs, code)
	}
	l.title(l.ui("tickets.title"))
	out, errs, code = l.terminal("get-help", "--yes", "--json", "--priority", "p2", "--say", "from a terminal")
	var a struct {
		Number   int64           `json:"number"`
		Priority report.Priority `json:"priority"`
	}
	if code != 0 || json.Unmarshal([]byte(out), &a) != nil || a.Number == 0 || a.Priority != report.P2 {
		t.Fatalf("through the running copy: %q %q (%d)", out, errs, code)
	}
}

func TestWithoutAPlaceForTheIconAWindowSaysWhere(t *testing.T) {
	for _, c := range []struct {
		name string
		bus  bool
	}{{"no tray", true}, {"no bus", false}} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, "zh")
			l.startDesk()
			l.furnishDesk()
			l.introduced()
			if !c.bus {
				l.env = append(l.env, "DBUS_SESSION_BUS_ADDRESS=")
			}
			f := l.startApp()
			if !f.last.NoTray {
				t.Error("the app thinks that its icon is seen")
			}
			l.title(l.ui("tickets.title"))
			l.picture(strings.ReplaceAll(c.name, " ", "-"))
			f.do(snapshot.Verb{Do: snapshot.Quit})
			<-l.app.done
			if said := l.app.out.String(); strings.Contains(said, "panic") || l.app.cmd.ProcessState.ExitCode() != 0 {
				t.Errorf("it ended badly: %s", said)
			}
		})
	}
}

func TestTheIconComesBackWithTheSessionBus(t *testing.T) {
	l, f := office(t, "en")
	l.busDaemon.kill(syscall.SIGKILL)
	f.do(snapshot.Verb{Do: snapshot.SetLang, Text: "zh"}) // the menu and the tooltip change, and there is nobody to tell
	f.wait("Chinese", func(s snapshot.Snapshot) bool { return s.Lang == "zh" })
	f.do(snapshot.Verb{Do: snapshot.GetHelp})
	f.wait("the ticket of a program without a bus", func(s snapshot.Snapshot) bool { return len(s.Tickets) == 1 && s.Tickets[0].Status.Number > 0 })
	if ended(l.app.done) {
		t.Fatal("the app went with its bus")
	}
	os.Remove(l.path("bus"))
	l.startBus()
	l.startTray()
	l.tray.icon()
	l.lang = "zh"
	l.until("the menu, as it is now", func() bool { return slices.Contains(l.tray.labels(), l.ui("menu.get_help")) })
	l.tray.click(l.ui("menu.tickets"))
	l.title(l.ui("tickets.title"))
}

func TestAMissingWindowIsNoEnd(t *testing.T) {
	l := newLab(t, "en")
	l.startDesk()
	l.furnishDesk()
	l.introduced()
	l.startTray()
	l.env = append(l.env, "LIBGL_ALWAYS_SOFTWARE=1", "DISPLAY=:99999") // a display that is gone: no window can open
	f := l.startApp()
	l.tray.icon()
	l.tray.click(l.ui("menu.get_help"))
	s := f.wait("the notice", func(s snapshot.Snapshot) bool { return s.Notice != nil })
	if s.Notice.Code != "window.cannot_open" || len(s.Tickets) != 0 {
		t.Errorf("%s", short(s))
	}
	out, errs, code := l.terminal("status")
	if code != 2 {
		t.Errorf("status without a ticket: %q %q (%d)", out, errs, code)
	}
}
