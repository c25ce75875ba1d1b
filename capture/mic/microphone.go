package mic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"raisehand/capture"
)

// What can keep a microphone from being heard; because words them.
var (
	errNone      = errors.New("no microphone")
	errMonitor   = errors.New("the computer's own sound is chosen in place of a microphone")
	errDenied    = errors.New("access to the microphone is denied")
	errUnplugged = errors.New("the microphone has gone")
	errHung      = errors.New("the sound server does not answer")
	errNoServer  = errors.New("no sound server")
	errStopped   = errors.New("the microphone sends nothing")
	errNoPulse   = errors.New("PipeWire runs without its PulseAudio part")
)

// busyError is a microphone that another program has for itself.
type busyError struct {
	pid     int    // 0 if it cannot be found out
	program string // its name, "" likewise
}

func (b busyError) Error() string {
	return fmt.Sprintf("the microphone is in use by %q (process %d)", b.program, b.pid)
}

// permission is what the system says about access to microphones.
type permission int

const (
	allowed  permission = iota
	denied              // a setting forbids it
	notAsked            // this system could not be asked: zeros may mean denied
)

// unknownVolume stands where the system has no volume to tell.
const unknownVolume = -1.0

// microphone is what the system says about one thing that can be recorded.
type microphone struct {
	id         string // how the backend knows it
	name       string // how a person knows it
	backend    string // one of the names in backends
	server     string // where the backend finds it, "" = where it looks by itself
	byDefault  bool
	monitor    bool    // it records what the speaker plays
	muted      bool    //
	volume     float64 // % of the slider, or unknownVolume
	permission permission
	users      []int    // processes that record from it now
	programs   []string // their names, as far as the sound server knows them

	socketEmpty bool // the system sees that nothing is plugged in; some computers are wrong about it
	exclusive   bool // whoever opens it keeps others out
	wireless    bool // whoever opens it changes what its owner hears
	gone        bool // it was there before
}

// real says whether m can hear a person.
func (m microphone) real() bool { return !m.monitor }

// unheard is the code of what keeps a voice from arriving whatever one says,
// "" if nothing does.
func (m microphone) unheard() string {
	switch {
	case m.permission == denied:
		return "mic.denied"
	case m.muted:
		return "mic.muted"
	case m.volume != unknownVolume && m.volume <= offPct:
		return "mic.volume_low"
	}
	return ""
}

// view is all that can be recorded on this computer, monitors too.
type view struct {
	server    string // "pulseaudio 16.1"
	all       []microphone
	dumb      []string // devices with a microphone that is switched off in their set-up
	unmanaged bool     // nobody sets devices up
}

// computer is where microphones are: this one, or a stand-in for it.
type computer interface {
	// look lists what can be recorded. It returns by the context's deadline.
	look(context.Context) (view, error)
	// open begins to record. It returns by the context's deadline.
	open(context.Context, microphone) (*stream, error)
	// play plays sound on a loudspeaker, "" the default one. It returns when it
	// has been heard, and by the context's deadline.
	play(ctx context.Context, pcm []float32, output string) error
}

// bounded asks a system that may never answer, and leaves it behind if so.
func bounded(ctx context.Context, ask func() (view, error)) (view, error) {
	type answer struct {
		v   view
		err error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := ask()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		return view{}, errHung
	}
}

// choose takes the wanted microphone, else the one the class app records from,
// else the default one. A monitor is never a microphone: errMonitor comes with
// the monitor that stands where a microphone should.
func (v view) choose(want string, s capture.Situation) (microphone, error) {
	named := func(m microphone) bool { return m.id == want || strings.EqualFold(m.name, want) }
	inClass := func(m microphone) bool {
		return m.real() && slices.ContainsFunc(m.users, func(pid int) bool { _, ok := s.Holder(pid); return ok })
	}
	byDefault := func(m microphone) bool { return m.byDefault }

	ways := []func(microphone) bool{inClass, byDefault, microphone.real} // no default set: any is better than none
	if want != "" {
		ways = []func(microphone) bool{named}
	}
	for _, way := range ways {
		i := slices.IndexFunc(v.all, way)
		switch {
		case v.count() == 0:
			return microphone{}, errNone
		case i < 0:
			continue
		case v.all[i].monitor:
			return v.all[i], errMonitor
		}
		return v.all[i], nil
	}
	return microphone{}, fmt.Errorf("%w called %q", errNone, want)
}

// count is how many real microphones there are.
func (v view) count() int {
	n := 0
	for _, m := range v.all {
		if m.real() {
			n++
		}
	}
	return n
}

func (v view) monitors() int { return len(v.all) - v.count() }

func (v view) has(id string) bool {
	return slices.ContainsFunc(v.all, func(m microphone) bool { return m.id == id })
}

// Holder is a program that records from a microphone now.
type Holder struct {
	PID        int
	Program    string // its name, "" if the system does not tell
	Microphone string // the microphone's name
}

// Holders lists who records from which microphone now. A system that cannot be
// asked gives errors.ErrUnsupported.
func Holders(ctx context.Context) ([]Holder, error) {
	if !listsHolders {
		return nil, fmt.Errorf("list who records: %w", errors.ErrUnsupported)
	}
	v, err := thisComputer{}.look(ctx)
	if err != nil {
		return nil, fmt.Errorf("list who records: %w", err)
	}
	var all []Holder
	for _, m := range v.all {
		for i, pid := range m.users {
			if m.real() {
				h := Holder{PID: pid, Microphone: m.name}
				if i < len(m.programs) {
					h.Program = m.programs[i]
				}
				all = append(all, h)
			}
		}
	}
	return all, nil
}

func clone(m map[string]any) map[string]any {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}
