// Package app puts the program together: the one list of checks, the desk's
// client, and the faces (tray, windows, terminal) on one session.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"raisehand/app/desktop"
	"raisehand/app/policy"
	"raisehand/app/session"
	"raisehand/app/snapshot"
	"raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/capture"
	"raisehand/capture/camera"
	"raisehand/capture/logs"
	"raisehand/capture/mic"
	"raisehand/capture/programs"
	"raisehand/capture/screen"
	"raisehand/capture/speaker"
	"raisehand/capture/system"
	"raisehand/uploader"
)

// Version is set when a release is built.
var Version = "0.1.0-dev"

// check is one line of the list of checks.
type check struct {
	name string
	cap  time.Duration // its process is killed after this
	make func(p *program, a capture.Ask, say func(capture.Line)) capture.Check
}

// checks are all there are. A new check is one folder under capture/, one line
// here, its words and its help article.
var checks = []check{
	{"programs", 2 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return programs.Check{Situation: a.Situation, Emit: say, Recording: recorders}
	}},
	{"mic", 6 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return p.expected("microphone", mic.Check{Situation: a.Situation, Emit: say, Device: a.Device, Live: a.Live})
	}},
	{"voice", 15 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return mic.Playback{Situation: a.Situation, Emit: say, Device: a.Device, Output: a.Output, Aloud: a.Aloud}
	}},
	{"speaker", 4 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return p.expected("speaker", speaker.Check{Situation: a.Situation, Emit: say, Device: a.Device, Live: a.Live, Aloud: a.Aloud,
			ScreensSpeak: p.set.On("screen_speakers")})
	}},
	{"camera", 5 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return p.expected("camera", camera.Check{Situation: a.Situation, Emit: say, Device: a.Device, Live: a.Live})
	}},
	{"network", 4 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return p.networkCheck(a, say)
	}},
	{"system", 5 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return system.Check{Situation: a.Situation, Emit: say, Home: p.home, Clock: deskClock(a.Situation.Desk)}
	}},
	{"apps", 3 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return p.appsCheck(a.Situation, say)
	}},
	{"logs", 12 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return logs.Check{Situation: a.Situation, Emit: say, Home: p.home, Globs: p.set.List("log_globs")}
	}},
	{"screen", 4 * time.Second, func(p *program, a capture.Ask, say func(capture.Line)) capture.Check {
		return screen.Check{Situation: a.Situation, Emit: say, Pictures: a.Pictures, Halve: p.set.On("screenshot_half")}
	}},
}

const (
	scout    = "programs" // tells the others who is in class
	theFirst = "screen"   // needs to know nothing, and goes before a window covers it
)

// aside are the checks that run only when somebody asks for them by name.
var aside = []string{"voice", "logs"}

// secrets are variables that no other process needs to see.
var secrets = []string{"RAISEHAND_ENROLL_KEY"}

// program is one run of the binary.
type program struct {
	in       io.Reader
	out, err io.Writer
	home     string
	set      policy.Set
	book     *words.Book
	typed    bool // a command that examines was typed, which is agreement enough to ask public places
}

// plan is an examination in child processes of this very binary. only names
// the checks wanted, all when empty; picture says whether the screen is part
// of it (the app takes its screenshot by itself, at the click).
func (p *program) plan(only []string) capture.Plan {
	plan := capture.Plan{Scout: scout, Desk: p.set.Text("desk_url"), Article: help.Article, Start: func(name string, s capture.Situation, say func(capture.Line)) capture.Check {
		return p.child(name, capture.Ask{Situation: s}, say)
	}}
	for _, c := range checks {
		if c.name == scout || len(only) > 0 && !has(only, c.name) || len(only) == 0 && has(aside, c.name) {
			continue
		}
		if c.name == theFirst {
			plan.Early = append(plan.Early, c.name)
		} else {
			plan.Rest = append(plan.Rest, c.name)
		}
	}
	return plan
}

func (p *program) child(name string, a capture.Ask, say func(capture.Line)) capture.Child {
	a.Outside = a.Outside || p.typed
	c := capture.Child{Check: name, Ask: a, Say: say, Without: secrets}
	for _, x := range checks {
		if x.name == name {
			c.Cap = x.cap
		}
	}
	if exe, err := os.Executable(); err == nil {
		c.Command = []string{exe, "probe", name, "--json", "--ask", "--home", p.home}
	}
	return c
}

// screenshot takes one, and says the result as its last line.
func (p *program) screenshot(ctx context.Context, say func(capture.Line)) {
	r := p.child(theFirst, capture.Ask{Pictures: true}, say).Run(ctx)
	say(capture.Line{Result: &r})
}

// logs reads what programs wrote down, and says the result as its last line.
// What it says is not redacted: the session does that first of all.
func (p *program) logs(ctx context.Context, s capture.Situation, say func(capture.Line)) {
	r := p.child("logs", capture.Ask{Situation: s}, say).Run(ctx)
	say(capture.Line{Result: &r})
}

// running is a session with what it stands on.
type running struct {
	*session.Session
	owner *desktop.Owner
	door  net.Listener
}

// own starts the session of this home folder, desktop.ErrOwned if another
// process has it.
func (p *program) own(d session.Desktop, noTray bool) (*running, error) {
	owner, err := desktop.Own(p.home)
	if errors.Is(err, desktop.ErrOwned) || errors.Is(err, syscall.ENOSPC) {
		return nil, err
	}
	if err != nil {
		return nil, wrong("cli.home_denied", "reason", err.Error())
	}
	openLog(p.home)
	box, err := uploader.OpenOutbox(filepath.Join(p.home, "outbox"))
	if err != nil {
		owner.Release()
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	desk := p.desk()
	c := session.Config{
		Settings: p.set,
		Save:     func(change map[string]any) error { return policy.Save(p.settingsFile(), change) },
		Lang:     words.Pick(desktop.Lang()), Guess: desktop.Guess(), Computer: desktop.Computer(), Version: Version,
		Wording: func(lang string) string { return words.In(lang).T("consent.version") },
		Box:     box, Post: &uploader.Post{Outbox: box, Desk: desk, Failed: func(err error) { log.Printf("send: %v", err) }}, Desk: desk,
		Plan: p.plan(nil), Desktop: d, NoTray: noTray,
	}
	c.Plan.Early = nil // the screenshot is taken apart, before the window opens
	c.Screen = p.screenshot
	c.Logs = p.logs
	c.Probe = func(name string, a capture.Ask, say func(capture.Line)) capture.Check { return p.child(name, a, say) }
	return &running{Session: session.New(c), owner: owner}, nil
}

func (p *program) desk() *uploader.Desk {
	d := uploader.OpenDesk(p.set.Text("desk_url"), p.set.Text("enroll_key"), p.deviceFile())
	d.Computer = desktop.Computer()
	d.Client.AllowHTTP = p.set.On("allow_http")
	return d
}

func (p *program) deviceFile() string { return filepath.Join(p.home, "device.json") }

func (p *program) settingsFile() string { return filepath.Join(p.home, "settings.json") }

// serve lets other commands of the same person speak to the session.
func (r *running) serve(ctx context.Context, home string) error {
	l, err := desktop.Listen(home)
	if err != nil {
		return err
	}
	r.door = l
	go func() {
		<-ctx.Done()
		l.Close()
	}()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
					return
				}
				continue
			}
			go r.speak(ctx, c)
		}
	}()
	return nil
}

// speak is one other command: a face at the end of a socket.
func (r *running) speak(ctx context.Context, c net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.Close()
	face := r.Listen()
	defer face.Close()
	go func() {
		defer cancel()
		snapshot.Read(c, func(m snapshot.Message) {
			if m.Verb != nil {
				r.Do(*m.Verb)
			}
		})
	}()
	for {
		m, ok := face.Next(ctx)
		if !ok {
			return
		}
		c.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if snapshot.Write(c, m) != nil {
			return
		}
	}
}

// maxLog bounds the log; the one before it is kept beside it.
const maxLog = 1 << 20 // bytes

// openLog sends what libraries and windows complain about to a file in the
// home folder, and the last words of a process that dies to another. Neither
// holds what a person has written.
func openLog(home string) {
	path := filepath.Join(home, "raisehand.log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		os.Rename(path, path+".old")
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err == nil {
		log.SetOutput(f)
	}
	if f, err := os.OpenFile(filepath.Join(home, "crash.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err == nil {
		debug.SetCrashOutput(f, debug.CrashOptions{})
		f.Close()
	}
}

func has(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
