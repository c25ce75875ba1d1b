package speaker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// desk is a computer made of words. Each look shows the next view, the last one
// again and again.
type desk struct {
	views   []view
	lookErr error
	echo    echo
	playErr error
	levels  []float64
	hearErr error

	looked int
	played []string
}

func (d *desk) look(ctx context.Context) (view, error) {
	if d.lookErr != nil {
		return view{}, d.lookErr
	}
	v := d.views[min(d.looked, len(d.views)-1)]
	d.looked++
	return v, nil
}

func (d *desk) hear(ctx context.Context, _ output, _ time.Duration, each func(float64) bool) error {
	for _, l := range d.levels {
		if !each(l) {
			return nil
		}
	}
	return d.hearErr
}

func (d *desk) play(ctx context.Context, o output) (echo, error) {
	d.played = append(d.played, o.id)
	return d.echo, d.playErr
}

// Outputs as computers have them.
var (
	laptop  = output{id: "laptop", name: "Speakers", byDefault: true, volume: 60, gain: -13}
	headset = output{id: "headset", name: "Headset", kind: headphones, volume: 80, gain: -6}
	beam    = output{id: "beam", name: "Projector", kind: screen, volume: 100}
	optical = output{id: "optical", name: "Optical", kind: digital, volume: 100}
	void    = output{id: "void", name: "Void", kind: nowhere, volume: 100}
	byHand  = output{id: "hand", name: "Hand", kind: handmade, volume: 100}
)

// but is an output with something changed.
func but(o output, change func(*output)) output { change(&o); return o }

func chosen(o output) output   { return but(o, func(o *output) { o.byDefault = true }) }
func passedBy(o output) output { return but(o, func(o *output) { o.byDefault = false }) }
func unplugged(o output) output {
	return but(o, func(o *output) { o.socket = empty })
}

func has(outputs ...output) view { return view{all: outputs} }

// zoom plays on an output as process 7.
func (v view) zoom(on string, change func(*playing)) view {
	p := playing{pid: 7, program: "zoom", output: on, volume: 100}
	if change != nil {
		change(&p)
	}
	v.plays = append(v.plays, p)
	return v
}

var inZoom = capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{7}}, {Key: "wecom", PIDs: []int{8}}}}

func TestWhatTheSystemSaysIsJudged(t *testing.T) {
	quiet := func(p *playing) { p.muted = true }
	asleep := func(o *output) { o.asleep = true }
	for _, c := range []struct {
		name  string
		views []view
		check Check
		v     report.Verdict
		code  string
		also  []string
	}{
		{"a laptop", []view{has(laptop)}, Check{}, report.OK, "ok", nil},
		{"nothing", []view{has()}, Check{}, report.Fail, "none", nil},
		{"only a dummy", []view{has(chosen(void))}, Check{}, report.Fail, "none", nil},
		{"no default", []view{has(void, headset)}, Check{}, report.OK, "ok", nil},
		{"muted", []view{has(but(laptop, func(o *output) { o.muted = true }))}, Check{}, report.Fail, "muted", nil},
		{"muted and at zero", []view{has(but(laptop, func(o *output) { o.muted, o.volume = true, 0 }))}, Check{}, report.Fail, "muted", []string{"speaker.volume_low"}},
		{"at −60 dB", []view{has(but(laptop, func(o *output) { o.volume, o.gain = 10, -60 }))}, Check{}, report.Fail, "volume_low", nil},
		{"soft", []view{has(but(laptop, func(o *output) { o.volume, o.gain = 12, -55 }))}, Check{}, report.OK, "ok", nil},
		{"a volume nobody knows", []view{has(but(laptop, func(o *output) { o.volume, o.gain = unknownVolume, 0 }))}, Check{}, report.OK, "ok", nil},

		{"an empty socket, and a loudspeaker beside", []view{has(unplugged(chosen(headset)), passedBy(laptop))}, Check{}, report.Warn, "unplugged", nil},
		{"an empty socket, and nothing beside", []view{has(unplugged(laptop))}, Check{}, report.Warn, "not_plugged", nil},
		{"empty sockets only, none the default", []view{has(unplugged(headset))}, Check{}, report.Warn, "not_plugged", nil},
		{"muted, with nothing plugged in", []view{has(unplugged(but(laptop, func(o *output) { o.muted = true })))}, Check{}, report.Fail, "muted", []string{"speaker.not_plugged"}},
		{"an empty socket that nobody chose", []view{has(laptop, unplugged(headset))}, Check{}, report.OK, "ok", nil},

		{"a screen, a loudspeaker beside", []view{has(chosen(beam), passedBy(laptop))}, Check{}, report.Warn, "wrong_default", nil},
		{"a screen, an empty socket beside", []view{has(chosen(beam), unplugged(passedBy(laptop)))}, Check{}, report.OK, "ok", nil},
		{"a screen and nothing else", []view{has(chosen(beam), optical)}, Check{}, report.OK, "ok", nil},
		{"a screen that speaks", []view{has(chosen(beam), passedBy(laptop))}, Check{ScreensSpeak: true}, report.OK, "ok", nil},
		{"S/PDIF, where screens speak", []view{has(chosen(optical), passedBy(laptop))}, Check{ScreensSpeak: true}, report.Warn, "wrong_default", nil},
		{"a screen that was asked for", []view{has(chosen(beam), passedBy(laptop))}, Check{Device: "beam"}, report.OK, "ok", nil},

		{"the void, a loudspeaker beside", []view{has(chosen(void), passedBy(laptop))}, Check{}, report.Fail, "nowhere", nil},
		{"the void, a screen beside", []view{has(chosen(void), beam)}, Check{}, report.Fail, "nowhere", nil},
		{"a void that is passed on", []view{has(but(chosen(void), func(o *output) { o.heardBy = true }), passedBy(laptop))}, Check{}, report.OK, "ok", nil},
		{"made by hand, alone", []view{has(chosen(byHand))}, Check{}, report.OK, "ok", nil},
		{"made by hand, beside a loudspeaker", []view{has(chosen(byHand), passedBy(laptop))}, Check{}, report.Fail, "nowhere", nil},
		{"made by hand, beside a screen", []view{has(chosen(byHand), beam)}, Check{}, report.OK, "ok", nil},
		{"a screen, beside one made by hand", []view{has(chosen(beam), byHand)}, Check{}, report.Warn, "wrong_default", nil},
		{"made by hand, beside an empty socket", []view{has(chosen(byHand), unplugged(passedBy(laptop)))}, Check{}, report.OK, "ok", nil},

		{"in class on the default", []view{has(laptop).zoom("laptop", nil)}, Check{Situation: inZoom}, report.OK, "ok", nil},
		{"in class, muted in the mixer", []view{has(laptop).zoom("laptop", quiet)}, Check{Situation: inZoom}, report.Fail, "app_muted", nil},
		{"in class, at zero in the mixer", []view{has(laptop).zoom("laptop", func(p *playing) { p.volume = 0 })}, Check{Situation: inZoom}, report.Fail, "app_muted", nil},
		{"in class, paused and muted", []view{has(laptop).zoom("laptop", func(p *playing) { p.muted, p.paused = true, true })}, Check{Situation: inZoom}, report.Fail, "app_muted", nil},
		{"in class, one of two sounds muted", []view{has(laptop).zoom("laptop", quiet).zoom("laptop", nil)}, Check{Situation: inZoom}, report.OK, "ok", nil},
		{"another program is muted", []view{has(laptop).zoom("laptop", quiet)}, Check{}, report.OK, "ok", nil},
		{"in class on a headset", []view{has(laptop, headset).zoom("headset", nil)}, Check{Situation: inZoom}, report.OK, "ok", nil},
		{"in class on a screen", []view{has(laptop, beam).zoom("beam", nil)}, Check{Situation: inZoom}, report.Warn, "app_elsewhere", nil},
		{"in class on a screen, and muted", []view{has(laptop, beam).zoom("beam", quiet)}, Check{Situation: inZoom}, report.Fail, "app_muted", []string{"speaker.app_elsewhere"}},
		{"in class on a screen that speaks", []view{has(laptop, beam).zoom("beam", nil)}, Check{Situation: inZoom, ScreensSpeak: true}, report.OK, "ok", nil},
		{"in class on an empty socket", []view{has(laptop, unplugged(headset)).zoom("headset", nil)}, Check{Situation: inZoom}, report.Warn, "app_elsewhere", nil},
		{"in class into the void", []view{has(laptop, void).zoom("void", nil)}, Check{Situation: inZoom}, report.Fail, "app_elsewhere", nil},
		{"paused on the screen of last time", []view{has(laptop, beam).zoom("beam", func(p *playing) { p.paused = true })}, Check{Situation: inZoom}, report.OK, "ok", nil},
		{"in class on a muted headset", []view{has(laptop, but(headset, func(o *output) { o.muted = true })).zoom("headset", nil)}, Check{Situation: inZoom}, report.Fail, "muted", nil},
		{"in class on a headset, the default muted", []view{has(but(laptop, func(o *output) { o.muted = true }), headset).zoom("headset", nil)}, Check{Situation: inZoom}, report.OK, "ok", nil},
		{"in class on both", []view{has(laptop, beam).zoom("beam", nil).zoom("laptop", nil)}, Check{Situation: inZoom}, report.OK, "ok", nil},
		{"in class on the default screen, which is warned of once", []view{has(chosen(beam), passedBy(laptop)).zoom("beam", nil)}, Check{Situation: inZoom}, report.Warn, "wrong_default", nil},

		{"asleep and idle", []view{has(but(laptop, asleep))}, Check{}, report.OK, "ok", nil},
		{"asleep while a program plays", []view{has(but(laptop, asleep)).zoom("laptop", nil)}, Check{}, report.Fail, "blocked", nil},
		{"waking up", []view{has(but(laptop, asleep)).zoom("laptop", nil), has(laptop).zoom("laptop", nil)}, Check{}, report.OK, "ok", nil},
		{"asleep, and the program ends", []view{has(but(laptop, asleep)).zoom("laptop", nil), has(but(laptop, asleep))}, Check{}, report.OK, "ok", nil},
		{"asleep, and gone", []view{has(but(laptop, asleep), headset).zoom("laptop", nil), has(headset)}, Check{}, report.OK, "ok", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{views: c.views}
			c.check.on = d
			r := c.check.Run(t.Context())
			if r.Verdict != c.v || r.Code != "speaker."+c.code {
				t.Errorf("got %s %s %v, want %s speaker.%s", r.Verdict, r.Code, r.Params, c.v, c.code)
			}
			var also []string
			for _, f := range r.Also {
				also = append(also, f.Code)
			}
			if !reflect.DeepEqual(also, c.also) {
				t.Errorf("also %v, want %v", also, c.also)
			}
			if len(d.played) > 0 {
				t.Errorf("a sound was made on %v", d.played)
			}
		})
	}
}

// TestTheOtherOutputIsTheBetterOne: a person is sent to what they can hear.
func TestTheOtherOutputIsTheBetterOne(t *testing.T) {
	v := has(chosen(beam), optical, void, unplugged(passedBy(laptop)), headset)
	if got := v.instead(v.all[0]); got != "Headset" {
		t.Errorf("it offers %q", got)
	}
	v = has(chosen(beam), headset, passedBy(laptop))
	if got := v.instead(v.all[0]); got != "Speakers" {
		t.Errorf("of headset and loudspeaker it offers %q", got)
	}
	v = has(beam, passedBy(laptop), chosen(headset))
	if got := v.instead(v.all[0]); got != "Headset" {
		t.Errorf("beside the default it offers %q", got)
	}
}

func TestWhatKeepsUsFromLooking(t *testing.T) {
	for err, want := range map[error]struct {
		v    report.Verdict
		code string
	}{
		errHung:                  {report.Fail, "speaker.hung"},
		context.DeadlineExceeded: {report.Fail, "speaker.hung"},
		errDenied:                {report.Fail, "speaker.denied"},
		errNoServer:              {report.Unknown, "speaker.no_server"},
		errors.ErrUnsupported:    {report.Unknown, "speaker.not_measured"},
		errors.New("anything"):   {report.Unknown, "speaker.not_measured"},
	} {
		r := Check{on: &desk{lookErr: fmt.Errorf("look: %w", err)}}.Run(t.Context())
		if r.Verdict != want.v || r.Code != want.code || r.Detail["error"] == nil {
			t.Errorf("%v: %s %s %v, want %v", err, r.Verdict, r.Code, r.Detail, want)
		}
	}
}

func TestATone(t *testing.T) {
	came := echo{measured: true, match: 0.9, delay: 20 * time.Millisecond}
	for _, c := range []struct {
		name   string
		d      desk
		device string
		v      report.Verdict
		code   string
		played int
	}{
		{"heard by the loopback", desk{views: []view{has(laptop)}, echo: came}, "", report.OK, "speaker.played", 1},
		{"on the one that was asked for", desk{views: []view{has(laptop, headset)}, echo: came}, "headset", report.OK, "speaker.played", 1},
		{"lost", desk{views: []view{has(laptop)}, echo: echo{measured: true, match: 0.1}}, "", report.Fail, "speaker.chirp_lost", 1},
		{"without a loopback", desk{views: []view{has(laptop)}}, "", report.Unknown, "speaker.played_unmeasured", 1},
		{"refused", desk{views: []view{has(laptop)}, playErr: errLost}, "", report.Fail, "speaker.failed", 1},
		{"swallowed by a hung driver", desk{views: []view{has(laptop)}, playErr: errHung}, "", report.Fail, "speaker.hung", 1},
		{"not possible here", desk{views: []view{has(laptop)}, playErr: errors.ErrUnsupported}, "", report.Unknown, "speaker.not_played", 1},
		{"muted: it would prove nothing", desk{views: []view{has(but(laptop, func(o *output) { o.muted = true }))}, echo: came}, "", report.Fail, "speaker.muted", 0},
		{"on a screen it may be heard", desk{views: []view{has(chosen(beam), passedBy(laptop))}, echo: came}, "", report.Warn, "speaker.wrong_default", 1},
		{"a socket may be wrong", desk{views: []view{has(unplugged(laptop))}, echo: came}, "", report.Warn, "speaker.not_plugged", 1},
		{"lost on a screen", desk{views: []view{has(chosen(beam), passedBy(laptop))}, echo: echo{measured: true}}, "", report.Fail, "speaker.chirp_lost", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Check{on: &c.d, Aloud: true, Device: c.device, Situation: capture.Situation{ClassAssumed: true}}.Run(t.Context())
			if r.Verdict != c.v || r.Code != c.code {
				t.Errorf("got %s %s, want %s %s", r.Verdict, r.Code, c.v, c.code)
			}
			if len(c.d.played) != c.played || c.device != "" && c.played > 0 && c.d.played[0] != c.device {
				t.Errorf("played on %v", c.d.played)
			}
		})
	}
}

// TestTheMeter: not more often than a person can see, the loudest since the
// last, and an end when the context ends.
func TestTheMeter(t *testing.T) {
	d := &desk{views: []view{has(laptop)}, levels: []float64{-30, -20, -50, -40}}
	var seen []float64
	var interim *report.Result
	var devices []capture.Device
	c := Check{on: d, Live: true, Emit: func(l capture.Line) {
		switch {
		case l.LevelDB != nil:
			seen = append(seen, *l.LevelDB)
		case l.Interim != nil:
			interim = l.Interim
		case l.Devices != nil:
			devices = l.Devices
		}
	}}
	r := c.Run(t.Context())
	if len(seen) != 1 || seen[0] != -30 {
		t.Errorf("levels %v within less than 100 ms", seen)
	}
	if interim == nil || interim.Code != "speaker.ok" || r.Code != "speaker.ok" {
		t.Errorf("interim %v, at last %s", interim, r.Code)
	}
	if len(devices) != 1 || devices[0].ID != "laptop" || !devices[0].Default {
		t.Errorf("devices %v", devices)
	}
}

// TestASoundSystemThatLetsNobodyListen answers questions, and has stopped.
func TestASoundSystemThatLetsNobodyListen(t *testing.T) {
	d := &desk{views: []view{has(laptop).zoom("laptop", nil)}, hearErr: fmt.Errorf("listen: %w", errHung)}
	if r := (Check{on: d, Situation: inZoom}).Run(t.Context()); r.Verdict != report.Fail || r.Code != "speaker.hung" {
		t.Errorf("got %s %s", r.Verdict, r.Code)
	}
}

// TestWhatPlaysAnywayIsAFigure: loud or silent, it changes no verdict.
func TestWhatPlaysAnywayIsAFigure(t *testing.T) {
	for _, c := range []struct {
		levels []float64
		err    error
		want   any
	}{
		{[]float64{-120, -80, -33.33, -10}, nil, -33.3}, // a sound: enough
		{[]float64{-120, -90}, nil, -90.0},
		{nil, errors.ErrUnsupported, nil},
	} {
		d := &desk{views: []view{has(laptop).zoom("laptop", nil)}, levels: c.levels, hearErr: c.err}
		r := Check{on: d, Situation: inZoom}.Run(t.Context())
		if r.Code != "speaker.ok" || r.Detail["playing_dbfs"] != c.want {
			t.Errorf("%v: %s %v", c.levels, r.Code, r.Detail)
		}
	}
}
