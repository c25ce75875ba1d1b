package session

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
)

const logLine = "audio lost for wangfang@school.example, token=abcdef1234567890\n"

// logging gives a session a probe that finds two logs, the second after a
// while, and things that no log is.
func logging(w *world, takes time.Duration) (stopped *bool) {
	stopped = new(bool)
	w.Logs = func(ctx context.Context, s capture.Situation, say func(capture.Line)) {
		file := func(name, kind, text string) {
			say(capture.Line{Picture: &capture.Picture{Name: name, Type: kind, Data: []byte(text)}})
		}
		file("logs-zoom-1.txt", "text/plain", logLine)
		file("../../evil.txt", "text/plain", "no")
		file("logs-page-1.txt", "text/html", "no")
		file("logs-big-1.txt", "text/plain", strings.Repeat("x", maxLogBytes))
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			*stopped = true
			return
		}
		file("logs-system.txt", "text/plain", "usb 1-2: disconnect\n")
		say(capture.Line{Result: &report.Result{Check: "logs", Verdict: report.OK, Code: "logs.ok", Detail: map[string]any{"not_read": "x"}}})
	}
	return stopped
}

// read collects what a face is shown of texts.
func read(t *testing.T, w *world) map[string]string {
	t.Helper()
	f := w.Listen()
	defer f.Close()
	texts := map[string]string{}
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		m, ok := f.Next(ctx)
		cancel()
		if !ok {
			return texts
		}
		if m.Text != nil {
			texts[m.Text.Name] = m.Text.Text
		}
	}
}

func TestLogsGoWithATickOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		stopped := logging(w, time.Minute)
		s := w.click()
		if s.Help.WithLogs || s.Help.Logs != nil || len(read(t, w)) != 0 {
			t.Fatalf("before the tick: %+v", s.Help)
		}
		s = w.ask(snapshot.Verb{Do: snapshot.TickLogs, On: true})
		if s.Help.Hold != nil || !s.Help.WithLogs || !s.Help.Logs.Running || names(s.Help.Outgoing.Files) != "logs-zoom-1.txt " {
			t.Fatalf("after the tick: %+v, %v", s.Help, s.Help.Outgoing.Files)
		}
		got := read(t, w)["logs-zoom-1.txt"]
		if !strings.Contains(got, "audio lost for [mail]") || strings.Contains(got, "abcdef") {
			t.Errorf("shown: %q", got)
		}
		s = w.ask(snapshot.Verb{Do: snapshot.TickLogs})
		if !*stopped || s.Help.WithLogs || s.Help.Logs != nil || len(s.Help.Outgoing.Files) != 0 || len(read(t, w)) != 0 {
			t.Errorf("after the tick was taken back: stopped %v, %+v", *stopped, s.Help)
		}
		s = w.ask(snapshot.Verb{Do: snapshot.Send})
		if sent := s.Tickets[0].Outgoing; len(sent.Files) != 0 || w.Box.Entries()[0].Waiting != nil && strings.Contains(names(w.Box.Entries()[0].Waiting), "logs-") {
			t.Errorf("sent without a tick: %v, %v", sent.Files, names(w.Box.Entries()[0].Waiting))
		}
	})
}

func TestTickedLogsGoWithTheTicketOrAfterIt(t *testing.T) {
	for name, takes := range map[string]time.Duration{"in time": 100 * time.Millisecond, "late": time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, t.TempDir(), agreed(), time.Second)
				defer w.end()
				logging(w, takes)
				w.click()
				w.ask(snapshot.Verb{Do: snapshot.TickLogs, On: true})
				w.wait(2 * time.Second)
				s := w.ask(snapshot.Verb{Do: snapshot.Send})
				if s.Help != nil || len(s.Tickets) != 1 {
					t.Fatal("the ticket waits for its logs")
				}
				w.wait(2 * time.Minute)
				kept := files(t, w)
				if !strings.Contains(kept, "audio lost for [mail]") || !strings.Contains(kept, "usb 1-2") || strings.Contains(kept, "wangfang") || strings.Contains(kept, "xxxx") {
					t.Errorf("kept for sending: %.300q", kept)
				}
				if len(read(t, w)) != 0 {
					t.Error("the logs stay in memory after they went")
				}
			})
		})
	}
}

// In a terminal with --yes --logs, the request waits for the logs it was asked
// to take along.
func TestHelpNowWithLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, t.TempDir(), agreed(), time.Second)
		defer w.end()
		logging(w, 4*time.Second)
		s := w.ask(snapshot.Verb{Do: snapshot.HelpNow, Logs: true})
		if s = w.wait(3 * time.Second); len(s.Tickets) != 0 {
			t.Fatal("it went without its logs")
		}
		if s = w.wait(2 * time.Second); len(s.Tickets) != 1 {
			t.Fatalf("it did not go: %+v", s.Help)
		}
		if kept := files(t, w); !strings.Contains(kept, "usb 1-2") {
			t.Errorf("kept for sending: %.300q", kept)
		}
	})
}

// files is all that the outbox keeps of attachments.
func files(t *testing.T, w *world) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(w.home, "outbox", "*", "*.data"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	return all.String()
}
