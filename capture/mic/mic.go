// Package mic finds out whether the microphone hears a voice:
// which microphone → muted, turned down, denied? → listen → a voice or why not.
package mic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

const (
	listening  = 5 * time.Second         // then a silent person is let go
	hintAfter  = 2 * time.Second         // without a voice, ask for one
	answer     = 2 * time.Second         // the longest a sound server may think; healthy ones need 50 ms
	firstSound = 2500 * time.Millisecond // a headset without a wire may take this long to wake up
	stopped    = 300 * time.Millisecond  // no frames for so long: ask whether the microphone is still there
	meterEvery = 100 * time.Millisecond  // between two levels
	margin     = 300 * time.Millisecond  // kept free before the deadline, to say what was found
	sure       = 2500 * time.Millisecond // of sound, before a voice is called bad: the first word may just be soft
	hopeless   = 3 * time.Second         // of sound without a voice, when it is known what would spoil any
	undecided  = 4 * time.Second         // of sound, when other microphones might hear a soft voice better
	others     = 300 * time.Millisecond  // how often to ask whether other microphones may hear more, …
	patient    = 900 * time.Millisecond  // … from here on

	offPct    = 5.0   // %: speech at −22 dBFS arrives under −100 dBFS, less than 16 bits can hold (cubic slider: 60·log10)
	lowPct    = 15.0  // %: −49 dB; a person who spoke may not have been heard
	quietDBFS = -40.0 // dBFS of active speech: too soft for a class (estimate; RFC 7874 wants −28…−16)
	clearDBFS = -35.0 // dBFS: a voice that another microphone hears clearly, …
	nearerDB  = 15.0  // dB … and by so much better that it must be the nearer one (estimate)
)

// Check listens to the microphone until it hears a voice. The zero value
// listens to the one that the class app uses, or else to the default one.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line) // levels and the interim verdict, while it listens; may be nil
	Device    string             // the microphone's id or name; "" = the one in use or the default
	Cap       time.Duration      // longest time to listen; 0 = 5 s
	Live      bool               // for a person who tries things out: go on until the context ends

	on computer // what stands in for this computer in tests
}

// Name is "mic".
func (Check) Name() string { return "mic" }

// Run returns as soon as a voice is proven or a fault is certain, and at the
// latest shortly before the context's deadline.
func (c Check) Run(ctx context.Context) report.Result {
	x := &examination{Check: c, began: time.Now(), detail: map[string]any{}, params: map[string]any{}}
	if x.on == nil {
		x.on = thisComputer{}
	}
	if x.Cap <= 0 {
		x.Cap = listening
	}
	if end, ok := ctx.Deadline(); ok {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, end.Add(-margin))
		defer stop()
	}
	if x.Live {
		return x.live(ctx)
	}
	return x.run(ctx)
}

// examination is one run of a Check.
type examination struct {
	Check
	began  time.Time
	params map[string]any
	detail map[string]any
	heard  voice
	meter  meter
	view   view   // as it was when the microphone was chosen
	others []*ear // microphones that were not chosen, listened to as well
	pieces chan piece
}

func (x *examination) run(ctx context.Context) report.Result {
	m, err := x.find(ctx)
	if err != nil {
		return x.because(err)
	}
	if code := m.unheard(); code != "" {
		return x.fail(code)
	}
	if m.exclusive && x.Situation.InClass() {
		return x.leave(m.users...)
	}
	if err := x.listen(ctx, m); err != nil {
		return x.because(err)
	}
	return x.judge(m, x.lookAgain(m))
}

// find chooses the microphone.
func (x *examination) find(ctx context.Context) (microphone, error) {
	ctx, stop := context.WithTimeout(ctx, answer)
	defer stop()
	v, err := x.on.look(ctx)
	if err != nil {
		return microphone{}, fmt.Errorf("look for microphones: %w", err)
	}
	x.view = v
	m, err := v.choose(x.Device, x.Situation)
	x.note(v, m)
	if errors.Is(err, errMonitor) { // name one that hears a voice
		x.params["other"] = v.all[slices.IndexFunc(v.all, microphone.real)].name
	}
	return m, err
}

// note keeps what a technician wants to know about the microphone.
func (x *examination) note(v view, m microphone) {
	if v.server != "" {
		x.detail["server"] = v.server
	}
	x.detail["microphones"] = v.count()
	x.detail["monitors"] = v.monitors()
	if len(v.dumb) > 0 {
		x.detail["switched_off"] = v.dumb
	}
	if m.id == "" {
		return
	}
	x.params["device"] = m.name
	x.detail["backend"] = m.backend
	if len(m.programs) > 0 {
		x.detail["recorders"] = m.programs
	}
	if m.muted || m.volume != unknownVolume { // who knows the volume knows both
		x.detail["muted"] = m.muted
	}
	if m.volume != unknownVolume {
		x.detail["volume_pct"] = tenth(m.volume)
		x.params["volume"] = tenth(m.volume)
	}
	if m.socketEmpty {
		x.detail["socket_empty"] = true
	}
}

// listen hears the microphone out, until a voice is proven or time is up.
func (x *examination) listen(ctx context.Context, m microphone) error {
	s, err := x.open(ctx, m)
	if err != nil {
		return err
	}
	defer s.close()
	opened, last := time.Now(), time.Now()
	end, hint, quiet, ask := time.NewTimer(x.Cap), time.NewTimer(hintAfter), time.NewTimer(firstSound), time.NewTicker(others)
	defer end.Stop()
	defer hint.Stop()
	defer quiet.Stop()
	defer ask.Stop()
	defer x.closeOthers()
	for {
		select {
		case pcm := <-s.frames:
			if x.heard.samples == 0 {
				x.detail["first_frame_ms"] = time.Since(opened).Milliseconds()
			}
			last = time.Now()
			quiet.Reset(stopped)
			x.heard.add(pcm)
			x.meter.show(x.emit, &x.heard)
			if x.done() {
				return nil
			}
		case p := <-x.pieces:
			p.ear.heard.add(p.pcm)
			// By then the person has been asked to speak: what another one hears
			// before may be a video in the room.
			if x.heard.time() >= sure && x.nearer() != nil {
				return nil
			}
		case <-ask.C:
			if x.pieces == nil && time.Since(opened) >= patient && x.wanting() {
				x.openOthers(ctx, m)
			}
		case <-s.ended: // the driver gave up
			return x.whyStopped(ctx, m, errStopped)
		case <-quiet.C:
			err := x.whyStopped(ctx, m, nil)
			if err == nil && time.Since(last) > firstSound {
				err = errStopped
			}
			if err != nil {
				return err
			}
			quiet.Reset(stopped) // a hiccup: it is still there
		case <-hint.C:
			if now := x.lookAgain(m); now.gone || now.unheard() != "" {
				return nil // muted or taken away meanwhile: no use in asking for a voice
			}
			x.emit(capture.Line{Interim: x.result(report.Unknown, "mic.say_something")})
		case <-end.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// open bounds what drivers do not: a hung one is left behind.
func (x *examination) open(ctx context.Context, m microphone) (*stream, error) {
	opening, stop := context.WithTimeout(ctx, answer)
	defer stop()
	s, err := x.on.open(opening, m)
	if err != nil {
		// The device may have gone in the same moment, which explains any error.
		if why := x.whyStopped(ctx, m, nil); why != nil {
			return nil, why
		}
		return nil, fmt.Errorf("open microphone: %w", err)
	}
	return s, nil
}

// whyStopped asks the sound server about a microphone that sends nothing. It
// returns otherwise when the microphone is still there.
func (x *examination) whyStopped(ctx context.Context, m microphone, otherwise error) error {
	ctx, stop := context.WithTimeout(ctx, answer/2)
	defer stop()
	v, err := x.on.look(ctx)
	switch {
	case errors.Is(err, errNoServer): // there was one a moment ago
		return fmt.Errorf("look again: %w", errHung)
	case err != nil:
		return fmt.Errorf("look again: %w", err)
	case !v.has(m.id) && len(v.all) > 0 && v.all[0].backend != m.backend:
		return fmt.Errorf("%s has gone: %w", m.backend, errHung)
	case !v.has(m.id):
		return errUnplugged
	}
	return otherwise
}

// lookAgain is the microphone as it is after listening: somebody may have
// muted or unplugged it meanwhile. What cannot be asked stays as it was.
func (x *examination) lookAgain(m microphone) microphone {
	// Not the run's context: its time may be used up, and this answers at once.
	ctx, stop := context.WithTimeout(context.Background(), margin/2)
	defer stop()
	v, err := x.on.look(ctx)
	if err != nil {
		return m
	}
	for _, now := range v.all {
		if now.id == m.id {
			x.note(v, now)
			return now
		}
	}
	m.gone = true
	return m
}

// done says whether enough was heard: a good voice at once, a bad one once it
// is surely bad.
func (x *examination) done() bool {
	h := &x.heard
	switch {
	case h.proven():
		return h.good() || h.time() >= sure && len(x.others) == 0 || h.time() >= undecided
	case h.time() >= hopeless && len(x.others) == 0:
		return h.flaw() != ""
	}
	return false
}

// judge turns what was heard into a verdict. Exact zeros alone are no fault:
// only mute, volume or permission makes them one.
func (x *examination) judge(before, now microphone) report.Result {
	h := &x.heard
	switch {
	case now.gone:
		return x.fail("mic.unplugged")
	case x.nearer() != nil && now.unheard() == "":
		x.params["other"] = x.nearer().name
		x.detail["other_level_dbfs"] = tenth(x.nearer().heard.speech())
		return x.fail("mic.wrong_one")
	case h.proven() && h.flaw() != "":
		return x.warn(h.flaw())
	case h.proven():
		return x.end(report.OK, "mic.ok")
	case now.unheard() != "":
		return x.fail(now.unheard())
	case h.samples == 0:
		return x.because(errStopped)
	case now.socketEmpty:
		return x.fail("mic.not_plugged")
	case h.silent() && now.permission == notAsked:
		return x.warn("mic.silent")
	case h.silent():
		return x.warn("mic.switch")
	case now.volume != unknownVolume && now.volume < lowPct:
		return x.warn("mic.volume_low")
	case h.flaw() != "":
		return x.warn(h.flaw())
	}
	return x.end(report.Unknown, "mic.no_voice")
}

// because turns an error into the verdict it stands for. What kept us from
// looking is Unknown; what keeps every program from the microphone is Fail.
func (x *examination) because(err error) report.Result {
	x.detail["error"] = err.Error()
	var busy busyError
	switch {
	case errors.As(err, &busy):
		return x.busy(busy)
	case x.view.unmanaged && (errors.Is(err, errNone) || errors.Is(err, errHung) || errors.Is(err, errStopped)):
		return x.fail("mic.no_manager")
	case errors.Is(err, errNone) && len(x.view.all) == x.view.monitors() && len(x.view.dumb) > 0:
		x.params["device"] = x.view.dumb[0]
		return x.fail("mic.profile")
	case errors.Is(err, errNoPulse):
		return x.fail("mic.no_pulse")
	case errors.Is(err, errNone):
		return x.fail("mic.none")
	case errors.Is(err, errMonitor):
		return x.fail("mic.monitor")
	case errors.Is(err, errDenied):
		return x.fail("mic.denied")
	case errors.Is(err, errUnplugged):
		return x.fail("mic.unplugged")
	case errors.Is(err, errHung), errors.Is(err, context.DeadlineExceeded):
		return x.fail("mic.server_hung")
	case errors.Is(err, errStopped):
		return x.fail("mic.no_frames")
	case errors.Is(err, errNoServer):
		return x.end(report.Unknown, "mic.no_server")
	}
	return x.end(report.Unknown, "mic.not_measured")
}

// leave leaves a microphone that only one program can have to the class.
func (x *examination) leave(users ...int) report.Result {
	for _, pid := range users {
		if a, ok := x.Situation.Holder(pid); ok {
			x.params["app"] = capture.Name("app." + a.Key)
			return x.end(report.Skipped, "mic.in_use")
		}
	}
	return x.end(report.Skipped, "mic.not_taken")
}

// busy: held by a class app is as it should be, held by another is not.
func (x *examination) busy(b busyError) report.Result {
	_, class := x.Situation.Holder(b.pid)
	switch {
	case class, b.program == "" && x.Situation.InClass():
		return x.leave(b.pid)
	case b.program == "":
		return x.fail("mic.busy_unknown")
	}
	x.params["program"], x.detail["holder_pid"] = b.program, b.pid
	return x.fail("mic.busy")
}

func (x *examination) fail(code string) report.Result { return x.end(report.Fail, code) }
func (x *examination) warn(code string) report.Result { return x.end(report.Warn, code) }

// end is the last word.
func (x *examination) end(v report.Verdict, code string) report.Result {
	x.heard.describe(x.detail)
	if s := x.heard.speech(); s > nothing {
		x.params["db"] = tenth(s)
	}
	if _, hz := x.heard.flaws.hum(); hz > 0 {
		x.params["hz"] = hz
	}
	if v == report.Fail { // nothing arrives: nor may it look so
		x.still()
	}
	return *x.result(v, code)
}

func (x *examination) result(v report.Verdict, code string) *report.Result {
	r := &report.Result{Check: x.Name(), Verdict: v, Code: code, TookMS: time.Since(x.began).Milliseconds()}
	r.Params, r.Detail = clone(x.params), clone(x.detail)
	return r
}

func (x *examination) emit(l capture.Line) {
	if x.Emit != nil {
		x.Emit(l)
	}
}

// meter shows the level, not more often than a person can see.
type meter struct{ next time.Time }

func (m *meter) show(emit func(capture.Line), v *voice) {
	now := time.Now()
	if now.Before(m.next) {
		return
	}
	m.next = now.Add(meterEvery)
	l := tenth(v.level())
	emit(capture.Line{LevelDB: &l})
}
