//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/build/lab"
	"raisehand/build/sound"
)

// office is one teacher's computer, with a desk.
type office struct {
	dir   string
	env   []string
	ends  []func()
	sound *sound.Server
	desk  *lab.Desk
	x     *display
	tray  *tray
	app   *exec.Cmd
	face  *face
}

// withOffice furnishes one, hands it to do, and clears it away.
func withOffice(width, height int, do func(*office) error) (err error) {
	dir, err := os.MkdirTemp("", "rhm")
	if err != nil {
		return err
	}
	o := &office{dir: dir}
	defer o.clear()
	defer func() {
		if p := recover(); p != nil {
			stop, ok := p.(giveUp)
			if !ok {
				panic(p)
			}
			err = stop.error
		}
	}()
	if err := o.furnish(width, height); err != nil {
		return err
	}
	return do(o)
}

func (o *office) clear() {
	for i := len(o.ends) - 1; i >= 0; i-- {
		o.ends[i]()
	}
	os.RemoveAll(o.dir)
}

// tester lets the laboratories that were made for tests work here.
type tester struct {
	testing.TB
	o *office
}

type giveUp struct{ error }

func (t tester) Helper()                   {}
func (t tester) Cleanup(f func())          { t.o.ends = append(t.o.ends, f) }
func (t tester) Logf(string, ...any)       {}
func (t tester) Errorf(f string, a ...any) { t.Fatalf(f, a...) }
func (t tester) Fatalf(f string, a ...any) { panic(giveUp{fmt.Errorf(f, a...)}) }

func (o *office) furnish(width, height int) (err error) {
	person := filepath.Join(o.dir, "person")
	if err := os.MkdirAll(o.home(), 0o700); err != nil {
		return err
	}
	if err := os.MkdirAll(person, 0o700); err != nil {
		return err
	}
	o.sound = sound.Start(tester{o: o})
	o.env = lab.Bare(append([]string{"HOME=" + person, "XDG_RUNTIME_DIR=" + person, "LANG=zh_CN.UTF-8", "FYNE_SCALE=1", "LIBGL_ALWAYS_SOFTWARE=1"}, o.sound.Env()...)...)
	address, err := o.firstLine("dbus-daemon", "--session", "--nofork", "--print-address=1")
	if err != nil {
		return err
	}
	o.env = append(o.env, "DBUS_SESSION_BUS_ADDRESS="+address)
	if o.x, err = o.startDisplay(width, height); err != nil {
		return err
	}
	if o.desk, err = lab.StartDesk(o.dir); err != nil {
		return err
	}
	o.ends = append(o.ends, o.desk.Stop)
	raw, err := json.Marshal(map[string]any{"role": "teacher", "name": "李老师", "room": "三年二班",
		"consent_at": "2026-11-01T08:00:00Z", "consent_wording": "1 zh", "lang": "zh"})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.home(), "settings.json"), raw, 0o600); err != nil {
		return err
	}
	if o.tray, err = startTray(address); err != nil {
		return err
	}
	o.ends = append(o.ends, func() { o.tray.conn.Close() })
	return o.startApp()
}

func (o *office) home() string { return filepath.Join(o.dir, "home") }

// start runs a program until the office is cleared.
func (o *office) start(cmd *exec.Cmd) error {
	cmd.Env = o.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	o.ends = append(o.ends, func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	return nil
}

// firstLine starts a program and returns the first thing it says.
func (o *office) firstLine(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := o.start(cmd); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (o *office) startApp() error {
	program, err := lab.Program("raisehand")
	if err != nil {
		return err
	}
	o.app = exec.Command(program, "--desk", o.desk.URL, "--enroll-key-file", o.desk.KeyFile, "--home", o.home())
	var errs bytes.Buffer
	o.app.Stderr = &errs
	if err := o.start(o.app); err != nil {
		return err
	}
	if err := o.tray.awaitIcon(); err != nil {
		return fmt.Errorf("%w: %s", err, errs.String())
	}
	conn, err := net.Dial("unix", filepath.Join(o.home(), "ipc.sock"))
	if err != nil {
		return err
	}
	o.ends = append(o.ends, func() { conn.Close() })
	o.face = &face{conn: conn, in: make(chan moment, 4096)}
	go o.face.read()
	_, err = o.face.wait("the first word", func(snapshot.Snapshot) bool { return true })
	return err
}

// face is this program as one more face of the app, on the socket that every
// command of the same person uses.
type face struct {
	conn net.Conn
	in   chan moment
	last moment
}

// moment is a snapshot with the time at which it came.
type moment struct {
	snapshot.Snapshot
	at time.Time
}

func (f *face) read() {
	defer close(f.in)
	snapshot.Read(f.conn, func(m snapshot.Message) {
		if m.Snapshot != nil {
			f.in <- moment{*m.Snapshot, time.Now()}
		}
	})
}

var errGone = errors.New("the app has gone")

// wait returns the first moment from the last one on that is as wanted.
func (f *face) wait(what string, ok func(snapshot.Snapshot) bool) (moment, error) {
	if !f.last.at.IsZero() && ok(f.last.Snapshot) {
		return f.last, nil
	}
	late := time.After(lab.Patience)
	for {
		select {
		case m, open := <-f.in:
			if !open {
				return f.last, fmt.Errorf("waiting for %s: %w", what, errGone)
			}
			f.last = m
			if ok(m.Snapshot) {
				return m, nil
			}
		case <-late:
			return f.last, fmt.Errorf("waited in vain for %s", what)
		}
	}
}

func (f *face) do(v snapshot.Verb) error {
	return snapshot.Write(f.conn, snapshot.Message{Verb: &v})
}

// quiet waits until no window of ours stands on the screen.
func (o *office) quiet() error {
	return lab.Until(context.Background(), "an empty screen", func() bool { n, err := o.x.windows(); return err == nil && len(n) == 0 })
}
