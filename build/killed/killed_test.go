//go:build linux && (amd64 || arm64)

package killed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"raisehand/build/lab"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// The words are too long for the ticket and so become a file beneath it.
var said = strings.Repeat("麦克风没有声音，学生听不见我。", 150)

// each is the step from one moment to the next: every one at night, every third
// before a change is taken in.
func each() int {
	if os.Getenv("RAISEHAND_LONG") != "" {
		return 1
	}
	return 3
}

// most bounds a family: a command makes a few dozen such calls.
const most = 600

func TestKilledAnywhereWhileSendingTheTicketArrivesOnceAndWhole(t *testing.T) {
	long := os.Getenv("RAISEHAND_LONG") != ""
	desk, err := lab.StartDesk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(desk.Stop)
	technician, err := desk.SignIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range []string{"fsync", "rename", "connect", "write"} {
		if family == "write" && !long {
			continue // a hundred more moments: at night
		}
		if err := desk.NewKey(); err != nil {
			t.Fatal(err)
		}
		t.Run(family, func(t *testing.T) { everyMoment(t, desk, technician, family) })
	}
}

// everyMoment kills at the first, second, … call until a command comes to its
// own end, two homes at a time.
func everyMoment(t *testing.T, desk *lab.Desk, technician *lab.Technician, family string) {
	var mu sync.Mutex
	next, over, kills, lost := 0, false, 0, 0
	var hands sync.WaitGroup
	for range 2 {
		hands.Go(func() {
			for {
				mu.Lock()
				i := next
				next += each()
				stop := over || i >= most
				mu.Unlock()
				if stop {
					return
				}
				// Before a call and after it, in turn.
				x := &try{t: t, desk: desk, technician: technician, name: fmt.Sprintf("%s %d", family, i)}
				killed, kept := x.run(momentOf(family, i/2+1, i%2 == 1))
				mu.Lock()
				if killed {
					kills++
				} else {
					over = true
				}
				if !kept {
					lost++
				}
				mu.Unlock()
			}
		})
	}
	hands.Wait()
	t.Logf("killed %d times; %d times before the request was kept", kills, lost)
	if kills == 0 && !t.Skipped() {
		t.Error("never killed: the tracer does not do what this test believes")
	}
	if kills > 1 && lost == kills {
		t.Error("never killed with a request in the outbox: nothing has been tried")
	}
	if !over && !t.Failed() {
		t.Errorf("still killed at call %d", most/2)
	}
}

// try is one home in which the command is killed once.
type try struct {
	t          *testing.T
	desk       *lab.Desk
	technician *lab.Technician
	name       string // the person's: the desk is asked for it
	home       string
}

func (x *try) errorf(format string, args ...any) {
	x.t.Helper()
	x.t.Errorf("%s: %s", x.name, fmt.Sprintf(format, args...))
}

func (x *try) command(ctx context.Context, args ...string) *exec.Cmd {
	program, err := lab.Program("raisehand")
	if err != nil {
		x.errorf("%v", err)
	}
	cmd := exec.CommandContext(ctx, program, append(args, "--json", "--desk", x.desk.URL, "--enroll-key-file", x.desk.KeyFile, "--home", x.home)...)
	// Neither sound nor screen: the checks are quick, the sending is the same.
	cmd.Env = lab.Bare("HOME="+x.home, "LANG=C.UTF-8", "PULSE_SERVER=unix:"+filepath.Join(x.home, "none"))
	cmd.WaitDelay = lab.Patience
	return cmd
}

func (x *try) getHelp() *exec.Cmd {
	return x.command(context.Background(), "get-help", "--yes", "--say", said, "--name", x.name, "--room", "1", "--role", "teacher", "--priority", "p1")
}

// run kills the command once and looks at what becomes of the request. kept
// says whether the outbox had it when the process died.
func (x *try) run(m moment) (killed, kept bool) {
	dir, err := os.MkdirTemp("", "rhk")
	if err != nil {
		x.errorf("%v", err)
		return false, false
	}
	defer os.RemoveAll(dir)
	x.home = filepath.Join(dir, "home")
	cmd := x.getHelp()
	var out bytes.Buffer
	cmd.Stdout = &out
	killed, err = m.runUntil(cmd)
	switch {
	case errors.Is(err, errNoTrace):
		if os.Getenv("CI") != "" {
			x.errorf("%v: this test must run in CI", err)
			return false, false
		}
		x.t.Logf("NOT TRIED: %v", err)
		return false, false
	case err != nil:
		x.errorf("%v", err)
		return false, false
	}
	tickets, _ := filepath.Glob(filepath.Join(x.home, "outbox", "*", "ticket.json"))
	kept = len(tickets) > 0
	switch {
	case len(tickets) > 1:
		x.errorf("%d tickets from one request", len(tickets))
	case !kept && out.Len() > 0:
		x.errorf("it said %q and kept nothing", out.String())
	case !kept && !killed:
		x.errorf("it came to its end and kept nothing")
	case !kept: // nothing was promised yet; the person asks again, in the same home
		if n := len(x.atDesk()); n > 0 {
			x.errorf("%d tickets at the desk, none in the outbox", n)
		}
		a, err := lab.Run(x.getHelp())
		if err != nil || a.Code != 0 {
			x.errorf("asked again: exit %d, %v: %s", a.Code, err, a.Err)
		}
	}
	x.drain()
	x.whole()
	return killed, kept
}

// drain is the next start of the program: it sends what waits.
func (x *try) drain() {
	// Without trace: a command that shows where the ticket stands owns the home
	// and sends meanwhile.
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	cmd := x.command(ctx, "status", "--follow")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		x.errorf("%v", err)
		return
	}
	err := lab.Until(ctx, "an outbox with nothing to send", func() bool { return sent(filepath.Join(x.home, "outbox")) })
	stop()
	cmd.Wait()
	if err != nil {
		x.errorf("%v: %s", err, errs.String())
	}
	if s := errs.String(); strings.Contains(s, "panic") || strings.Contains(s, "goroutine ") {
		x.errorf("%s", s)
	}
}

// sent looks at the outbox as its comment describes it, without touching it.
func sent(outbox string) bool {
	states, _ := filepath.Glob(filepath.Join(outbox, "*", "state.json"))
	waiting, _ := filepath.Glob(filepath.Join(outbox, "*", "[0-9]*.json"))
	if len(states) != 1 || len(waiting) > 0 {
		return false
	}
	var s struct {
		Status *deskapi.Status `json:"status"`
		Closed *time.Time      `json:"closed"`
	}
	raw, err := os.ReadFile(states[0])
	return err == nil && json.Unmarshal(raw, &s) == nil && s.Status != nil
}

func (x *try) atDesk() (mine []deskapi.QueueItem) {
	queue, err := x.technician.Search(x.name)
	if err != nil {
		x.errorf("%v", err)
	}
	for _, q := range queue {
		if q.Person.Name == x.name {
			mine = append(mine, q)
		}
	}
	return mine
}

// whole compares the desk with the outbox.
func (x *try) whole() {
	mine := x.atDesk()
	if len(mine) != 1 {
		x.errorf("%d tickets at the desk", len(mine))
		return
	}
	id := mine[0].Status.ID
	box, err := uploader.OpenOutbox(filepath.Join(x.home, "outbox"))
	if err != nil {
		x.errorf("%v", err)
		return
	}
	entry, ok := box.Entry(id)
	if !ok || len(box.Entries()) != 1 || entry.Pending != 0 || entry.Refused != nil || len(entry.Denied) > 0 || len(entry.Sent) != 2 {
		x.errorf("the outbox says %+v", entry)
		return
	}
	page, err := x.technician.Page(id)
	if err != nil {
		x.errorf("%v", err)
		return
	}
	if len(page.Reports) != 1 || len(page.Status.Files) != 1 || !reflect.DeepEqual(page.Ticket.Person, entry.Ticket.Person) || page.Ticket.Words != entry.Ticket.Words {
		x.errorf("at the desk: %d reports, files %v, ticket %+v", len(page.Reports), page.Status.Files, page.Ticket)
		return
	}
	for _, f := range entry.Sent {
		if f.Type == "application/json" {
			x.sameReport(box, id, f.Name, page.Reports[0].Report)
			continue
		}
		raw, err := x.technician.File(id, f.Name)
		if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != f.SHA256 || string(raw) != said {
			x.errorf("%s: %d bytes, not what was sent: %v", f.Name, len(raw), err)
		}
	}
	filepath.WalkDir(x.home, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || strings.HasSuffix(path, ".part") {
			x.errorf("left behind: %s %v", path, err)
		}
		return nil
	})
}

func (x *try) sameReport(box *uploader.Outbox, id, name string, got json.RawMessage) {
	kept, err := box.Data(id, name)
	var a, b any
	if err != nil || json.Unmarshal(kept, &a) != nil || json.Unmarshal(got, &b) != nil || !reflect.DeepEqual(a, b) {
		x.errorf("%s at the desk is not the one that was sent: %v\n%s\n%s", name, err, got, kept)
	}
}
