package uploader

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

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
	for _, c := range []struct {
		calls string
		real  bool // against the desk's own program too
	}{
		{"fsync", false}, {"rename,renameat,renameat2", false}, {"mkdir,mkdirat", false}, {"connect", false}, {"write", false},
		{"rename,renameat,renameat2", true}, {"connect", true},
	} {
		t.Run(fmt.Sprintf("%s real=%v", c.calls, c.real), func(t *testing.T) {
			kills := 0
			var desk *realDesk
			var do func(method, path string, in, out any)
			if c.real {
				desk = startDesk(t)
				do = desk.technician()
			}
			for n := 1; killedAt(t, strace, c.calls, n, desk, do); n++ {
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
func killedAt(t *testing.T, strace, calls string, n int, program *realDesk, do func(method, path string, in, out any)) bool {
	t.Helper()
	killedID = newTicket(report.P0).ID
	var url, key string
	var whole func(at string)
	if program != nil {
		url, key, whole = program.url(), program.key, func(at string) { checkWholeInReal(t, at, n, do) }
	} else {
		desk := newFakeDesk()
		srv := httptest.NewServer(desk)
		defer srv.Close()
		defer srv.CloseClientConnections()
		url, key, whole = srv.URL, "k", func(at string) { checkWhole(t, at, desk) }
	}
	home := t.TempDir()
	cmd := exec.Command(strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace="+calls,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, n), os.Args[0])
	cmd.Env = append(os.Environ(), "UPLOADER_TEST_HOME="+home, "UPLOADER_TEST_DESK="+url, "UPLOADER_TEST_KEY="+key, "UPLOADER_TEST_ID="+killedID, "GORACE=atexit_sleep_ms=0")
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
	checkRestart(t, at, home, url, key, strings.Fields(string(out)))
	whole(at)
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

// checkWholeInReal looks with a technician's eyes; this is the n-th ticket.
func checkWholeInReal(t *testing.T, at string, n int, do func(method, path string, in, out any)) {
	t.Helper()
	var q deskapi.Queue
	do("GET", "/tickets", nil, &q)
	if len(q.Tickets) != n {
		t.Fatalf("%s: %d tickets at the desk, not %d", at, len(q.Tickets), n)
	}
	var page deskapi.Page
	do("GET", "/tickets/"+killedID, nil, &page)
	if len(page.Reports) != 2 || len(page.Status.Messages) != 1 || len(page.Status.Files) != len(killedFiles) {
		t.Errorf("%s: %d reports, %d messages, files %v", at, len(page.Reports), len(page.Status.Messages), page.Status.Files)
	}
	for _, f := range killedFiles {
		var got []byte
		do("GET", "/tickets/"+killedID+"/files/"+f.Name, nil, &got)
		if !bytes.Equal(got, f.Data) {
			t.Errorf("%s: %s: %d bytes of %d", at, f.Name, len(got), len(f.Data))
		}
	}
}
