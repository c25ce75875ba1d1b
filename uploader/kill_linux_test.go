package uploader

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// TestMain also plays the part of the process that is killed.
func TestMain(m *testing.M) {
	if home := os.Getenv("UPLOADER_TEST_HOME"); home != "" {
		if err := sendEverything(home); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// What the killed process sends.
const killedID = "01932b6a-7c00-7000-8000-000000000001"

var killedFiles = []File{
	{"screen-1.png", "image/png", bytes.Repeat([]byte("png"), 700_000)}, // three pieces
	{"words.txt", "text/plain", []byte("麦克风没有声音")},
}

func killedParcel() Parcel {
	t := newTicket(report.P0)
	t.ID, t.CreatedAt = killedID, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	return Parcel{Ticket: t, Report: &report.Report{Schema: 1, Reason: "first"}, Files: killedFiles}
}

// steps are what the process does one after the other; each is durable once
// its name is printed.
var steps = []struct {
	name string
	do   func(*Outbox) error
}{
	{"put", func(o *Outbox) error { return o.Put(killedParcel()) }},
	{"report", func(o *Outbox) error { return o.AddReport(killedID, report.Report{Schema: 1, Reason: "second"}) }},
	{"message", func(o *Outbox) error { return o.AddMessage(killedID, deskapi.NewMessage{ID: "m1", Text: "还在吗"}) }},
	{"draft", func(o *Outbox) error { return o.Draft(killedID, "打了一半") }},
	{"form", func(o *Outbox) error { return o.SaveForm(json.RawMessage(`{"words":"新的"}`)) }},
}

// sendEverything runs on one thread, so that strace's count of calls is the
// count of steps.
func sendEverything(home string) error {
	runtime.LockOSThread()
	o, err := OpenOutbox(filepath.Join(home, "outbox"))
	if err != nil {
		return err
	}
	for _, s := range steps {
		if err := s.do(o); err != nil {
			return err
		}
		fmt.Println(s.name)
	}
	return drainAll(o, OpenDesk(os.Getenv("UPLOADER_TEST_DESK"), os.Getenv("UPLOADER_TEST_KEY"), filepath.Join(home, "device.json")))
}

// drainAll sends until nothing waits any more.
func drainAll(o *Outbox, d *Desk) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var last error
	p := &Post{Outbox: o, Desk: d, Failed: func(err error) { last = err }}
	p.Changed = func(string) {
		if o.allSent() {
			cancel()
		}
	}
	if !o.allSent() {
		p.Run(ctx)
	}
	if !o.allSent() {
		return fmt.Errorf("not all sent: %w", last)
	}
	return nil
}

// Killed at the first, second, … call of each kind that changes the disk or
// reaches for the desk: afterwards the ticket arrives exactly once and whole.
func TestKilledAtAnyStepNothingIsLostOrDoubled(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is missing: install it, this test must run in CI")
		}
		t.Skip("strace is not installed, so no process can be killed at a chosen call")
	}
	for _, calls := range []string{"fsync", "rename,renameat,renameat2", "mkdir,mkdirat", "connect", "write"} {
		t.Run(calls, func(t *testing.T) {
			kills := 0
			for n := 1; killedAt(t, strace, calls, n); n++ {
				kills++
				if n > 500 {
					t.Fatal("it is killed for ever")
				}
			}
			t.Logf("killed %d times", kills)
			if kills == 0 {
				t.Error("never killed: strace does not do what this test believes")
			}
		})
	}
}

// killedAt runs the child, kills it at its n-th of these calls, and looks at
// what a restart makes of it. It says whether the child was killed at all.
func killedAt(t *testing.T, strace, calls string, n int) bool {
	t.Helper()
	desk := newFakeDesk()
	srv := serve(t, desk)
	home := t.TempDir()
	cmd := exec.Command(strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace="+calls,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, n), os.Args[0])
	cmd.Env = append(os.Environ(), "UPLOADER_TEST_HOME="+home, "UPLOADER_TEST_DESK="+srv.URL, "UPLOADER_TEST_KEY=k", "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	killed := false
	if err != nil {
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		killed = ok && (status.Signaled() && status.Signal() == syscall.SIGKILL || status.ExitStatus() == 128+int(syscall.SIGKILL))
		if !killed {
			t.Fatalf("%s %d: %v: %s", calls, n, err, out)
		}
	}
	at := fmt.Sprintf("killed at %s %d, after %q", calls, n, out)
	checkRestart(t, at, home, srv.URL, "k", strings.Fields(string(out)))
	checkWhole(t, at, desk)
	return killed
}

// checkRestart opens what the killed process left, does the steps that it had
// not done, and sends.
func checkRestart(t *testing.T, at, home, url, key string, done []string) {
	t.Helper()
	o := open(t, filepath.Join(home, "outbox"))
	e, ok := o.Entry(killedID)
	if slices.Contains(done, "put") && !ok {
		t.Fatalf("%s: the ticket is lost", at)
	}
	if ok && (len(e.Sent)+len(e.Waiting) < 3 || e.Ticket.Words != killedParcel().Ticket.Words) {
		t.Fatalf("%s: half a ticket: %+v", at, e)
	}
	if form, err := o.LoadForm(); err != nil || slices.Contains(done, "form") && form == nil {
		t.Errorf("%s: form %q %v", at, form, err)
	}
	if slices.Contains(done, "draft") && e.Draft != "打了一半" {
		t.Errorf("%s: draft %q", at, e.Draft)
	}
	reports := len(slices.DeleteFunc(append(e.Sent, e.Waiting...), func(f deskapi.FileInfo) bool { return !strings.HasPrefix(f.Name, "report-") }))
	if slices.Contains(done, "report") && reports != 2 {
		t.Errorf("%s: %d reports", at, reports)
	}
	for _, s := range steps {
		if s.name == "report" && reports == 2 {
			continue
		}
		must(t, s.do(o))
	}
	if err := drainAll(o, OpenDesk(url, key, filepath.Join(home, "device.json"))); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	filepath.Walk(home, func(path string, info os.FileInfo, err error) error {
		if err != nil || strings.HasSuffix(path, tmp) {
			t.Errorf("%s: left behind: %s %v", at, path, err)
		}
		return nil
	})
}

func checkWhole(t *testing.T, at string, desk *fakeDesk) {
	t.Helper()
	desk.mu.Lock()
	defer desk.mu.Unlock()
	count := map[string]int{}
	for _, s := range desk.said {
		count[strings.Fields(s)[0]]++
	}
	if len(desk.faults) > 0 || count["ticket"] != 1 || count["message"] != 1 || len(desk.tickets) != 1 {
		t.Errorf("%s: faults %v, said %v", at, desk.faults, desk.said)
	}
	for _, f := range killedFiles {
		if got := desk.files[killedID][f.Name]; got != f.Info() || !bytes.Equal(desk.blobs[got.SHA256], f.Data) {
			t.Errorf("%s: %s is not whole: %+v", at, f.Name, got)
		}
	}
	if len(desk.files[killedID]) != len(killedFiles) {
		t.Errorf("%s: files %v", at, desk.files[killedID])
	}
	for v, reason := range map[int]string{1: "first", 2: "second"} {
		var r report.Report
		if json.Unmarshal(desk.reports[killedID][v], &r) != nil || r.Reason != reason {
			t.Errorf("%s: report %d is %s", at, v, desk.reports[killedID][v])
		}
	}
}
