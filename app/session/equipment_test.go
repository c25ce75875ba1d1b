package session

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
)

// bench stands in for the probes of an equipment test: the test says what each
// of them says, and sees which of them run.
type bench struct {
	mu    sync.Mutex
	class []capture.App
	blind bool // the scout says nothing
	runs  []*onBench
}

// onBench is one probe.
type onBench struct {
	name string
	ask  capture.Ask
	say  func(capture.Line)
	end  chan report.Result
	over atomic.Bool
}

func (b *bench) probe(name string, a capture.Ask, say func(capture.Line)) capture.Check {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == "programs" {
		return scouts{b, say}
	}
	p := &onBench{name: name, ask: a, say: say, end: make(chan report.Result, 1)}
	b.runs = append(b.runs, p)
	return p
}

func (p *onBench) Name() string { return p.name }

func (p *onBench) Run(ctx context.Context) report.Result {
	defer p.over.Store(true)
	select {
	case r := <-p.end:
		return r
	case <-ctx.Done():
		return report.Result{Check: p.name, Verdict: report.Unknown, Code: "probe.timeout"}
	}
}

type scouts struct {
	b   *bench
	say func(capture.Line)
}

func (scouts) Name() string { return "programs" }

func (c scouts) Run(context.Context) report.Result {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if !c.b.blind {
		c.say(capture.Line{Situation: &capture.Situation{Class: c.b.class}})
	}
	return report.Result{Check: "programs", Verdict: report.OK}
}

// last is the newest probe of a check.
func (b *bench) last(name string) *onBench {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.runs) - 1; i >= 0; i-- {
		if b.runs[i].name == name {
			return b.runs[i]
		}
	}
	return nil
}

// running names the probes that have not ended.
func (b *bench) running() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, p := range b.runs {
		if !p.over.Load() {
			all = append(all, p.name)
		}
	}
	return strings.Join(all, " ")
}

func verdict(v report.Verdict, code string) report.Result {
	return report.Result{Verdict: v, Code: code, Params: map[string]any{"device": "Headset"}}
}

func interim(v report.Verdict, code string) capture.Line {
	r := verdict(v, code)
	return capture.Line{Interim: &r}
}

// equipped opens an equipment test and has its window shown.
func equipped(t *testing.T, class ...capture.App) (*world, *bench) {
	w := start(t, t.TempDir(), agreed(), time.Second)
	b := &bench{class: class}
	w.Probe = b.probe
	w.Plan.Scout = "programs"
	w.Plan.Rest = []string{"mic", "speaker", "camera", "system"}
	w.ask(snapshot.Verb{Do: snapshot.OpenEquipment})
	return w, b
}

func (w *world) shown() snapshot.Snapshot {
	w.Shown(Window{Name: "equipment"})
	synctest.Wait()
	return w.Snapshot()
}

func (w *world) settled() *snapshot.Equipment {
	synctest.Wait()
	return w.Snapshot().Equipment
}

func say(tools []snapshot.Tool) string {
	var all []string
	for _, t := range tools {
		code := "-"
		if t.Result != nil {
			code = t.Result.Code
		}
		all = append(all, fmt.Sprintf("%s:%s:%s", t.Check, t.Doing, code))
	}
	return strings.Join(all, " ")
}

func (w *world) tools(t *testing.T, want string) {
	t.Helper()
	if got := say(w.settled().Tools); got != want {
		t.Errorf("tools %q, want %q", got, want)
	}
}

// Nothing is touched before the window stands there; then levels, pictures and
// verdicts come, and when it closes every probe ends at once.
func TestEquipment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := equipped(t)
		defer w.end()
		if !w.screen.IsOpen(Window{Name: "equipment"}) || b.running() != "" {
			t.Fatalf("open %v, running %q", w.screen.open, b.running())
		}
		w.shown()
		w.tools(t, "mic:looking:- speaker:looking:- camera:looking:-")
		for name, live := range map[string]bool{"mic": true, "camera": true, "speaker": false} {
			if p := b.last(name); p == nil || p.ask.Live != live || p.ask.Aloud || p.ask.Situation.InClass() {
				t.Fatalf("%s was asked %+v", name, p)
			}
		}
		b.last("mic").say(capture.Line{Devices: []capture.Device{{ID: "a", Name: "Built-in", Default: true}, {ID: "b", Name: "Headset"}}})
		b.last("mic").say(interim(report.OK, "mic.ok"))
		b.last("speaker").end <- verdict(report.OK, "speaker.ok")
		b.last("camera").say(interim(report.Fail, "camera.black"))
		w.tools(t, "mic:live:mic.ok speaker::speaker.ok camera:live:camera.black")
		if d, ok := w.settled().Tool("mic").Chosen(); !ok || d.Name != "Built-in" {
			t.Errorf("chosen %v", d)
		}
		b.last("mic").say(interim(report.Unknown, "mic.no_voice")) // she has stopped speaking
		b.last("mic").say(interim(report.Warn, "mic.switch"))
		b.last("camera").say(interim(report.OK, "camera.ok"))
		w.tools(t, "mic:live:mic.ok speaker::speaker.ok camera:live:camera.ok")

		b.last("mic").say(interim(report.Fail, "mic.muted"))
		w.tools(t, "mic:live:mic.muted speaker::speaker.ok camera:live:camera.ok")

		w.ask(snapshot.Verb{Do: snapshot.PickDevice, Text: "mic", Device: "none of these"})
		w.ask(snapshot.Verb{Do: snapshot.PickDevice, Text: "mic", Device: "b"})
		if p := b.last("mic"); p.ask.Device != "b" || b.running() != "camera mic" {
			t.Errorf("asked %+v, running %q", p.ask, b.running())
		}
		w.tools(t, "mic:looking:- speaker::speaker.ok camera:live:camera.ok")
		w.Closed(Window{Name: "equipment"})
		synctest.Wait()
		if s := w.Snapshot(); s.Equipment != nil || b.running() != "" {
			t.Errorf("after the end %+v, running %q", s.Equipment, b.running())
		}
		late := b.last("camera")
		late.say(capture.Line{Picture: &capture.Picture{Width: 320, Height: 180, Data: []byte("late")}})
		w.wait(20 * time.Second)
		if n := len(b.runs); n != 4 || len(w.frames) != 0 {
			t.Errorf("%d probes, frames %v", n, w.frames)
		}
	})
}

// The voice is recorded and played by a probe of its own, while the level's
// rests.
func TestOwnVoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := equipped(t)
		defer w.end()
		w.shown()
		b.last("speaker").say(capture.Line{Devices: []capture.Device{{ID: "out", Name: "Headphones"}}})
		w.ask(snapshot.Verb{Do: snapshot.PickDevice, Text: "speaker", Device: "out"})
		b.last("speaker").end <- verdict(report.OK, "speaker.ok")
		w.ask(snapshot.Verb{Do: snapshot.RecordVoice})
		voice := b.last("voice")
		if voice == nil || !voice.ask.Aloud || voice.ask.Output != "out" || b.running() != "camera voice" {
			t.Fatalf("voice %+v, running %q", voice, b.running())
		}
		w.ask(snapshot.Verb{Do: snapshot.RecordVoice}) // an impatient second click
		w.ask(snapshot.Verb{Do: snapshot.TestAgain, Text: "mic"})
		if b.last("voice") != voice || voice.over.Load() {
			t.Error("it was recorded twice at once")
		}
		voice.say(interim(report.Unknown, "voice.playing"))
		w.tools(t, "mic:playing:- speaker::speaker.ok camera:looking:-")
		voice.end <- verdict(report.OK, "voice.played")
		w.tools(t, "mic:live:voice.played speaker::speaker.ok camera:looking:-")
		if b.running() != "camera mic" {
			t.Errorf("running %q", b.running())
		}
		b.last("mic").say(interim(report.Unknown, "mic.no_voice"))
		w.tools(t, "mic:live:voice.played speaker::speaker.ok camera:looking:-")
	})
}

// Only a person can say whether a sound was heard.
func TestHeard(t *testing.T) {
	for _, c := range []struct {
		played report.Result
		yes    bool
		want   string
	}{
		{verdict(report.OK, "speaker.played"), true, "speaker::speaker.heard"},
		{verdict(report.OK, "speaker.played"), false, "speaker::speaker.not_heard"},
		{verdict(report.Unknown, "speaker.played_unmeasured"), false, "speaker::speaker.not_heard"},
		{verdict(report.Warn, "speaker.low"), true, "speaker::speaker.heard"},
		{verdict(report.Warn, "speaker.low"), false, "speaker::speaker.low"},
		{verdict(report.Fail, "speaker.muted"), true, "speaker::speaker.muted"}, // nothing sounded: nothing is asked
		{verdict(report.Unknown, "speaker.not_played"), true, "speaker::speaker.not_played"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, b := equipped(t)
			defer w.end()
			w.shown()
			w.ask(snapshot.Verb{Do: snapshot.HeardSound, On: true}) // nobody asked
			w.ask(snapshot.Verb{Do: snapshot.PlaySound})
			if p := b.last("speaker"); !p.ask.Aloud {
				t.Fatalf("asked %+v", p.ask)
			}
			b.last("speaker").end <- c.played
			asked := w.settled().Tool("speaker").Doing == snapshot.Asking
			if asked != strings.HasPrefix(c.played.Code, "speaker.played") && c.played.Verdict != report.Warn {
				t.Errorf("%s: asked %v", c.played.Code, asked)
			}
			w.ask(snapshot.Verb{Do: snapshot.HeardSound, On: c.yes})
			if got := say(w.settled().Tools[1:2]); got != c.want {
				t.Errorf("%s, heard %v: %q, want %q", c.played.Code, c.yes, got, c.want)
			}
		})
	}
}

// When a class begins, the camera is given back, and the probes know of it.
func TestEquipmentInClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := equipped(t)
		defer w.end()
		w.shown()
		b.last("camera").say(interim(report.OK, "camera.ok"))
		before := b.last("camera")
		b.mu.Lock()
		b.class = []capture.App{{Key: "zoom"}}
		b.mu.Unlock()
		s := w.wait(classLook + time.Second)
		if e := s.Equipment; !e.InClass() || len(e.Class) != 1 || e.Class[0] != "@app.zoom" {
			t.Errorf("class %+v", e)
		}
		if now := b.last("camera"); now == before || !before.over.Load() || !now.ask.Situation.InClass() {
			t.Error("the camera was not given back")
		}
	})
	synctest.Test(t, func(t *testing.T) { // the look at the programs fails
		w, b := equipped(t)
		defer w.end()
		b.mu.Lock()
		b.blind = true
		b.mu.Unlock()
		if s := w.shown(); !s.Equipment.Assumed || !b.last("camera").ask.Situation.ClassAssumed {
			t.Errorf("%+v", s.Equipment)
		}
	})
}

// A request and an equipment test never hold the same device: the request goes
// first, and ends a test that is open.
func TestEquipmentAndHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := equipped(t)
		defer w.end()
		w.shown()
		if s := w.ask(snapshot.Verb{Do: snapshot.GetHelp}); s.Equipment != nil || b.running() != "" || w.screen.IsOpen(Window{Name: "equipment"}) {
			t.Errorf("the test goes on: %+v, %q", s.Equipment, b.running())
		}
		w.ask(snapshot.Verb{Do: snapshot.Touch})
		w.ask(snapshot.Verb{Do: snapshot.OpenEquipment})
		if s := w.shown(); !s.Equipment.Waiting || b.running() != "" {
			t.Errorf("two at one device: %+v, %q", s.Equipment, b.running())
		}
		if s := w.wait(5 * time.Second); s.Equipment.Waiting || b.running() != "mic speaker camera" {
			t.Errorf("it does not go on: %+v, %q", s.Equipment, b.running())
		}
	})
}

// Pictures are small and not too many, whatever the probe sends.
func TestFewSmallPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := equipped(t)
		defer w.end()
		face := w.Listen()
		w.shown()
		cam, seen := b.last("camera"), 0
		for i := range 50 {
			cam.say(capture.Line{Picture: &capture.Picture{Width: 320, Height: 180, Data: []byte{byte(i)}}})
			cam.say(capture.Line{Picture: &capture.Picture{Width: 3200, Height: 1800, Data: []byte("large")}})
			synctest.Wait()
			for {
				m, ok := face.take()
				if !ok {
					break
				}
				if m.Frame != nil {
					seen++
					if m.Frame.Of != "camera" || len(m.Frame.Image) != 1 {
						t.Errorf("frame %+v", m.Frame)
					}
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		if seen < 8 || seen > 11 {
			t.Errorf("%d pictures in a second", seen)
		}
	})
}
