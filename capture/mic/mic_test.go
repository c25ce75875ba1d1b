package mic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"raisehand/assets/words"
	"raisehand/capture"
	"raisehand/capture/report"
)

// desk is a stand-in computer: what it lists, and what its microphone hears.
type desk struct {
	views   []view // one for each look, the last again and again
	lookErr error
	openErr error
	sound   func(t float64) float64 // nil = the microphone opens and sends nothing
	hangs   bool                    // opening it never ends
	until   float64                 // seconds after which no more comes; 0 = never
	looks   int

	played  []float32
	output  string
	playErr error
}

func (d *desk) look(ctx context.Context) (view, error) {
	if d.lookErr != nil {
		return view{}, d.lookErr
	}
	if ctx.Err() != nil {
		return view{}, errHung
	}
	v := d.views[min(d.looks, len(d.views)-1)]
	d.looks++
	return v, nil
}

// open plays sound in real time, 10 ms at once, as a driver does.
func (d *desk) open(ctx context.Context, m microphone) (*stream, error) {
	if d.openErr != nil {
		return nil, d.openErr
	}
	if d.hangs {
		<-ctx.Done()
		return nil, errHung
	}
	frames, quit := make(chan []float32, 16), make(chan struct{})
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			at := float64(n) / 100
			if d.sound == nil || d.until > 0 && at > d.until {
				continue
			}
			frames <- seconds(0.01, func(t float64) float64 { return d.sound(at + t) })
		}
	}()
	return &stream{frames: frames, ended: make(chan struct{}), close: func() { close(quit) }}, nil
}

func (d *desk) play(_ context.Context, pcm []float32, output string) error {
	d.played, d.output = pcm, output
	return d.playErr
}

func one(change func(*microphone)) view {
	m := microphone{id: "a", name: "Headset", backend: "x", byDefault: true, volume: 80}
	if change != nil {
		change(&m)
	}
	return view{server: "test", all: []microphone{m}}
}

func zeros(float64) float64 { return 0 }

// chatter is syllables: four a second, of three loudnesses, with gaps.
func chatter(t float64) float64 {
	k := int(t * 4)
	if t-float64(k)/4 > 0.16 {
		return noise(-70)(t)
	}
	return voices(t) * amplitude([]float64{-15, -22, -30}[k%3])
}

var voices = noise(0)

// TestEveryCaseHasItsVerdict: what the system says and what is heard → the code.
func TestEveryCaseHasItsVerdict(t *testing.T) {
	zoom := capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{7}}}}
	assumed := capture.Situation{ClassAssumed: true}
	alone := func(m *microphone) { m.exclusive = true }
	room := noise(-55)
	for name, c := range map[string]struct {
		desk desk
		in   capture.Situation
		want report.Verdict
		code string
	}{
		"a voice":                       {desk{views: []view{one(nil)}, sound: chatter}, zoom, report.OK, "mic.ok"},
		"a whisper":                     {desk{views: []view{one(nil)}, sound: func(t float64) float64 { return chatter(t) * 0.02 }}, zoom, report.Warn, "mic.quiet"},
		"only the room":                 {desk{views: []view{one(nil)}, sound: room}, zoom, report.Unknown, "mic.no_voice"},
		"zeros":                         {desk{views: []view{one(nil)}, sound: zeros}, zoom, report.Warn, "mic.switch"},
		"zeros, permission unknown":     {desk{views: []view{one(func(m *microphone) { m.permission = notAsked })}, sound: zeros}, zoom, report.Warn, "mic.silent"},
		"zeros, then found muted":       {desk{views: []view{one(nil), one(func(m *microphone) { m.muted = true })}, sound: zeros}, zoom, report.Fail, "mic.muted"},
		"zeros, then turned down":       {desk{views: []view{one(nil), one(func(m *microphone) { m.volume = 0 })}, sound: zeros}, zoom, report.Fail, "mic.volume_low"},
		"zeros, then denied":            {desk{views: []view{one(nil), one(func(m *microphone) { m.permission = denied })}, sound: zeros}, zoom, report.Fail, "mic.denied"},
		"zeros, nothing plugged in":     {desk{views: []view{one(func(m *microphone) { m.socketEmpty = true })}, sound: zeros}, zoom, report.Fail, "mic.not_plugged"},
		"a voice through a liar":        {desk{views: []view{one(func(m *microphone) { m.socketEmpty = true })}, sound: chatter}, zoom, report.OK, "mic.ok"},
		"12 % and no voice":             {desk{views: []view{one(func(m *microphone) { m.volume = 12 })}, sound: room}, zoom, report.Warn, "mic.volume_low"},
		"12 % and a voice":              {desk{views: []view{one(func(m *microphone) { m.volume = 12 })}, sound: chatter}, zoom, report.OK, "mic.ok"},
		"muted":                         {desk{views: []view{one(func(m *microphone) { m.muted = true })}, sound: chatter}, zoom, report.Fail, "mic.muted"},
		"denied by a setting":           {desk{views: []view{one(func(m *microphone) { m.permission = denied })}}, zoom, report.Fail, "mic.denied"},
		"denied on opening":             {desk{views: []view{one(nil)}, openErr: fmt.Errorf("open: %w", errDenied)}, zoom, report.Fail, "mic.denied"},
		"no microphone":                 {desk{views: []view{{}}}, zoom, report.Fail, "mic.none"},
		"it hangs while it opens, gone": {desk{views: []view{one(nil), {}}, hangs: true}, zoom, report.Fail, "mic.unplugged"},
		"a headset set up for music":    {desk{views: []view{{dumb: []string{"Headset"}, all: []microphone{{id: "m", monitor: true}}}}}, zoom, report.Fail, "mic.profile"},
		"nobody sets devices up":        {desk{views: []view{{unmanaged: true}}}, zoom, report.Fail, "mic.no_manager"},
		"nobody leads the stream":       {desk{views: []view{{unmanaged: true, all: one(nil).all}}, hangs: true}, zoom, report.Fail, "mic.no_manager"},
		"a voice, nobody seen to do it": {desk{views: []view{{unmanaged: true, all: one(nil).all}}, sound: chatter}, zoom, report.OK, "mic.ok"},
		"PipeWire's half is missing":    {desk{lookErr: fmt.Errorf("?: %w", errNoPulse)}, zoom, report.Fail, "mic.no_pulse"},
		"overdriven":                    {desk{views: []view{one(nil)}, sound: sum(gained(26, chatter))}, zoom, report.Warn, "mic.clipped"},
		"a hum and no voice":            {desk{views: []view{one(nil)}, sound: sum(room, buzz(50, -30))}, zoom, report.Warn, "mic.hum"},
		"an offset and no voice":        {desk{views: []view{one(nil)}, sound: sum(room, constant(0.05))}, zoom, report.Warn, "mic.dc"},
		"a storm and no voice":          {desk{views: []view{one(nil)}, sound: noise(-20)}, zoom, report.Warn, "mic.noisy"},
		"it hangs while it opens":       {desk{views: []view{one(nil)}, hangs: true}, zoom, report.Fail, "mic.server_hung"},
		"no frames":                     {desk{views: []view{one(nil)}}, zoom, report.Fail, "mic.no_frames"},
		"frames stop, still there":      {desk{views: []view{one(nil)}, sound: room, until: 1}, zoom, report.Fail, "mic.no_frames"},
		"frames stop, gone":             {desk{views: []view{one(nil), {}}, sound: room, until: 1}, zoom, report.Fail, "mic.unplugged"},
		"gone with the last word":       {desk{views: []view{one(nil), {}}, sound: chatter}, zoom, report.Fail, "mic.unplugged"},
		"another backend instead":       {desk{views: []view{one(nil), one(func(m *microphone) { m.id, m.backend = "b", "y" })}, sound: room, until: 1}, zoom, report.Fail, "mic.server_hung"},
		"the server hangs":              {desk{lookErr: errHung}, zoom, report.Fail, "mic.server_hung"},
		"no server":                     {desk{lookErr: errNoServer}, zoom, report.Unknown, "mic.no_server"},
		"something unheard of":          {desk{lookErr: errors.New("?")}, zoom, report.Unknown, "mic.not_measured"},
		"not possible here":             {desk{lookErr: errors.ErrUnsupported}, zoom, report.Unknown, "mic.not_measured"},
		"exclusive, no class":           {desk{views: []view{one(alone)}, sound: chatter}, capture.Situation{}, report.OK, "mic.ok"},
		"exclusive, held by zoom":       {desk{views: []view{one(func(m *microphone) { m.exclusive = true; m.users = []int{7} })}, sound: chatter}, zoom, report.Skipped, "mic.in_use"},
		"exclusive, free, in class":     {desk{views: []view{one(alone)}, sound: chatter}, zoom, report.Skipped, "mic.not_taken"},
		"exclusive, class assumed":      {desk{views: []view{one(alone)}, sound: chatter}, assumed, report.Skipped, "mic.not_taken"},
		"busy, held by zoom":            {desk{views: []view{one(nil)}, openErr: busyError{7, "zoom"}}, zoom, report.Skipped, "mic.in_use"},
		"busy, held by a stranger":      {desk{views: []view{one(nil)}, openErr: busyError{9, "arecord"}}, zoom, report.Fail, "mic.busy"},
		"busy, nobody knows by whom":    {desk{views: []view{one(nil)}, openErr: busyError{}}, capture.Situation{}, report.Fail, "mic.busy_unknown"},
		"busy in class, unknown":        {desk{views: []view{one(nil)}, openErr: busyError{}}, assumed, report.Skipped, "mic.not_taken"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), 6*time.Second)
				defer stop()
				r := Check{Situation: c.in, on: &c.desk}.Run(ctx)
				if r.Verdict != c.want || r.Code != c.code || r.Check != "mic" {
					t.Errorf("got %s %s (%v %v), want %s %s", r.Verdict, r.Code, r.Params, r.Detail, c.want, c.code)
				}
				spoken(t, r)
				if ctx.Err() != nil {
					t.Error("it used up the whole deadline")
				}
			})
		})
	}
}

// spoken fails when a result's words are missing or have a hole.
func spoken(t *testing.T, r report.Result) {
	t.Helper()
	for _, lang := range words.Langs {
		s := words.In(lang).Of(r.Code, r.Params)
		if all := s.Title + s.Says + s.Do; s.Title == r.Code || strings.ContainsAny(all, "…{}@") {
			t.Errorf("%s in %s, params %v: %s / %s / %s", r.Code, lang, r.Params, s.Title, s.Says, s.Do)
		}
	}
}

// TestFiveSecondsThenTheVerdict: with the hint at two, once.
func TestFiveSecondsThenTheVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, hints, levels := time.Now(), 0, 0
		var hinted time.Duration
		emit := func(l capture.Line) {
			if l.Interim != nil {
				hints, hinted = hints+1, time.Since(began)
				if l.Interim.Code != "mic.say_something" || l.Interim.Verdict != report.Unknown {
					t.Errorf("interim %+v", *l.Interim)
				}
			}
			if l.LevelDB != nil {
				levels++
			}
		}
		Check{Emit: emit, on: &desk{views: []view{one(nil)}, sound: noise(-55)}}.Run(t.Context())
		if took := time.Since(began); took != listening || hints != 1 || hinted != hintAfter || levels < 45 || levels > 51 {
			t.Errorf("took %v with %d hints (the last after %v) and %d levels", took, hints, hinted, levels)
		}
	})
}

// TestAHiccupIsNoFault: half a second without frames, then a voice.
func TestAHiccupIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := make(chan []float32)
		d := &hiccup{desk{views: []view{one(nil)}}, frames}
		go func() {
			frames <- seconds(0.3, noise(-60))
			time.Sleep(500 * time.Millisecond)
			frames <- seconds(2, chatter)
		}()
		if r := (Check{on: d}).Run(t.Context()); r.Code != "mic.ok" {
			t.Errorf("got %s %v", r.Code, r.Detail)
		}
	})
}

type hiccup struct {
	desk
	frames chan []float32
}

func (h *hiccup) open(context.Context, microphone) (*stream, error) {
	return &stream{frames: h.frames, ended: make(chan struct{}), close: func() {}}, nil
}

// TestUnpluggingIsNoticedAtOnce: not at the cap.
func TestUnpluggingIsNoticedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := Check{on: &desk{views: []view{one(nil), {}}, sound: noise(-55), until: 1}}.Run(t.Context())
		if took := time.Since(began); r.Code != "mic.unplugged" || took > time.Second+2*stopped {
			t.Errorf("got %s after %v", r.Code, took)
		}
	})
}

// TestADeadlineLeavesTimeToSpeak: what is known goes out before it.
func TestADeadlineLeavesTimeToSpeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		r := Check{on: &desk{views: []view{one(nil)}, sound: noise(-55)}}.Run(ctx)
		if r.Code != "mic.no_voice" || ctx.Err() != nil {
			t.Errorf("got %s, deadline %v", r.Code, ctx.Err())
		}
	})
}

func TestWhichMicrophone(t *testing.T) {
	zoom := capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{7}}}}
	laptop := microphone{id: "laptop", name: "Laptop", byDefault: true}
	headset := microphone{id: "headset", name: "Headset", users: []int{3, 7}}
	monitor := microphone{id: "monitor", name: "Monitor of speaker", monitor: true}
	chosen, shared := monitor, monitor
	chosen.byDefault = true
	shared.users = []int{7}
	plain := laptop
	plain.byDefault = false
	for name, c := range map[string]struct {
		all  []microphone
		want string
		in   capture.Situation
		id   string
		err  error
	}{
		"the default":                  {[]microphone{monitor, headset, laptop}, "", capture.Situation{}, "laptop", nil},
		"the one in class":             {[]microphone{monitor, laptop, headset}, "", zoom, "headset", nil},
		"by name":                      {[]microphone{laptop, headset}, "HEADSET", capture.Situation{}, "headset", nil},
		"by id":                        {[]microphone{laptop, headset}, "headset", capture.Situation{}, "headset", nil},
		"by a name there is not":       {[]microphone{laptop}, "Headset", capture.Situation{}, "", errNone},
		"a monitor by name":            {[]microphone{laptop, monitor}, "monitor", capture.Situation{}, "monitor", errMonitor},
		"a monitor by default":         {[]microphone{plain, chosen}, "", capture.Situation{}, "monitor", errMonitor},
		"in class, sharing its sound":  {[]microphone{shared, laptop}, "", zoom, "laptop", nil},
		"in class, monitor by default": {[]microphone{chosen, headset}, "", zoom, "headset", nil},
		"monitors only":                {[]microphone{chosen, monitor}, "", zoom, "", errNone},
		"no default":                   {[]microphone{monitor, plain}, "", zoom, "laptop", nil},
		"nothing":                      {nil, "", zoom, "", errNone},
	} {
		m, err := view{all: c.all}.choose(c.want, c.in)
		if m.id != c.id || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %v; want %q, %v", name, m.id, err, c.id, c.err)
		}
	}
}

// TestWhichMicrophonesAreListenedToBesides: only those where nobody notices.
func TestWhichMicrophonesAreListenedToBesides(t *testing.T) {
	for name, m := range map[string]microphone{
		"a monitor": {name: "Monitor of x", monitor: true}, "muted": {name: "USB", muted: true, volume: 80}, "turned off": {name: "USB", volume: 0},
		"exclusive": {name: "USB", volume: 80, exclusive: true}, "wireless": {name: "Buds", volume: 80, wireless: true},
		"wireless by name": {name: "Headset (Buds Hands-Free AG Audio)", volume: 80}, "by its Chinese name": {name: "耳机 (蓝牙免提)", volume: 80},
		"a cable": {name: "CABLE Output (VB-Audio Virtual Cable)", volume: 80}, "a socket with nothing in it": {name: "Rear", volume: 80, socketEmpty: true},
	} {
		if m.lendsAnEar() {
			t.Errorf("%s: %s would be listened to", name, m.name)
		}
	}
	if m := (microphone{name: "USB Audio", volume: 80}); !m.lendsAnEar() {
		t.Error("an ordinary microphone would not be listened to")
	}
}
