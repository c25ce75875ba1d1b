package camera

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// room is a system with cameras of the test's making.
type room struct {
	cams   []device
	err    error
	who    map[string][]holder
	gives  map[string]*tape
	opened atomic.Int32
}

func (r *room) cameras() ([]device, error) { return r.cams, r.err }
func (r *room) holders(d device) []holder  { return r.who[d.path] }
func (r *room) open(d device) (stream, error) {
	r.opened.Add(1)
	t := r.gives[d.path]
	if t == nil {
		return nil, fmt.Errorf("open camera: %w", errGone)
	}
	if t.hangs != nil {
		<-t.hangs
	}
	return &play{tape: t, start: time.Now()}, t.refused
}

// tape is what one camera gives: frames, then an error.
type tape struct {
	refused error
	shot    func(i int) frame
	frames  int
	then    error // nil: no more in time
	covered bool
	code    string
	hangs   chan struct{}
}

type play struct {
	*tape
	i     int
	start time.Time
}

func (p *play) format() format {
	f := yuyv
	f.covered = p.covered
	if p.code != "" {
		f.code = p.code
	}
	return f
}

func (p *play) next(ctx context.Context) (frame, error) {
	if p.i >= p.frames {
		if p.then == nil {
			return frame{}, context.DeadlineExceeded
		}
		return frame{}, p.then
	}
	f := p.shot(p.i)
	f.at = p.start.Add(time.Duration(p.i) * 33 * time.Millisecond)
	p.i++
	return f, ctx.Err()
}

func (p *play) close() {}

func living(i int) frame { return frame{data: shot(120, 60, i)} }
func still(int) frame    { return frame{data: shot(120, 60, 1)} }
func dark(int) frame     { return frame{data: shot(0, 0, 0)} }
func torn(int) frame     { return frame{broken: true} }
func tornThird(i int) frame {
	if i == 2 {
		return torn(i)
	}
	return living(i)
}
func noise(i int) frame { return frame{data: []byte{1, 2, 3, byte(i)}} }

var (
	front = device{path: "/dev/video0", name: "Front", driver: "uvcvideo", bus: "usb-1"}
	back  = device{path: "/dev/video2", name: "Back", driver: "uvcvideo", bus: "usb-2"}
	wall  = device{path: "/dev/video0", name: "Front", access: "0660 uid 0 gid 44", denied: true}
	lidar = device{path: "/dev/video4", name: "Sensor", raw: true}

	zoom   = capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{10, 11}}}}
	likely = capture.Situation{ClassAssumed: true}
	cheese = holder{pid: 70, program: "cheese", parents: []int{60, 50}}
)

func one(t *tape) *room {
	return &room{cams: []device{front}, gives: map[string]*tape{front.path: t}}
}

func two(a, b *tape) *room {
	return &room{cams: []device{front, back}, gives: map[string]*tape{front.path: a, back.path: b}}
}

func holding(h ...holder) *room {
	r := one(&tape{shot: living, frames: 100})
	r.who = map[string][]holder{front.path: h}
	return r
}

// fine is a camera in order.
func fine() *tape { return &tape{shot: living, frames: 100} }

func TestRun(t *testing.T) {
	busy := fmt.Errorf("set picture format: %w", errBusy)
	cases := []struct {
		name    string
		room    *room
		in      capture.Situation
		verdict report.Verdict
		code    string
		params  map[string]any
		opened  int32
	}{
		{"ok", one(fine()), capture.Situation{}, report.OK, "camera.ok", map[string]any{"device": "Front", "width": 64, "height": 48}, 1},
		{"none", &room{}, capture.Situation{}, report.Warn, "camera.none", nil, 0},
		{"this system cannot", &room{err: errors.ErrUnsupported}, capture.Situation{}, report.Unknown, "camera.unsupported", map[string]any{"reason": "@camera.reason.system"}, 0},
		{"no list", &room{err: errors.New("no /dev")}, zoom, report.Unknown, "camera.unsupported", map[string]any{"reason": "@camera.reason.list"}, 0},
		{"only a sensor", &room{cams: []device{lidar}}, capture.Situation{}, report.Unknown, "camera.unsupported", map[string]any{"reason": "@camera.reason.raw"}, 0},
		{"denied", &room{cams: []device{wall}}, capture.Situation{}, report.Fail, "camera.denied", map[string]any{"device": "Front"}, 0},
		{"denied when opened", one(&tape{refused: &fs.PathError{Err: fs.ErrPermission}}), capture.Situation{}, report.Fail, "camera.denied", nil, 1},
		{"black", one(&tape{shot: dark, frames: 100}), capture.Situation{}, report.Fail, "camera.black", nil, 1},
		{"frozen", one(&tape{shot: still, frames: 100}), capture.Situation{}, report.Fail, "camera.frozen", nil, 1},
		{"a still picture behind a shutter", one(&tape{shot: still, frames: 100, covered: true}), capture.Situation{}, report.Fail, "camera.black", nil, 1},
		{"no frames", one(&tape{}), capture.Situation{}, report.Fail, "camera.no_frames", nil, 1},
		{"stops after a few", one(&tape{shot: living, frames: 9}), capture.Situation{}, report.Fail, "camera.no_frames", nil, 1},
		{"stops while it is black", one(&tape{shot: dark, frames: 26}), capture.Situation{}, report.Fail, "camera.no_frames", nil, 1},
		{"stops, one torn frame before", one(&tape{shot: tornThird, frames: 9}), capture.Situation{}, report.Fail, "camera.no_frames", nil, 1},
		{"torn frames only", one(&tape{shot: torn, frames: 30}), capture.Situation{}, report.Fail, "camera.failed", nil, 1},
		{"frames that are no pictures", one(&tape{shot: noise, frames: 200, code: "MJPG"}), capture.Situation{}, report.Fail, "camera.failed", nil, 1},
		{"a format nobody knows", one(&tape{refused: errors.ErrUnsupported}), capture.Situation{}, report.Unknown, "camera.unsupported", map[string]any{"reason": "@camera.reason.raw"}, 1},
		{"unplugged", one(&tape{shot: living, frames: 5, then: errGone}), capture.Situation{}, report.Fail, "camera.unplugged", nil, 1},
		{"gone before it is opened", &room{cams: []device{front}}, capture.Situation{}, report.Fail, "camera.unplugged", nil, 1},
		{"driver error", one(&tape{refused: errors.New("input/output error")}), capture.Situation{}, report.Fail, "camera.failed", nil, 1},
		{"busy", &room{cams: []device{front}, gives: map[string]*tape{front.path: {refused: busy}}, who: map[string][]holder{front.path: {cheese}}},
			capture.Situation{}, report.Fail, "camera.busy", map[string]any{"program": "cheese", "device": "Front"}, 1},
		{"busy, nobody to be seen", one(&tape{refused: busy}), capture.Situation{}, report.Fail, "camera.busy_unknown", map[string]any{"device": "Front"}, 1},
		{"open elsewhere but free", holding(cheese), capture.Situation{}, report.OK, "camera.ok", nil, 1},

		{"class has it", holding(holder{pid: 11, program: "zoom"}), zoom, report.Skipped, "camera.in_use", map[string]any{"app": "@app.zoom"}, 0},
		{"class's grandchild has it", holding(holder{pid: 99, program: "helper", parents: []int{98, 10}}), zoom, report.Skipped, "camera.in_use", map[string]any{"app": "@app.zoom"}, 0},
		{"class has it through a broker", holding(holder{pid: 99, program: "pipewire", broker: true}), zoom, report.Skipped, "camera.in_use", map[string]any{"app": "@app.zoom"}, 0},
		{"class has it, beside another program", holding(cheese, holder{pid: 10, program: "zoom"}), zoom, report.Skipped, "camera.in_use", map[string]any{"app": "@app.zoom"}, 0},
		{"class has the second camera, another program the first",
			&room{cams: []device{front, back}, who: map[string][]holder{front.path: {cheese}, back.path: {{pid: 10, program: "zoom"}}}},
			zoom, report.Skipped, "camera.in_use", map[string]any{"app": "@app.zoom", "device": "Back"}, 0},
		{"another program has it during class", holding(cheese), zoom, report.Fail, "camera.busy", map[string]any{"program": "cheese"}, 0},
		{"somebody has it, class assumed", holding(cheese), likely, report.Skipped, "camera.in_use", map[string]any{"app": "cheese"}, 0},
		{"nobody has it during class", holding(), zoom, report.Skipped, "camera.not_taken", map[string]any{"device": "Front"}, 0},
		{"nobody has it, class assumed", holding(), likely, report.Skipped, "camera.not_taken", nil, 0},
		{"denied during class", &room{cams: []device{wall}}, zoom, report.Fail, "camera.denied", nil, 0},

		{"first of two is fine", two(fine(), &tape{}), capture.Situation{}, report.OK, "camera.ok", map[string]any{"device": "Front"}, 1},
		{"first black, second fine", two(&tape{shot: dark, frames: 100}, fine()), capture.Situation{}, report.Fail, "camera.black", map[string]any{"device": "Front", "other": "Back"}, 2},
		{"both broken", two(&tape{}, &tape{}), capture.Situation{}, report.Fail, "camera.no_frames", map[string]any{"device": "Front", "other": nil}, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Check{Situation: c.in, sys: c.room}.Run(t.Context())
			if r.Check != "camera" || r.Verdict != c.verdict || r.Code != c.code {
				t.Errorf("%s %s %s, want %s %s; detail %v", r.Check, r.Verdict, r.Code, c.verdict, c.code, r.Detail)
			}
			for key, want := range c.params {
				if r.Params[key] != want {
					t.Errorf("param %s is %v, want %v", key, r.Params[key], want)
				}
			}
			if n := c.room.opened.Load(); n != c.opened {
				t.Errorf("opened %d cameras, want %d", n, c.opened)
			}
		})
	}
}

// A driver that never returns costs the camera's verdict, not the others'.
func TestHangingDriver(t *testing.T) {
	hangs := make(chan struct{})
	t.Cleanup(func() { close(hangs) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r := Check{sys: one(&tape{hangs: hangs})}.Run(ctx)
	if r.Verdict != report.Fail || r.Code != "camera.failed" || r.Params["device"] != "Front" || r.Detail["error"] != "the driver does not answer while opening" {
		t.Errorf("%+v", r)
	}
}

// The second camera is announced by the first one's verdict, so that nobody
// waits for it.
func TestInterim(t *testing.T) {
	var lines []capture.Line
	c := Check{Emit: func(l capture.Line) { lines = append(lines, l) }, sys: two(&tape{shot: dark, frames: 100}, fine())}
	r := c.Run(t.Context())
	if len(lines) != 2 || len(lines[0].Devices) != 2 || lines[1].Interim == nil || lines[1].Interim.Code != "camera.black" || lines[1].Interim.Check != "camera" {
		t.Errorf("lines %+v", lines)
	}
	if others, _ := r.Detail["others"].(map[string]any); others[back.path] != "camera.ok" {
		t.Errorf("others %v", r.Detail["others"])
	}
}

// The zero value is this computer's, whatever it has.
func TestZeroValue(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	r := Check{Situation: likely}.Run(ctx) // never takes a camera that a person may be using
	if r.Check != "camera" || r.Code == "" || r.Verdict == report.OK {
		t.Errorf("%+v", r)
	}
}
