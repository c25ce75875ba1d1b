//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/build/sound"
)

// patience bounds every wait: it decides only how long a broken test takes to
// say so.
const patience = 40 * time.Second

// lab is one computer with a desk: a display, a bus, a sound server, and the
// programs of this project.
type lab struct {
	t       testing.TB
	dir     string
	display string
	bus     string
	sound   *sound.Server
	lang    string
	env     []string

	deskURL string
	desk    *running

	busDaemon *running
	app       *running
	tray      *tray
}

// running is a program that the test started.
type running struct {
	cmd  *exec.Cmd
	out  *buffer
	done chan struct{}
}

func (r *running) kill(sig syscall.Signal) {
	r.cmd.Process.Signal(sig)
	<-r.done
}

// buffer keeps what a program says.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{}
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
	return b.b.Write(p)
}

// read returns what was said, and a channel that closes when there is more.
func (b *buffer) read() (string, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more == nil {
		b.more = make(chan struct{})
	}
	return b.b.String(), b.more
}

func (b *buffer) String() string { s, _ := b.read(); return s }

// bin is a program of this project, built before the tests run.
func bin(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("RAISEHAND_BIN")
	if dir == "" {
		dir = "../../bin"
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built: run build/test.sh", name)
	}
	return path
}

// newLab has a folder, a sound server, a bus and a display; no program of ours
// runs yet.
func newLab(t testing.TB, lang string) *lab {
	t.Helper()
	dir, err := os.MkdirTemp("", "rh")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l := &lab{t: t, dir: dir, lang: lang, sound: sound.Start(t)}
	os.MkdirAll(l.path("person"), 0o700)
	l.env = append(plain(os.Environ()),
		"HOME="+l.path("person"), "LANG="+map[string]string{"zh": "zh_CN.UTF-8", "en": "en_GB.UTF-8"}[lang],
		"FYNE_SCALE=1", "FYNE_THEME=light", "LIBGL_ALWAYS_SOFTWARE=1", "XDG_RUNTIME_DIR="+l.path("person"))
	l.env = append(l.env, l.sound.Env()...)
	l.env = append(l.env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+l.path("bus"))
	l.startBus()
	l.startDisplay(1366, 768)
	return l
}

// plain is an environment in which nothing of the tester's own desktop counts.
func plain(env []string) (kept []string) {
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.HasPrefix(name, "LC_"), strings.HasPrefix(name, "XDG_"), strings.HasPrefix(name, "RAISEHAND_"), strings.HasPrefix(name, "PULSE_"):
		case name == "HOME", name == "LANG", name == "LANGUAGE", name == "DISPLAY", name == "WAYLAND_DISPLAY", name == "DBUS_SESSION_BUS_ADDRESS":
		default:
			kept = append(kept, kv)
		}
	}
	return append(kept, "RAISEHAND_ASK_OUTSIDE=false") // nobody out there is asked whether the network works
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }
func (l *lab) home() string            { return l.path("home") }

// start runs a program until the test ends.
func (l *lab) start(env []string, name string, args ...string) *running {
	l.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = env
	r := &running{cmd: cmd, out: &buffer{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = r.out, r.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		l.t.Fatalf("start %s: %v", name, err)
	}
	go func() { cmd.Wait(); close(r.done) }()
	l.t.Cleanup(func() {
		if l.t.Failed() && ended(r.done) {
			l.t.Logf("%s has ended: %v", filepath.Base(name), cmd.ProcessState)
		}
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-r.done
		if l.t.Failed() {
			if raw, err := os.ReadFile(filepath.Join(l.home(), "crash.log")); err == nil && len(raw) > 0 {
				l.t.Logf("crash.log:\n%s", tail(string(raw), 3000))
			}
			l.t.Logf("%s said:\n%s", filepath.Base(name), tail(r.out.String(), 3000))
		}
	})
	return r
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// says waits until the program has printed text, and returns all it printed.
func (l *lab) says(r *running, text string) string {
	l.t.Helper()
	limit := time.After(patience)
	for {
		s, more := r.out.read()
		if strings.Contains(s, text) {
			return s
		}
		select {
		case <-more:
		case <-r.done:
			if s = r.out.String(); !strings.Contains(s, text) {
				l.t.Fatalf("it ended without saying %q:\n%s", text, s)
			}
		case <-limit:
			l.t.Fatalf("it did not say %q:\n%s", text, s)
		}
	}
}

func (l *lab) startBus() {
	l.t.Helper()
	l.bus = "unix:path=" + l.path("bus")
	l.busDaemon = l.start(plain(os.Environ()), "dbus-daemon", "--session", "--nofork", "--print-address=1", "--address="+l.bus)
	l.says(l.busDaemon, l.bus)
}

// startDisplay starts an X server that names its own number, and a window
// manager on it. Two servers that start at the same time may take the same
// number; the one that lost ends, and another is started.
func (l *lab) startDisplay(width, height int) {
	l.t.Helper()
	for range 5 {
		if l.tryDisplay(width, height) {
			return
		}
	}
	l.t.Fatal("no X server stays up")
}

func (l *lab) tryDisplay(width, height int) bool {
	l.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		l.t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "+extension", "GLX", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		l.t.Fatalf("start Xvfb: %v (install xvfb)", err)
	}
	w.Close()
	gone := make(chan struct{})
	go func() { cmd.Wait(); close(gone) }()
	l.t.Cleanup(func() { cmd.Process.Kill(); <-gone })
	r.SetReadDeadline(time.Now().Add(patience))
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return false
	}
	l.display = ":" + strings.TrimSpace(line)
	env := append(slices.Clone(l.env), "DISPLAY="+l.display)
	manager := l.start(env, "openbox", "--sm-disable")
	ready := false
	l.until("the window manager", func() bool {
		cmd := exec.Command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		cmd.Env = env
		out, err := cmd.Output()
		ready = err == nil && bytes.Contains(out, []byte("window id"))
		return ready || ended(gone) || ended(manager.done)
	})
	if ready {
		l.env = env
	}
	return ready
}

func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// startDesk starts the desk on the address it had before, if it had one.
func (l *lab) startDesk() {
	l.t.Helper()
	address := "127.0.0.1:0"
	if l.deskURL != "" {
		address = strings.TrimPrefix(l.deskURL, "http://")
	}
	l.desk = l.start(plain(os.Environ()), bin(l.t, "raisehand-desk"), "serve", "--listen", address, "--data", l.path("desk"),
		"--contact-name", map[string]string{"zh": "信息中心", "en": "IT office"}[l.lang], "--contact-phone", "8001")
	out := l.says(l.desk, "listening on ")
	_, rest, _ := strings.Cut(out, "listening on ")
	l.deskURL, _, _ = strings.Cut(rest, "\n")
}

const technician, password = "li.wei", "correct horse 48"

// furnishDesk makes a technician and an enrolment key.
func (l *lab) furnishDesk() {
	l.t.Helper()
	l.deskCommand(password+"\n", "user", "add", technician, "--data", l.path("desk"), "--role", "technician", "--password-stdin")
	key := l.deskCommand("", "enroll-key", "new", "--data", l.path("desk"))
	if err := os.WriteFile(l.path("key"), []byte(key), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) deskCommand(in string, args ...string) string {
	l.t.Helper()
	cmd := exec.Command(bin(l.t, "raisehand-desk"), args...)
	cmd.Stdin = strings.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		l.t.Fatalf("raisehand-desk %v: %v\n%s", args, err, errs.String())
	}
	return string(out)
}

// appArgs point a command at this lab's desk and home.
func (l *lab) appArgs(args ...string) []string {
	return append(args, "--desk", l.deskURL, "--enroll-key-file", l.path("key"), "--home", l.home())
}

// startApp starts the tray program and waits until its session speaks.
func (l *lab) startApp() *face {
	l.t.Helper()
	l.app = l.start(l.env, bin(l.t, "raisehand"), l.appArgs()...)
	return l.face()
}

// terminal runs a command of the app to its end.
func (l *lab) terminal(args ...string) (out, errs string, code int) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin(l.t, "raisehand"), l.appArgs(args...)...)
	cmd.Env = l.env
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if ctx.Err() != nil {
		l.t.Fatalf("raisehand %v does not end\n%s%s", args, o.String(), e.String())
	}
	if err != nil && cmd.ProcessState == nil {
		l.t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// face is this test as one more face of the running app.
type face struct {
	l    *lab
	conn net.Conn
	in   chan snapshot.Message
	last snapshot.Snapshot
}

// face connects to the app's socket as any command of the same person does.
func (l *lab) face() *face {
	l.t.Helper()
	var conn net.Conn
	l.until("the app's socket", func() bool {
		c, err := net.Dial("unix", filepath.Join(l.home(), "ipc.sock"))
		conn = c
		return err == nil
	})
	f := &face{l: l, conn: conn, in: make(chan snapshot.Message, 1024)}
	go func() {
		defer close(f.in)
		snapshot.Read(conn, func(m snapshot.Message) { f.in <- m })
	}()
	l.t.Cleanup(func() { conn.Close() })
	f.wait("the first snapshot", func(snapshot.Snapshot) bool { return true })
	return f
}

// wait returns the first snapshot, from now on, that is as wanted.
func (f *face) wait(what string, ok func(snapshot.Snapshot) bool) snapshot.Snapshot {
	f.l.t.Helper()
	if f.last.Seq > 0 && ok(f.last) {
		return f.last
	}
	limit := time.After(patience)
	for {
		select {
		case m, open := <-f.in:
			if !open {
				f.l.t.Fatalf("waiting for %s: the app has gone", what)
			}
			if m.Snapshot != nil {
				f.last = *m.Snapshot
				if ok(f.last) {
					return f.last
				}
			}
		case <-limit:
			f.l.t.Fatalf("waiting for %s; at last: %s", what, short(f.last))
		}
	}
}

// now takes in what has been said so far.
func (f *face) now() snapshot.Snapshot {
	for {
		select {
		case m, open := <-f.in:
			if open && m.Snapshot != nil {
				f.last = *m.Snapshot
			}
			if open {
				continue
			}
		default:
		}
		return f.last
	}
}

func (f *face) do(v snapshot.Verb) { snapshot.Write(f.conn, snapshot.Message{Verb: &v}) }

func short(s snapshot.Snapshot) string {
	text := fmt.Sprintf("state %s, consent %v, notice %+v", s.State, s.Consent, s.Notice)
	if s.Help != nil {
		text += fmt.Sprintf(", form %s done=%v hold=%v", s.Help.Phase, s.Help.Done, s.Help.Hold)
		for _, r := range s.Help.Rows {
			if r.Result != nil {
				text += " " + r.Result.Code
			}
		}
	}
	for _, t := range s.Tickets {
		text += fmt.Sprintf(", ticket %d %s agent=%q code=%q pending=%d messages=%d", t.Status.Number, t.Status.State, t.Status.Agent, t.Code, t.Pending, len(t.Status.Messages))
	}
	return text
}

// until asks again and again, for what has no event to wait for: other
// people's programs.
func (l *lab) until(what string, ok func() bool) {
	l.t.Helper()
	limit := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-limit:
			l.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// picturesTo is where the tests leave what they saw.
func picturesTo(t testing.TB) string {
	dir := os.Getenv("RAISEHAND_PICTURES")
	if dir == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
