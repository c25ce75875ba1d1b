package session

import (
	"context"
	"slices"
	"time"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
)

// tools are what the equipment test tests, where there is a check for it.
var tools = []string{"mic", "speaker", "camera"}

// classLook is how often the equipment test looks whether a class has begun:
// the class's program must find the camera free.
const classLook = 5 * time.Second

// A picture of the camera's that is larger than this is not shown, nor more
// than ten a second.
const (
	frameWidth  = 320
	frameHeight = 180
	frameEvery  = 90 * time.Millisecond // ten a second, with room for their jitter
)

// equipment is the test of microphone, loudspeaker and camera. While it is
// open, its probes hold the devices; when it closes, they are free.
type equipment struct {
	snapshot.Equipment
	ctx       context.Context
	stop      context.CancelFunc
	shown     bool // its window stands on the screen
	going     bool // the probes have been let go
	situation capture.Situation
	probes    map[string]*probe // by tool
	lastFrame time.Time
}

// probe is a check that runs for the equipment test.
type probe struct {
	name  string // of the check: "voice" is the microphone's second one
	stop  context.CancelFunc
	ended chan struct{} // its process has gone, or will not
}

// openEquipment opens the window. Devices are touched once it stands there.
func (s *Session) openEquipment() {
	if s.Probe == nil {
		return
	}
	if s.equipment == nil {
		e := &equipment{probes: map[string]*probe{}}
		e.ctx, e.stop = context.WithCancel(s.ctx)
		for _, name := range tools {
			if slices.Contains(s.Plan.Rest, name) {
				e.Tools = append(e.Tools, snapshot.Tool{Check: name, Doing: snapshot.Looking, Setting: s.Desktop.Setting(name)})
			}
		}
		s.equipment = e
	}
	s.Desktop.Open(Window{Name: "equipment"})
}

// closeEquipment ends every probe at once.
func (s *Session) closeEquipment() {
	if s.equipment == nil {
		return
	}
	s.equipment.stop()
	s.equipment = nil
	s.noFrame("camera", "")
	s.Desktop.Close(Window{Name: "equipment"})
}

// equipmentShown: from here on there is somebody to show the devices to.
func (s *Session) equipmentShown() {
	if s.equipment != nil {
		s.equipment.shown = true
		s.letGo()
	}
}

// letGo starts the probes, unless a request examines the same devices: its
// verdict comes first.
func (s *Session) letGo() {
	e := s.equipment
	if e == nil || !e.shown || e.going {
		return
	}
	if e.Waiting = s.examining(); e.Waiting {
		return
	}
	e.going = true
	go s.watchClass(e)
}

// examining says whether a request looks at the devices just now.
func (s *Session) examining() bool {
	return s.help != nil && slices.ContainsFunc(s.help.Rows, func(r snapshot.Row) bool { return r.Running })
}

// watchClass asks again and again whether a class runs.
func (s *Session) watchClass(e *equipment) {
	for e.ctx.Err() == nil {
		now := s.situation(e.ctx)
		s.post(func() {
			if s.equipment == e {
				s.classSeen(e, now)
				s.publish()
			}
		})
		select {
		case <-time.After(classLook):
		case <-e.ctx.Done():
		}
	}
}

// situation asks the scout. When it says nothing, a class is assumed.
func (s *Session) situation(ctx context.Context) capture.Situation {
	said := capture.Situation{ClassAssumed: true}
	if s.Plan.Scout == "" {
		return said
	}
	heard := make(chan capture.Situation, 1)
	s.Probe(s.Plan.Scout, capture.Ask{}, func(l capture.Line) {
		if l.Situation != nil {
			select {
			case heard <- *l.Situation:
			default:
			}
		}
	}).Run(ctx)
	select {
	case said = <-heard:
	default:
	}
	return said
}

// classSeen takes in whether a class runs. The first time it lets every probe
// go; when a class begins, the devices are given back.
func (s *Session) classSeen(e *equipment, now capture.Situation) {
	before := e.situation
	first := !slices.ContainsFunc(e.Tools, func(t snapshot.Tool) bool { return e.probes[t.Check] != nil })
	e.situation = now
	e.Class, e.Assumed = nil, now.ClassAssumed
	for _, app := range now.Class {
		e.Class = append(e.Class, capture.Name("app."+app.Key))
	}
	switch {
	case first:
		for i := range e.Tools {
			s.look(e, &e.Tools[i])
		}
	case now.InClass() && !before.InClass():
		for _, name := range []string{"mic", "camera"} {
			if t := e.Tool(name); t != nil && t.Doing == snapshot.Live {
				s.look(e, t)
			}
		}
	}
}

// look begins a tool's test anew. The microphone and the camera go on showing
// what they hear and see; the loudspeaker is only looked at.
func (s *Session) look(e *equipment, t *snapshot.Tool) {
	t.Doing, t.Result = snapshot.Looking, nil
	if t.Check == "camera" {
		s.noFrame("camera", "")
	}
	s.run(e, t, t.Check, capture.Ask{Device: t.Device, Live: t.Check != "speaker"})
}

// run starts a check in a process of its own, once the one before it has let
// the device go.
func (s *Session) run(e *equipment, t *snapshot.Tool, name string, ask capture.Ask) {
	before := e.probes[t.Check]
	if before != nil {
		before.stop()
	}
	ctx, stop := context.WithCancel(e.ctx)
	p := &probe{name: name, stop: stop, ended: make(chan struct{})}
	e.probes[t.Check] = p
	ask.Situation = e.situation
	tell := func(do func()) {
		s.post(func() {
			if s.equipment == e && e.probes[t.Check] == p {
				do()
				s.publish()
			}
		})
	}
	check := s.Probe(name, ask, func(l capture.Line) {
		switch { // levels and pictures change no Snapshot
		case l.LevelDB != nil:
			s.level(*l.LevelDB)
		case l.Picture != nil:
			s.post(func() { s.cameraSees(e, p, *l.Picture) })
		default:
			tell(func() { said(t, l) })
		}
	})
	go func() {
		defer stop()
		defer close(p.ended)
		if before != nil {
			<-before.ended
		}
		r := check.Run(ctx)
		tell(func() { s.ended(e, t, p, r) })
	}()
}

// cameraSees shows one picture, if it is small and not one too many.
func (s *Session) cameraSees(e *equipment, p *probe, pic capture.Picture) {
	now := time.Now()
	if s.equipment != e || e.probes["camera"] != p || pic.Width > frameWidth || pic.Height > frameHeight || now.Sub(e.lastFrame) < frameEvery {
		return
	}
	e.lastFrame = now
	s.frame(snapshot.Frame{Of: "camera", Image: pic.Data})
}

// said takes in a line of a tool's probe.
func said(t *snapshot.Tool, l capture.Line) {
	if l.Devices != nil {
		t.Devices = nil
		for _, d := range l.Devices {
			t.Devices = append(t.Devices, snapshot.Device(d))
		}
	}
	r := l.Interim
	switch {
	case r == nil:
	case r.Code == "voice.recording":
		t.Doing = snapshot.Recording
	case r.Code == "voice.playing":
		t.Doing = snapshot.Playing
	case t.Doing == snapshot.Looking || t.Doing == snapshot.Live:
		t.Doing = snapshot.Live
		conclude(t, *r)
	}
}

// conclude takes in a verdict. What was measured stands until something else
// is measured: a person who has stopped speaking was heard all the same, and a
// microphone that cuts noise off is then as silent as one that is off.
func conclude(t *snapshot.Tool, r report.Result) {
	heard := t.Result != nil && t.Result.Verdict == report.OK
	switch {
	case t.Result != nil && r.Verdict == report.Unknown:
	case heard && slices.Contains(silences, r.Code):
	default:
		t.Result = &r
	}
}

// silences are verdicts that silence alone leads to.
var silences = []string{"mic.switch", "mic.silent"}

// ended takes in a probe's result.
func (s *Session) ended(e *equipment, t *snapshot.Tool, p *probe, r report.Result) {
	played := t.Doing == snapshot.Playing
	t.Doing = snapshot.Resting
	if t.Result == nil || r.Code != "probe.timeout" { // shown for as long as may be: what was seen last stands
		conclude(t, r)
	}
	switch {
	case p.name == "voice": // and on with the level
		t.Doing = snapshot.Live
		s.run(e, t, t.Check, capture.Ask{Device: t.Device, Live: true})
	case t.Check == "speaker" && played && sounded(r):
		t.Doing = snapshot.Asking
	case t.Check == "camera":
		s.noFrame("camera", "")
	}
}

// sounded says whether there was something to hear.
func sounded(r report.Result) bool {
	return r.Verdict == report.OK || r.Verdict == report.Warn || r.Code == "speaker.played_unmeasured"
}

// equip carries out a verb of the equipment test.
func (s *Session) equip(v snapshot.Verb) {
	e := s.equipment
	if e == nil || !e.going {
		return
	}
	name := v.Text
	switch v.Do {
	case snapshot.RecordVoice:
		name = "mic"
	case snapshot.PlaySound, snapshot.HeardSound:
		name = "speaker"
	}
	t := e.Tool(name)
	if t == nil || e.probes[name] == nil || t.Doing == snapshot.Recording {
		return
	}
	switch v.Do {
	case snapshot.PickDevice:
		if v.Device != "" && !slices.ContainsFunc(t.Devices, func(d snapshot.Device) bool { return d.ID == v.Device }) {
			return
		}
		t.Device = v.Device
		s.look(e, t)
	case snapshot.TestAgain:
		s.look(e, t)
	case snapshot.RecordVoice:
		t.Doing, t.Result = snapshot.Recording, nil
		ask := capture.Ask{Device: t.Device, Aloud: true}
		if out := e.Tool("speaker"); out != nil {
			ask.Output = out.Device
		}
		s.run(e, t, "voice", ask)
	case snapshot.PlaySound:
		t.Doing, t.Result = snapshot.Playing, nil
		s.run(e, t, "speaker", capture.Ask{Device: t.Device, Aloud: true})
	case snapshot.HeardSound:
		heard(t, v.On)
	}
}

// heard takes in what only a person can say. A likelier cause than "not heard"
// stays.
func heard(t *snapshot.Tool, yes bool) {
	if t.Doing != snapshot.Asking {
		return
	}
	t.Doing = snapshot.Resting
	r := report.Result{Check: t.Check, Verdict: report.OK, Code: "speaker.heard"}
	if t.Result != nil {
		r.Params, r.Detail = t.Result.Params, t.Result.Detail
	}
	if !yes {
		if t.Result != nil && t.Result.Fault() {
			return
		}
		r.Verdict, r.Code = report.Fail, "speaker.not_heard"
	}
	t.Result = &r
}
