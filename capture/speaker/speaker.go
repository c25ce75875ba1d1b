// Package speaker finds out whether a class can be heard on this computer:
// which output → there, on, turned up, the right one? → sound, if it was asked for.
package speaker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

const (
	answer     = 2 * time.Second // the longest a sound system may think; healthy ones need 50 ms
	tonePlayed = 3 * time.Second // the longest the tone may take; 1.2 s where nothing is wrong
	forever    = time.Duration(math.MaxInt64)
	overheard  = 400 * time.Millisecond // how long to watch what is being played anyway
	wakes      = 300 * time.Millisecond // an output that a program plays on has woken up by then (measured: 20 ms)
	meterEvery = 100 * time.Millisecond // between two levels
	margin     = 300 * time.Millisecond // kept free before the deadline, to say what was found

	lowDB    = -60.0 // dB; see low
	soundDB  = -60.0 // dBFS: louder than this is a sound, no driver's hiss
	matching = 0.3   // of the loopback is our tone: a voice alone is 0.14 like it, one twice as high as the tone over it 0.85 (measured)
	nothing  = -120.0
)

// Check looks at the output that the class app plays on, or else at the
// default one. It makes no sound unless Aloud. The zero value works.
type Check struct {
	Situation    capture.Situation
	Emit         func(capture.Line) // the outputs, and levels while Live; may be nil
	Device       string             // the output's id or name; "" = the one in use or the default
	Live         bool               // go on showing what is played until the context ends
	Aloud        bool               // a person has asked to hear something: play a tone
	ScreensSpeak bool               // the school's screens have loudspeakers: HDMI is as good as any

	on computer // what stands in for this computer in tests
}

// Name is "speaker".
func (Check) Name() string { return "speaker" }

// Run returns at the latest shortly before the context's deadline.
func (c Check) Run(ctx context.Context) report.Result {
	x := &examination{Check: c, began: time.Now(), detail: map[string]any{}, params: map[string]any{}}
	if x.on == nil {
		x.on = thisComputer{}
	}
	if end, ok := ctx.Deadline(); ok {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, end.Add(-margin))
		defer stop()
	}
	return x.run(ctx)
}

// examination is one run of a Check.
type examination struct {
	Check
	began  time.Time
	params map[string]any
	detail map[string]any
}

func (x *examination) run(ctx context.Context) report.Result {
	q, err := x.find(ctx)
	if err != nil {
		return x.because(err)
	}
	r := x.judge(ctx, q)
	if x.Live {
		x.emit(capture.Line{Interim: &r})
		x.meter(ctx, q.output)
		r.TookMS = time.Since(x.began).Milliseconds()
	}
	return r
}

// find chooses the output.
func (x *examination) find(ctx context.Context) (question, error) {
	v, err := x.look(ctx)
	if err != nil {
		return question{}, err
	}
	x.emit(capture.Line{Devices: v.devices()})
	o, app, err := v.choose(x.Device, x.Situation)
	q := question{view: v, output: o, app: app, asked: x.Device != "", situation: x.Situation, screensSpeak: x.ScreensSpeak}
	x.note(q)
	return q, err
}

func (x *examination) look(ctx context.Context) (view, error) {
	ctx, stop := context.WithTimeout(ctx, answer)
	defer stop()
	v, err := x.on.look(ctx)
	if err != nil {
		return view{}, fmt.Errorf("look for loudspeakers: %w", err)
	}
	return v.settled(), nil
}

// note keeps what a technician wants to know about the output.
func (x *examination) note(q question) {
	if q.server != "" {
		x.detail["server"] = q.server
	}
	x.detail["outputs"] = q.count()
	if q.id == "" {
		return
	}
	x.params["device"] = q.name
	x.detail["device"] = q.id
	if q.kind != anyKind {
		x.detail["kind"] = string(q.kind)
	}
	if q.port != "" {
		x.detail["port"] = q.port
	}
	if q.muted || q.volume != unknownVolume { // who knows the volume knows both
		x.detail["muted"] = q.muted
	}
	if q.volume != unknownVolume {
		x.detail["volume_pct"] = tenth(q.volume)
	}
	if q.socket == empty {
		x.detail["socket_empty"] = true
	}
}

// judge turns what is known into a verdict, and hears only what plays anyway or
// was asked for.
func (x *examination) judge(ctx context.Context, q question) report.Result {
	q, err := x.wake(ctx, q)
	if err != nil {
		return x.because(err)
	}
	all := q.troubles()
	if x.Aloud && !certain(all) {
		return x.aloud(ctx, q, all)
	}
	if len(all) > 0 {
		return x.found(all)
	}
	if len(q.on(q.id)) > 0 {
		if err := x.overhear(ctx, q.output); err != nil {
			return x.because(err)
		}
	}
	return *x.result(report.OK, "speaker.ok")
}

// certain says whether nothing could be heard, so that a tone would tell no more.
func certain(all []report.Fault) bool { return len(all) > 0 && all[0].Verdict == report.Fail }

// wake looks again at an output that sleeps although a program plays on it. It
// may just be waking up.
func (x *examination) wake(ctx context.Context, q question) (question, error) {
	for began := time.Now(); q.asleep && len(q.on(q.id)) > 0; {
		if q.stuck = time.Since(began) > wakes; q.stuck {
			q.stuckProgram = q.on(q.id)[0].program
			return q, nil
		}
		select {
		case <-time.After(wakes / 6):
		case <-ctx.Done():
			return q, nil
		}
		v, err := x.look(ctx)
		if err != nil {
			return q, err
		}
		q.view = v
		i := v.index(q.id)
		if i < 0 { // it has gone meanwhile: nothing to say about it
			return q, nil
		}
		q.output = v.all[i]
	}
	return q, nil
}

// overhear measures how loud that is what a program plays now. A pause proves
// nothing, so the loudness is a figure and no verdict; but a sound system that
// does not let us listen within two seconds has stopped.
func (x *examination) overhear(ctx context.Context, o output) error {
	ctx, stop := context.WithTimeout(ctx, answer+overheard)
	defer stop()
	loudest := nothing
	each, end := guarded(func(peak float64) bool {
		loudest = max(loudest, peak)
		x.detail["playing_dbfs"] = tenth(loudest)
		return loudest < soundDB
	})
	err := x.on.hear(ctx, o, overheard, each)
	end()
	if errors.Is(err, errHung) {
		return err
	}
	if err != nil {
		x.detail["not_measured"] = err.Error()
	}
	return nil
}

// aloud plays the tone. What is doubtful about the output stays the verdict:
// the tone proves the way to the driver, not that somebody hears it.
func (x *examination) aloud(ctx context.Context, q question, doubts []report.Fault) report.Result {
	playing, stop := context.WithTimeout(ctx, tonePlayed)
	defer stop()
	e, err := x.on.play(playing, q.output)
	for k, v := range e.detail {
		x.detail[k] = tenth(v)
	}
	if e.measured {
		x.detail["tone_match"] = math.Round(100*e.match) / 100
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		x.detail["error"] = err.Error()
		return *x.result(report.Unknown, "speaker.not_played")
	case err != nil:
		return x.because(err)
	case e.measured && e.match < matching:
		return x.found(append([]report.Fault{{Verdict: report.Fail, Code: "speaker.chirp_lost", Params: x.params}}, doubts...))
	case len(doubts) > 0:
		return x.found(doubts)
	case !e.measured:
		return *x.result(report.Unknown, "speaker.played_unmeasured")
	}
	x.detail["tone_ms"] = e.delay.Milliseconds()
	return *x.result(report.OK, "speaker.played")
}

// meter shows what is played until the context ends.
func (x *examination) meter(ctx context.Context, o output) {
	next, loudest := time.Now(), nothing
	each, end := guarded(func(peak float64) bool {
		loudest = max(loudest, peak)
		if now := time.Now(); !now.Before(next) {
			level := tenth(loudest)
			x.emit(capture.Line{LevelDB: &level})
			next, loudest = now.Add(meterEvery), nothing
		}
		return true
	})
	x.on.hear(ctx, o, forever, each) // what cannot be measured is not shown
	end()
}

// because turns an error into the verdict it stands for. What kept us from
// looking is Unknown; what keeps every program from being heard is Fail.
func (x *examination) because(err error) report.Result {
	x.detail["error"] = err.Error()
	switch {
	case errors.Is(err, errNone):
		return *x.result(report.Fail, "speaker.none")
	case errors.Is(err, errDenied):
		return *x.result(report.Fail, "speaker.denied")
	case errors.Is(err, errHung), errors.Is(err, context.DeadlineExceeded):
		return *x.result(report.Fail, "speaker.hung")
	case errors.Is(err, errLost):
		return *x.result(report.Fail, "speaker.failed")
	case errors.Is(err, errNoServer):
		return *x.result(report.Unknown, "speaker.no_server")
	}
	return *x.result(report.Unknown, "speaker.not_measured")
}

// found is the verdict about what is wrong, the first thing first.
func (x *examination) found(all []report.Fault) report.Result {
	r := x.result(all[0].Verdict, all[0].Code)
	if all[0].Params != nil {
		r.Params = maps.Clone(all[0].Params)
	}
	r.Also = all[1:]
	return *r
}

func (x *examination) result(v report.Verdict, code string) *report.Result {
	return &report.Result{
		Check: x.Name(), Verdict: v, Code: code, TookMS: time.Since(x.began).Milliseconds(),
		Params: clone(x.params), Detail: clone(x.detail),
	}
}

func (x *examination) emit(l capture.Line) {
	if x.Emit != nil {
		x.Emit(l)
	}
}

func clone(m map[string]any) map[string]any {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}

func tenth(x float64) float64 { return math.Round(10*x) / 10 }

// dB of an amplitude, full scale 1.
func dB(amplitude float64) float64 {
	if amplitude <= 0 {
		return nothing
	}
	return max(20*math.Log10(amplitude), nothing)
}
