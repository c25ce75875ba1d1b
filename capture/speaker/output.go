package speaker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// What can keep a loudspeaker from being looked at; because words them.
var (
	errHung     = errors.New("the sound system does not answer")
	errDenied   = errors.New("access to the sound system is denied")
	errNoServer = errors.New("no sound server")
	errNone     = errors.New("no loudspeaker")
	errLost     = errors.New("the loudspeaker takes no sound")
)

// kind is what an output is made for.
type kind string

const (
	anyKind    kind = ""           // it does not say; most loudspeakers do not
	headphones kind = "headphones" // also a headset
	screen     kind = "screen"     // HDMI or DisplayPort: a monitor, a television, a projector
	digital    kind = "digital"    // S/PDIF: silent unless an amplifier is behind it
	nowhere    kind = "nowhere"    // what is played here is thrown away
	handmade   kind = "handmade"   // so it is here, unless the computer, a virtual one perhaps, has nothing else
)

// socket says whether something is plugged in.
type socket int

const (
	unsure socket = iota // built in, or the system cannot see it
	empty
	filled
)

// unknownVolume stands where the system has no volume to tell.
const unknownVolume = -1.0

// output is what the system says about one thing that can play sound.
type output struct {
	id        string // how the system knows it
	name      string // how a person knows it
	byDefault bool
	kind      kind
	socket    socket
	port      string  // the socket's name: "Headphones"
	muted     bool    //
	volume    float64 // % of the slider, or unknownVolume
	gain      float64 // what that does to a sound, dB; 0 where the volume is unknown
	asleep    bool    // the system has put it to sleep; it plays nothing until it wakes
	heardBy   bool    // another program takes what is played here and passes it on
}

// real says whether a person can hear what is played here.
func (o output) real() bool { return o.kind != nowhere || o.heardBy }

// plain says whether o is a loudspeaker or a headphone that is there, beyond
// doubt enough to send a person to it.
func (o output) plain() bool {
	return o.real() && o.kind != screen && o.kind != digital && o.socket != empty
}

// low is a volume at which nothing arrives: speech at −22 dBFS is then softer
// than a quiet room from any ordinary loudspeaker (0 dBFS ≈ 100 dB, room 30 dB).
func low(volume, gain float64) bool {
	return volume != unknownVolume && (volume == 0 || gain <= lowDB)
}

// playing is a program's sound on its way to an output.
type playing struct {
	pid     int
	program string // its name, as the system shows it
	output  string // an output's id
	paused  bool
	muted   bool
	volume  float64 // % in the mixer, or unknownVolume
	gain    float64 // dB
}

// silent says whether nothing of it can be heard, whatever the output does.
func (p playing) silent() bool { return p.muted || low(p.volume, p.gain) }

// view is all that can play sound on this computer, and who does.
type view struct {
	server string // "pulseaudio 16.1"
	all    []output
	plays  []playing
}

// settled decides what outputs made by hand are worth. Where there is no
// loudspeaker or headset, one is what a virtual computer has to play on; beside
// one, it only swallows sound.
func (v view) settled() view {
	beside := slices.ContainsFunc(v.all, func(o output) bool { return o.kind != handmade && o.plain() })
	v.all = slices.Clone(v.all)
	for i, o := range v.all {
		switch {
		case o.kind == handmade && beside:
			v.all[i].kind = nowhere
		case o.kind == handmade:
			v.all[i].kind = anyKind
		}
	}
	return v
}

// computer is where loudspeakers are: this one, or a stand-in for it.
type computer interface {
	// look lists the outputs. It returns by the context's deadline.
	look(context.Context) (view, error)
	// hear tells each how loud an output just now is, in dBFS, at most 25 times
	// a second, for so long or until each says no or the context ends. It keeps
	// no sound.
	hear(ctx context.Context, o output, long time.Duration, each func(peak float64) bool) error
	// play plays the tone on an output and returns what came out of it. It
	// returns by the context's deadline.
	play(ctx context.Context, o output) (echo, error)
}

// echo is what was measured while the tone was played.
type echo struct {
	measured bool               // false: this system, or other sound, does not let us tell
	match    float64            // how much of it is our tone, 0–1
	delay    time.Duration      // from the first to the same sample measured
	detail   map[string]float64 // more figures, units in the key
}

// bounded asks a system that may never answer, and leaves it behind if so.
func bounded[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	type answer struct {
		v   T
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
		var none T
		return none, errHung
	}
}

// guarded lets a driver that was left behind call each no more once end was
// called: what each writes is then in other hands.
func guarded(each func(float64) bool) (safe func(float64) bool, end func()) {
	var mu sync.Mutex
	over := false
	safe = func(peak float64) bool {
		mu.Lock()
		defer mu.Unlock()
		return !over && each(peak)
	}
	return safe, func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
	}
}

// choose takes the wanted output, else the one that the class app plays on,
// else the default one. app is the class app that decided, if one did.
func (v view) choose(want string, s capture.Situation) (o output, app string, err error) {
	if want != "" {
		i := slices.IndexFunc(v.all, func(o output) bool { return o.id == want || strings.EqualFold(o.name, want) })
		if i < 0 {
			return output{}, "", fmt.Errorf("%w called %q", errNone, want)
		}
		return v.all[i], "", nil
	}
	chosen, hasDefault := v.standard()
	for _, p := range v.inClass(s) {
		if hasDefault && p.output == chosen.id {
			return chosen, "", nil // some of it goes where everything goes
		}
	}
	for _, p := range v.inClass(s) {
		if i := v.index(p.output); i >= 0 {
			a, _ := s.Holder(p.pid)
			return v.all[i], a.Key, nil
		}
	}
	if hasDefault {
		return chosen, "", nil
	}
	if i := slices.IndexFunc(v.all, output.real); i >= 0 { // no default set: any is better than none
		return v.all[i], "", nil
	}
	return output{}, "", errNone
}

func (v view) standard() (output, bool) {
	i := slices.IndexFunc(v.all, func(o output) bool { return o.byDefault })
	if i < 0 {
		return output{}, false
	}
	return v.all[i], true
}

func (v view) index(id string) int {
	return slices.IndexFunc(v.all, func(o output) bool { return o.id == id })
}

// inClass is what the class apps play now.
func (v view) inClass(s capture.Situation) (all []playing) {
	for _, p := range v.plays {
		if _, ok := s.Holder(p.pid); ok && !p.paused {
			all = append(all, p)
		}
	}
	return all
}

// on is what plays on an output now.
func (v view) on(id string) (all []playing) {
	for _, p := range v.plays {
		if p.output == id && !p.paused {
			all = append(all, p)
		}
	}
	return all
}

// instead is the output to offer in place of one that cannot be heard: the
// default one if it is sound, else the best there is, "" if there is none.
func (v view) instead(of output) string {
	best := ""
	for _, o := range v.all {
		switch {
		case o.id == of.id || !o.plain():
		case o.byDefault:
			return o.name
		case best == "" || o.kind == anyKind:
			best = o.name
		}
	}
	return best
}

// count is how many outputs can be heard.
func (v view) count() (n int) {
	for _, o := range v.all {
		if o.real() {
			n++
		}
	}
	return n
}

// devices are the outputs as a person chooses among them.
func (v view) devices() []capture.Device {
	all := []capture.Device{}
	for _, o := range v.all {
		if o.real() {
			all = append(all, capture.Device{ID: o.id, Name: o.name, Default: o.byDefault})
		}
	}
	return all
}

// question is what is to be judged.
type question struct {
	view
	output
	app          string // the class app that chose it; "" = the default, or what was asked for
	asked        bool   // a person chose it, and knows what it is
	situation    capture.Situation
	screensSpeak bool // the school's screens have loudspeakers
	stuck        bool // it stayed asleep while a program played on it
	stuckProgram string
}

// troubles are what keeps sound from being heard, what is certain first.
func (q question) troubles() []report.Fault {
	if q.count() == 0 {
		return []report.Fault{{Verdict: report.Fail, Code: "speaker.none"}}
	}
	all := slices.Concat(q.lost(), q.off(), q.doubtful())
	slices.SortStableFunc(all, func(a, b report.Fault) int {
		return cmp.Compare(certainty[a.Verdict], certainty[b.Verdict])
	})
	return all
}

var certainty = map[report.Verdict]int{report.Fail: 0, report.Warn: 1}

// lost is sound that goes where nobody is.
func (q question) lost() []report.Fault {
	other := q.instead(q.output)
	speaks := q.plain() || q.kind == screen && q.screensSpeak
	switch {
	case q.app != "" && other != "" && !speaks:
		v := report.Warn
		if !q.real() {
			v = report.Fail
		}
		return []report.Fault{q.fault(v, "speaker.app_elsewhere", terms{"app": capture.Name("app." + q.app), "other": other})}
	case !q.real() && other == "":
		other = q.all[slices.IndexFunc(q.all, output.real)].name
		fallthrough
	case !q.real():
		return []report.Fault{q.fault(report.Fail, "speaker.nowhere", terms{"other": other})}
	}
	return nil
}

// off is sound that is turned off on its way.
func (q question) off() (all []report.Fault) {
	if q.stuck {
		all = append(all, q.fault(report.Fail, "speaker.blocked", terms{"program": q.stuckProgram}))
	}
	if q.muted {
		all = append(all, q.fault(report.Fail, "speaker.muted", nil))
	}
	if low(q.volume, q.gain) {
		all = append(all, q.fault(report.Fail, "speaker.volume_low", terms{"volume": tenth(q.volume)}))
	}
	if a := q.mutedApp(); a != "" {
		all = append(all, q.fault(report.Fail, "speaker.app_muted", terms{"app": capture.Name("app." + a)}))
	}
	return all
}

// doubtful is a default output that may well be silent. One that a person or a
// class app has chosen is not doubted.
func (q question) doubtful() []report.Fault {
	other := q.instead(q.output)
	switch {
	case q.app != "" || q.asked:
	case q.socket == empty && other != "":
		return []report.Fault{q.fault(report.Warn, "speaker.unplugged", terms{"other": other})}
	case q.socket == empty:
		return []report.Fault{q.fault(report.Warn, "speaker.not_plugged", nil)}
	case (q.kind == screen && !q.screensSpeak || q.kind == digital) && other != "":
		return []report.Fault{q.fault(report.Warn, "speaker.wrong_default", terms{"other": other})}
	}
	return nil
}

// terms are what a sentence needs besides the device.
type terms map[string]any

func (q question) fault(v report.Verdict, code string, more terms) report.Fault {
	params := map[string]any{"device": q.name}
	maps.Copy(params, more)
	return report.Fault{Verdict: v, Code: code, Params: params}
}

// mutedApp is the class app of which nothing can be heard, because the mixer
// has turned it off; "" if there is none.
func (q question) mutedApp() string {
	for _, a := range q.situation.Class {
		streams, off := 0, 0
		for _, p := range q.plays {
			if slices.Contains(a.PIDs, p.pid) {
				streams++
				if p.silent() {
					off++
				}
			}
		}
		if streams > 0 && off == streams {
			return a.Key
		}
	}
	return ""
}
