// Package apps tells whether class apps and browsers are fit for a class:
// what is installed and runs, who holds microphone and camera → too old, or in each other's way.
//
// It never starts a program to ask its version, and opens no device.
package apps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// patience is how long one question may take. Reading the package database
// took 20 ms; the sound server may never answer.
const patience = 1500 * time.Millisecond

// Hold is a program that has a microphone or a camera open.
type Hold struct {
	PID     int    // 0: the system tells only the program
	Program string // its name, or the path of its file; may be empty with a PID

	likely []int // where the system tells only the program: the processes that run it
}

// Check looks at class apps and browsers. The zero value works: what is not
// handed in stays unknown.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line)

	// Least is the oldest version that will do, by key: "chrome" → "110".
	Least map[string]string

	// Recorders are programs that may use microphone and camera beside a class,
	// by the names of their files.
	Recorders []string

	// Microphone and Camera list who holds one now. errors.ErrUnsupported where
	// the system cannot be asked.
	Microphone, Camera func(context.Context) ([]Hold, error)

	root, home string // tests look elsewhere than in / and at home
}

// Name is the check's name in reports and words.
func (Check) Name() string { return "apps" }

// install is one program on this computer's disk.
type install struct {
	key     string
	version version
	id      string // Linux: its flatpak; elsewhere as the system knows it
	dir     string // where its files are; empty: where the system's packages go
}

// view is all that was seen.
type view struct {
	installs  []install
	byDefault string // the default browser's key, empty if unknown
	defaultID string // Linux: the flatpak that is meant, if it is one
	running   []running
	mic, cam  []holder
	missing   map[string]any // by part: why it was not measured
}

// running is a class app or browser that runs now.
type running struct {
	key      string
	class    bool      // a class app, or a browser with a class in it
	versions []version // of its files that run; empty: unknown
}

// holder is a program that holds a device, by what is known of it.
type holder struct {
	key     string // "zoom"; empty for a program that is not in the table
	class   bool   // a class app, or a browser
	program string // for people: "arecord", or "@app.zoom"
}

// Run returns by the deadline even if a question is never answered.
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v := c.look(ctx)
	if c.Emit != nil {
		c.Emit(capture.Line{Facts: v.facts()})
	}
	r := c.judge(v)
	r.Check, r.TookMS = c.Name(), time.Since(start).Milliseconds()
	return r
}

// look asks everything at the same time. What does not answer is left behind
// and named in missing.
func (c Check) look(ctx context.Context) *view {
	v := &view{missing: map[string]any{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	ask := func(part string, question func() (func(), error)) {
		all.Go(func() {
			type answer struct {
				note func()
				err  error
			}
			got := make(chan answer, 1)
			go func() {
				note, err := question()
				got <- answer{note, err}
			}()
			var a answer
			select {
			case a = <-got:
			case <-ctx.Done():
				a.err = ctx.Err()
			}
			mu.Lock()
			defer mu.Unlock()
			if a.note != nil {
				a.note()
			}
			if a.err != nil {
				v.missing[part] = a.err.Error()
			}
		})
	}
	ask("installed", func() (func(), error) {
		found, err := c.installed(ctx)
		return func() { v.installs = found }, err
	})
	ask("default", func() (func(), error) {
		key, id, err := c.defaultBrowser(ctx)
		return func() { v.byDefault, v.defaultID = key, id }, err
	})
	ask("running", func() (func(), error) {
		found := c.runs()
		return func() { v.running = found }, nil
	})
	ask("microphone", func() (func(), error) {
		found, err := c.holders(ctx, c.Microphone, microphone)
		return func() { v.mic = found }, err
	})
	ask("camera", func() (func(), error) {
		found, err := c.holders(ctx, c.Camera, camera)
		return func() { v.cam = found }, err
	})
	all.Wait()
	v.settle()
	return v
}

// settle finds what follows from several answers.
func (v *view) settle() {
	browsers := map[string]bool{}
	for _, i := range v.installs {
		if p := known(i.key); p != nil && p.browser {
			browsers[i.key] = true
		}
	}
	if v.byDefault == "" && len(browsers) == 1 { // there is no other to be it
		for key := range browsers {
			v.byDefault = key
		}
	}
	for i := range v.running {
		r := &v.running[i]
		if len(r.versions) == 0 {
			continue
		}
		for j, w := range r.versions {
			r.versions[j] = ownNumbers(r.key, w)
		}
	}
	for i := range v.installs {
		v.installs[i].version = ownNumbers(v.installs[i].key, v.installs[i].version)
	}
	for i := range v.running { // a program of the system's own is as old as its package
		r := &v.running[i]
		for j, w := range r.versions {
			if w == nil {
				r.versions[j] = v.newest(r.key, func(x install) bool { return x.dir == "" })
			}
		}
		r.versions = slices.DeleteFunc(r.versions, func(w version) bool { return w == nil })
	}
}

// newest is the newest version among those installs of a product that fit,
// nil if none is known.
func (v *view) newest(key string, fit func(install) bool) version {
	var best version
	for _, i := range v.installs {
		if i.key == key && fit(i) && (best == nil || best.older(i.version)) {
			best = i.version
		}
	}
	return best
}

// defaultVersion is the default browser's version, nil if it is not known.
// Where several are installed, the newest has the benefit of the doubt.
func (v *view) defaultVersion() version {
	return v.newest(v.byDefault, func(i install) bool { return v.defaultID == "" || i.id == v.defaultID })
}

// kind is what can be held, by the name that Windows has for it.
type kind string

const (
	microphone kind = "microphone"
	camera     kind = "webcam"
)

var errNotAsked = errors.New("this system was not asked")

// holders lists who holds a device, by both ways there are: processes, handed
// in, and on Windows what it keeps about each program.
func (c Check) holders(ctx context.Context, ask func(context.Context) ([]Hold, error), k kind) ([]holder, error) {
	list, err := noted(k)
	unknown := err != nil
	if ask != nil {
		more, askErr := ask(ctx)
		list, unknown = append(list, more...), unknown && askErr != nil
		if askErr != nil && !errors.Is(askErr, errors.ErrUnsupported) {
			err = askErr
		}
	} else if errors.Is(err, errors.ErrUnsupported) {
		err = errNotAsked
	}
	var all []holder
	for _, h := range list {
		if who, ok := c.who(h); ok && !slices.Contains(all, who) {
			all = append(all, who)
		}
	}
	if unknown {
		return all, fmt.Errorf("list who holds the %s: %w", k, err)
	}
	return all, nil
}

// who recognises a holder; false for what belongs to the desktop itself, for
// ourselves, and for a process that cannot be seen.
func (c Check) who(h Hold) (holder, bool) {
	for _, pid := range append(lineage(h.PID), h.likely...) {
		if a, ok := c.Situation.Holder(pid); ok {
			return holder{a.Key, true, capture.Name("app." + a.Key)}, true
		}
		for _, b := range c.Situation.Browsers {
			if slices.Contains(b.PIDs, pid) {
				return holder{b.Key, true, capture.Name("app." + b.Key)}, true
			}
		}
	}
	file := h.Program
	if h.PID > 0 {
		f, ok := programOf(h.PID)
		if !ok { // of another user, or numbered in a sandbox's own way
			return c.inSandbox(h.PID)
		}
		file = f
	}
	name := plain(file)
	if name == "" || name == "." || innocent(name) || slices.ContainsFunc(c.Recorders, func(r string) bool { return strings.EqualFold(plain(r), name) }) {
		return holder{}, false
	}
	if p := byProgram(name); p != nil {
		return holder{c.classIn(p.key), true, capture.Name("app." + c.classIn(p.key))}, true
	}
	return holder{program: called(name)}, true
}

// inSandbox recognises a holder by the number that its sandbox has for it.
func (c Check) inSandbox(own int) (holder, bool) {
	for _, a := range append(slices.Clone(c.Situation.Class), c.Situation.Browsers...) {
		if slices.ContainsFunc(a.PIDs, func(pid int) bool { return inside(pid) == own }) {
			return holder{a.Key, true, capture.Name("app." + a.Key)}, true
		}
	}
	return holder{}, false
}

// classIn is the class that takes place in a browser, or the app itself.
func (c Check) classIn(key string) string {
	for _, b := range c.Situation.Browsers {
		if b.Key != key || len(b.PIDs) == 0 {
			continue
		}
		if a, ok := c.Situation.Holder(b.PIDs[0]); ok {
			return a.Key
		}
	}
	return key
}

// runs lists what runs, as the scout has seen it.
func (c Check) runs() []running {
	var all []running
	for _, group := range []struct {
		apps  []capture.App
		class bool
	}{{c.Situation.Class, true}, {c.Situation.Browsers, false}} {
		for _, a := range group.apps {
			if known(a.Key) == nil { // a class in a browser: the browser has its own line
				all = append(all, running{key: a.Key, class: group.class})
				continue
			}
			all = append(all, running{a.Key, group.class, versionsOf(a.Key, a.PIDs)})
		}
	}
	return all
}
