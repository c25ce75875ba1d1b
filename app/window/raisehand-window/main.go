// Raisehand-window is one window of Raisehand in a process of its own: it
// reads snapshots on stdin, writes verbs on stdout, and ends when stdin ends or
// the window is closed.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"raisehand/app/snapshot"
	"raisehand/app/window"
	"raisehand/assets/icons"
	"raisehand/assets/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

const (
	// hiddenFor is how long a hidden window waits for leave to appear: the
	// screenshot is taken meanwhile, but never at the price of a late window.
	hiddenFor = 400 * time.Millisecond
	// firstWait is how long any other window waits for its first snapshot, so
	// that it does not appear empty.
	firstWait = 150 * time.Millisecond
	// stuckAfter is when a window that has not appeared gives up: some
	// graphics drivers hang instead of failing.
	stuckAfter = 10 * time.Second
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "raisehand-window:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	start := time.Now()
	name, arg, hidden, err := parse(args)
	if err != nil {
		return err
	}
	if err := display(); err != nil {
		return err
	}
	said := &firstWords{out: func(s string) { fmt.Fprintln(os.Stderr, "raisehand-window:", s) }}
	log.SetOutput(said) // Fyne reports its troubles in several lines; one is enough
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("open window: %v", p)
		}
	}()

	f := &frame{out: os.Stdout, mail: mailbox{frames: map[string]snapshot.Frame{}}}
	lightByDefault()
	app.SetMetadata(fyne.AppMetadata{ID: "school.raisehand.app", Name: "Raisehand", Version: "0.1.0", Migrations: map[string]bool{"fyneDo": true}})
	f.app = app.NewWithID("school.raisehand.app")
	f.app.Settings().SetTheme(window.Theme{Contrast: highContrast()}) // before anything is measured
	if f.win, err = window.New(name, arg, f.verb, time.Now, f.close); err != nil {
		return err
	}
	return f.run(start, hidden, said)
}

func parse(args []string) (name, arg string, hidden bool, err error) {
	var rest []string
	for _, a := range args {
		switch {
		case a == "--hidden":
			hidden = true
		case strings.HasPrefix(a, "-"):
			return "", "", false, fmt.Errorf("unknown flag %s", a)
		default:
			rest = append(rest, a)
		}
	}
	if len(rest) == 0 || len(rest) > 2 {
		return "", "", false, errors.New("usage: raisehand-window help|ticket ID|tickets|welcome|about|equipment|article [NAME] [--hidden]")
	}
	if len(rest) == 2 {
		arg = rest[1]
	}
	return rest[0], arg, hidden, nil
}

// frame is the window on the screen and its two pipes.
type frame struct {
	app    fyne.App
	win    *window.Window
	w      fyne.Window
	mail   mailbox
	outMu  sync.Mutex
	out    io.Writer
	shown  bool
	failed error
}

// run shows the window and lives as long as it does.
func (f *frame) run(start time.Time, hidden bool, said *firstWords) error {
	icon := fyne.NewStaticResource("raisehand.png", icons.App)
	f.app.SetIcon(icon)
	f.win.Set(snapshot.Snapshot{Lang: words.Pick(systemLang())})
	f.w = f.app.NewWindow(f.win.Title())
	f.w.SetIcon(icon)
	f.w.SetMaster()
	f.w.SetPadded(false)
	f.w.SetContent(f.win.Content())
	f.w.Resize(f.win.Size())
	f.w.Canvas().SetOnTypedKey(f.win.Key)
	f.w.Canvas().SetOnTypedRune(f.win.Rune)
	f.w.SetCloseIntercept(f.close)

	leave := make(chan struct{}) // closed once the window may appear
	f.mail.leave = sync.OnceFunc(func() { close(leave) })
	f.mail.hidden = hidden
	f.app.Lifecycle().SetOnStarted(func() { // shown before Run, a window that cannot be made hangs
		go f.read()
		go f.clock()
		go func() {
			wait := firstWait
			if hidden {
				wait = hiddenFor - time.Since(start)
			}
			select {
			case <-leave:
			case <-time.After(wait):
			}
			fyne.Do(f.show)
		}()
		go f.watch(said)
	})
	f.app.Lifecycle().SetOnStopped(f.win.Flush) // also when the system ends the process
	f.app.Run()
	return f.failed
}

// show puts the window on the screen and says so once it has been drawn.
func (f *frame) show() {
	f.drain()
	f.w.Show()
	f.w.RequestFocus()
	f.shown = true
	if c := f.win.First(); c != nil {
		f.w.Canvas().Focus(c)
	}
	go fyne.Do(func() { f.say(snapshot.Message{Shown: true}) })
}

// read takes messages from the session until there are no more, which ends
// the window.
func (f *frame) read() {
	err := snapshot.Read(os.Stdin, func(m snapshot.Message) {
		if f.mail.put(m) {
			fyne.Do(f.drain)
		}
	})
	fyne.Do(func() {
		f.failed = err
		f.close()
	})
}

// clock lets move what moves.
func (f *frame) clock() {
	for range time.Tick(100 * time.Millisecond) {
		fyne.Do(func() {
			f.win.Tick()
			f.name()
		})
	}
}

// watch ends a process whose window does not appear.
func (f *frame) watch(said *firstWords) {
	time.Sleep(stuckAfter)
	stuck := true
	done := make(chan struct{})
	go fyne.Do(func() { stuck = !f.shown; close(done) })
	select {
	case <-done:
	case <-time.After(stuckAfter):
	}
	if stuck {
		fmt.Fprintln(os.Stderr, "raisehand-window: open window: it did not appear", said)
		os.Exit(1)
	}
}

// drain shows what has come since the last time; of each kind the newest.
func (f *frame) drain() {
	s, frames, level, raise := f.mail.take()
	for _, t := range f.mail.takeTexts() {
		f.win.Text(t)
	}
	if s != nil {
		f.win.Set(*s)
		f.name()
	}
	for _, p := range frames {
		f.win.Frame(p)
	}
	if level != nil {
		f.win.Level(*level)
	}
	if raise && f.shown {
		f.w.Show()
		f.w.RequestFocus()
	}
}

// name keeps the window's title true: its language and its article may change.
func (f *frame) name() {
	if t := f.win.Title(); t != f.w.Title() {
		f.w.SetTitle(t)
	}
}

func (f *frame) verb(v snapshot.Verb) { f.say(snapshot.Message{Verb: &v}) }

// say writes one line to the session. If the session is gone, stdin ends too.
func (f *frame) say(m snapshot.Message) {
	f.outMu.Lock()
	defer f.outMu.Unlock()
	_ = snapshot.Write(f.out, m)
}

// close lets the last words out and ends the process; the session keeps
// everything.
func (f *frame) close() {
	f.win.Flush()
	f.app.Quit()
}
