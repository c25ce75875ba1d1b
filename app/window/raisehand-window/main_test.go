package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
)

// The test binary is the program itself when it is asked to be.
func TestMain(m *testing.M) {
	if os.Getenv("RAISEHAND_WINDOW_ITSELF") == "1" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func itself(t *testing.T, display string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "RAISEHAND_WINDOW_ITSELF=1", "DISPLAY="+display, "WAYLAND_DISPLAY=", "LANG=en_US.UTF-8", "HOME="+t.TempDir(), "XDG_RUNTIME_DIR="+t.TempDir())
	return c
}

// What cannot be shown ends at once, with one line that says why.
func TestCannotShow(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can be without a display")
	}
	for name, c := range map[string]struct {
		display string
		args    []string
		want    string
	}{
		"no display":   {"", []string{"help"}, "there is no display"},
		"dead display": {":9999", []string{"help"}, "open window"},
		"no name":      {":9999", nil, "usage"},
		"wrong flag":   {":9999", []string{"help", "--loud"}, "--loud"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := itself(t, c.display, c.args...)
			in, err := cmd.StdinPipe() // the session stays, so only the program itself can end it
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err = cmd.Run()
			if cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("ended with %v, want exit code 1", err)
			}
			if got := stderr.String(); !strings.Contains(got, c.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("stderr %q, want one line with %q", got, c.want)
			}
		})
	}
}

// xvfb starts a display of the test's own.
func xvfb(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Skip("no Xvfb here, so no real window:", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, "-displayfd", "3", "-screen", "0", "1366x768x24", "+extension", "GLX", "-nolisten", "tcp")
	c.ExtraFiles = []*os.File{w}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	w.Close()
	n, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Skip("Xvfb gives no display:", err)
	}
	return ":" + strings.TrimSpace(n)
}

// running is a window process with its pipes.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan snapshot.Message
	ended chan error
}

func start(t *testing.T, display string, args ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: itself(t, display, args...), lines: make(chan snapshot.Message, 64), ended: make(chan error, 1)}
	var err error
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		d := json.NewDecoder(out)
		for {
			var m snapshot.Message
			if d.Decode(&m) != nil {
				break
			}
			r.lines <- m
		}
		close(r.lines)
		r.ended <- r.cmd.Wait()
	}()
	t.Cleanup(func() { r.cmd.Process.Kill() })
	return r
}

func (r *running) send(m snapshot.Message) {
	r.t.Helper()
	if err := snapshot.Write(r.in, m); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for a message.
func (r *running) until(what string, is func(snapshot.Message) bool) {
	r.t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case m, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("the window ended before %s", what)
			}
			if is(m) {
				return
			}
		case <-limit:
			r.t.Fatalf("no %s", what)
		}
	}
}

func (r *running) end() {
	r.t.Helper()
	select {
	case err := <-r.ended:
		if err != nil {
			r.t.Errorf("ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		r.t.Error("it does not end")
	}
}

func shown(m snapshot.Message) bool { return m.Shown }

func TestRealWindow(t *testing.T) {
	display := xvfb(t)
	snap := &snapshot.Snapshot{Seq: 1, Lang: "zh", Consent: true, Version: "0",
		Help: &snapshot.Help{ID: "1", Phase: snapshot.Examining, Hold: &snapshot.Hold{Left: time.Minute, Total: time.Minute}}}

	t.Run("shown on leave, ends with stdin", func(t *testing.T) {
		w := start(t, display, "help", "--hidden")
		w.send(snapshot.Message{Snapshot: snap})
		w.send(snapshot.Message{Show: true})
		w.until("shown", shown)
		w.send(snapshot.Message{Raise: true})
		w.in.Close()
		w.end()
	})
	t.Run("shown without leave, by itself", func(t *testing.T) {
		w := start(t, display, "help", "--hidden")
		w.until("shown", shown)
		w.in.Close()
		w.end()
	})
	t.Run("typed words are said before the window goes", func(t *testing.T) {
		xdotool, err := exec.LookPath("xdotool")
		if err != nil {
			t.Skip("no xdotool here, so nobody types:", err)
		}
		w := start(t, display, "ticket", "t1")
		now := &snapshot.Snapshot{Seq: 1, Lang: "en", Version: "0", Tickets: []snapshot.Ticket{{}}}
		now.Tickets[0].Status.ID = "t1"
		now.Tickets[0].Status.State = "received"
		w.send(snapshot.Message{Snapshot: now})
		w.until("shown", shown)
		c := exec.Command(xdotool, "search", "--sync", "--name", "Raisehand", "windowfocus", "--sync", "key", "a", "b", "Escape")
		c.Env = append(os.Environ(), "DISPLAY="+display)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("xdotool: %v %s", err, out)
		}
		w.until("draft", func(m snapshot.Message) bool {
			return m.Verb != nil && m.Verb.Do == snapshot.Draft && m.Verb.Text == "ab"
		})
		w.end()
	})
	t.Run("letters typed at once go into the words", func(t *testing.T) {
		xdotool, err := exec.LookPath("xdotool")
		if err != nil {
			t.Skip("no xdotool here, so nobody types:", err)
		}
		w := start(t, display, "help")
		w.send(snapshot.Message{Snapshot: snap})
		w.until("shown", shown)
		c := exec.Command(xdotool, "search", "--sync", "--name", "举手", "windowfocus", "--sync", "key", "a", "b")
		c.Env = append(os.Environ(), "DISPLAY="+display)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("xdotool: %v %s", err, out)
		}
		w.until("touch", func(m snapshot.Message) bool { return m.Verb != nil && m.Verb.Do == snapshot.Touch })
		w.until("words", func(m snapshot.Message) bool {
			return m.Verb != nil && m.Verb.Do == snapshot.SetWords && m.Verb.Text == "ab"
		})
		w.in.Close()
		w.end()
	})
	t.Run("a line that is no message ends it with an error", func(t *testing.T) {
		w := start(t, display, "about")
		w.send(snapshot.Message{Snapshot: snap})
		w.until("shown", shown)
		io.WriteString(w.in, "{nonsense\n")
		select {
		case err := <-w.ended:
			if err == nil {
				t.Error("it ended as if all were well")
			}
		case <-time.After(30 * time.Second):
			t.Error("it does not end")
		}
	})
}

// The newest of each kind wins, and one asks only once to have the box emptied.
func TestMailbox(t *testing.T) {
	left := 0
	b := mailbox{frames: map[string]snapshot.Frame{}, leave: func() { left++ }, hidden: true}
	if !b.put(snapshot.Message{Snapshot: &snapshot.Snapshot{Seq: 1}}) || b.put(snapshot.Message{Snapshot: &snapshot.Snapshot{Seq: 2}}) {
		t.Error("it must ask once")
	}
	b.put(snapshot.Message{Frame: &snapshot.Frame{Of: "screen", Image: []byte{1}}})
	b.put(snapshot.Message{Frame: &snapshot.Frame{Of: "screen", Image: []byte{2}}})
	b.put(snapshot.Message{Level: &snapshot.Level{DBFS: -3}})
	if left != 0 {
		t.Error("a hidden window has leave before it was given")
	}
	b.put(snapshot.Message{Show: true, Raise: true})
	s, frames, level, raise := b.take()
	if s.Seq != 2 || len(frames) != 1 || frames[0].Image[0] != 2 || level.DBFS != -3 || !raise || left != 1 {
		t.Errorf("took %+v %+v %+v %v, leave %d", s, frames, level, raise, left)
	}
	if s, frames, level, raise := b.take(); s != nil || frames != nil || level != nil || raise {
		t.Error("the box is not empty")
	}
	if !b.put(snapshot.Message{}) {
		t.Error("after it was emptied it must ask again")
	}
}
