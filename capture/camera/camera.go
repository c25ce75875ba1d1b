// Package camera finds out whether the camera gives a picture:
// list → who holds it → open → frames → black, frozen or fine.
//
// It never takes a camera out of a class's hands. While a class app runs, or
// must be assumed to, cameras are looked at from outside only: who holds them,
// and whether this user may open them. Streaming would be refused to the app at
// the very moment it turns its camera on.
package camera

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// The check's patience. First frames took 8–121 ms, measured with virtual
// cameras; the rest is an allowance for USB cameras that wake from sleep, small
// enough to leave time for a second camera.
const (
	patience   = 4 * time.Second         // for the whole check, when the caller sets no deadline
	firstFrame = 2500 * time.Millisecond // until the first frame
	nextFrame  = time.Second             // between two frames
	margin     = 300 * time.Millisecond  // kept back from the deadline, to say what was found
	heldTwice  = 300 * time.Millisecond  // between two looks at who holds a camera: programs open cameras briefly to list them
)

// What a system says when a camera cannot be read, in words that every system
// shares. A refused permission is fs.ErrPermission, a system that cannot look
// at cameras errors.ErrUnsupported.
var (
	errBusy  = errors.New("in use by another program")
	errGone  = errors.New("no longer there")
	errQuiet = errors.New("no frame in time")
)

// device is one camera, as the system names it.
type device struct {
	path   string // "/dev/video0"
	name   string // "HD Pro Webcam C920"
	driver string // "uvcvideo"
	bus    string // "usb-0000:00:14.0-1"
	access string // who may open it: "crw-rw---- uid 0 gid 44"
	denied bool   // this user may not
	raw    bool   // gives sensor data that only its maker's software turns into a picture
}

// holder is a process that has a camera open.
type holder struct {
	pid     int
	program string // "cheese"
	parents []int  // nearest first
	broker  bool   // holds cameras for other programs
}

// stream is a camera that has been told to send pictures.
type stream interface {
	format() format
	// next waits for a frame until ctx ends. The frame's bytes are valid until
	// the next call.
	next(ctx context.Context) (frame, error)
	close()
}

// system is what the check asks of an operating system.
type system interface {
	// cameras lists the cameras, the one a class app would take first, first.
	cameras() ([]device, error)
	// holders names the processes that have the camera open, except this one,
	// as far as this user may know.
	holders(device) []holder
	open(device) (stream, error)
}

// Check tests the first camera.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line) // told which cameras there are, and the verdict so far when a second camera is tried; may be nil
	Device    string             // test this camera (its path) instead of the first, and no other
	Live      bool               // the equipment test: go on showing the picture until ctx ends

	sys system // tests put another one here
}

// Name is "camera".
func (Check) Name() string { return "camera" }

// Run returns within the deadline even when the driver hangs; the call that
// hangs is left behind, for the process that Run lives in to end.
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	deadline, ok := ctx.Deadline()
	if !ok || deadline.Sub(start) > 2*patience && !c.Live {
		deadline = start.Add(patience)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if c.sys == nil {
		c.sys = here{}
	}

	found := make(chan report.Result, 1)
	e := &examination{Check: c}
	go func() {
		inner, cancel := context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
		if c.Live {
			found <- e.live(inner)
		} else {
			found <- e.look(inner)
		}
	}()
	var r report.Result
	stuck := time.NewTimer(patience)
	defer stuck.Stop()
	for r.Code == "" {
		select {
		case r = <-found:
		case <-ctx.Done():
			r = e.last(found)
		case <-stuck.C:
			if c.Live && e.told.Load() == nil { // the window is open for minutes: do not let it wait
				e.interim(e.hung())
			}
		}
	}
	r.Check = c.Name()
	r.TookMS = time.Since(start).Milliseconds()
	return r
}

// last is the verdict when the time is over: a camera that was being shown is
// left in order.
func (e *examination) last(found <-chan report.Result) report.Result {
	if e.Live {
		select {
		case r := <-found:
			return r
		case <-time.After(margin):
		}
	}
	return e.hung()
}

// examination is one run of the check.
type examination struct {
	Check
	step   atomic.Pointer[step]
	told   atomic.Pointer[string] // the code of the verdict so far
	listed []capture.Device
	known  map[string]string // names of the cameras seen so far, by path
}

// interim tells the verdict so far, once.
func (e *examination) interim(r report.Result) {
	if code := e.told.Swap(&r.Code); e.Emit != nil && (code == nil || *code != r.Code) {
		r.Check = e.Name()
		e.Emit(capture.Line{Interim: &r})
	}
}

// step is what the examination waits for, for the case that it waits for ever.
type step struct {
	doing string // "listing", "opening", "reading"
	dev   device
}

func (e *examination) at(doing string, d device) { e.step.Store(&step{doing, d}) }

// hung is the result when the driver does not return.
func (e *examination) hung() report.Result {
	s := e.step.Load()
	if s == nil || s.dev.path == "" {
		return result(report.Unknown, "camera.unsupported", device{}, "reason", capture.Name("camera.reason.hung"))
	}
	r := result(report.Fail, "camera.failed", s.dev)
	r.Detail["error"] = "the driver does not answer while " + s.doing
	return r
}

func (e *examination) look(ctx context.Context) report.Result {
	e.at("listing", device{})
	cams, err := e.sys.cameras()
	if errors.Is(err, errors.ErrUnsupported) {
		return result(report.Unknown, "camera.unsupported", device{}, "reason", capture.Name("camera.reason.system"))
	}
	if err != nil {
		r := result(report.Unknown, "camera.unsupported", device{}, "reason", capture.Name("camera.reason.list"))
		r.Detail = map[string]any{"error": err.Error()}
		return r
	}
	e.list(cams)
	if len(cams) == 0 { // a warning, no more: many a computer in a school has never had one
		return report.Result{Verdict: report.Warn, Code: "camera.none"}
	}
	all := names(cams)
	if e.Device != "" {
		if cams = only(cams, e.Device); len(cams) == 0 {
			return result(report.Fail, "camera.unplugged", device{path: e.Device, name: cmp.Or(e.known[e.Device], e.Device)})
		}
	}
	var r report.Result
	switch first := cams[0]; {
	case e.Situation.InClass():
		r = e.fromOutside(ctx, cams)
	case first.raw:
		r = result(report.Unknown, "camera.unsupported", first, "reason", capture.Name("camera.reason.raw"))
	case e.Live:
		r = e.show(ctx, first)
	default:
		r = e.tryAll(ctx, cams)
	}
	r.Detail["cameras"] = all
	return r
}

// list tells which cameras there are to choose from.
func (e *examination) list(cams []device) {
	var now []capture.Device
	if e.known == nil {
		e.known = map[string]string{}
	}
	for i, d := range cams {
		e.known[d.path] = d.name
		now = append(now, capture.Device{ID: d.path, Name: d.name, Default: i == 0})
	}
	if e.Emit != nil && len(now) > 0 && !slices.Equal(now, e.listed) {
		e.Emit(capture.Line{Devices: now})
	}
	e.listed = now
}

func only(cams []device, path string) (one []device) {
	for _, d := range cams {
		if d.path == path {
			one = append(one, d)
		}
	}
	return one
}

// fromOutside is the examination during a class: nothing is taken.
func (e *examination) fromOutside(ctx context.Context, cams []device) report.Result {
	for _, d := range cams {
		for _, h := range e.sys.holders(d) {
			if app, ok := e.classApp(h); ok {
				return held(report.Skipped, "camera.in_use", d, "app", app, h)
			}
		}
	}
	first := cams[0]
	if first.denied {
		return denied(first)
	}
	if h, ok := e.heldFor(ctx, first, heldTwice); ok {
		return held(report.Fail, "camera.busy", first, "program", h.program, h)
	}
	return result(report.Skipped, "camera.not_taken", first)
}

// classApp names the class app that a holder belongs to. Cameras held for
// other programs by a broker count as the class's, and while a class is only
// assumed every holder does: better to look at one picture too few.
func (e *examination) classApp(h holder) (string, bool) {
	for _, pid := range append([]int{h.pid}, h.parents...) {
		if app, ok := e.Situation.Holder(pid); ok {
			return capture.Name("app." + app.Key), true
		}
	}
	switch {
	case len(e.Situation.Class) > 0 && h.broker:
		return capture.Name("app." + e.Situation.Class[0].Key), true
	case e.Situation.ClassAssumed:
		return h.program, true
	}
	return "", false
}

// heldFor finds a process that has the camera open now and still has a while
// later.
func (e *examination) heldFor(ctx context.Context, d device, while time.Duration) (holder, bool) {
	before := e.sys.holders(d)
	if len(before) == 0 {
		return holder{}, false
	}
	select {
	case <-time.After(while):
	case <-ctx.Done():
	}
	for _, h := range e.sys.holders(d) {
		for _, b := range before {
			if h.pid == b.pid {
				return h, true
			}
		}
	}
	return holder{}, false
}

// tryAll tests the first camera; when it is at fault, it also looks for another
// that works. The verdict is always about the first.
func (e *examination) tryAll(ctx context.Context, cams []device) report.Result {
	r := e.try(ctx, cams[0])
	if !r.Fault() || len(cams) < 2 {
		return r
	}
	if ctx.Err() == nil {
		e.interim(r)
	}
	others := map[string]any{}
	for _, d := range cams[1:] {
		if d.raw || ctx.Err() != nil {
			continue
		}
		second := e.try(ctx, d)
		if ctx.Err() != nil && second.Verdict != report.OK {
			break // cut short: says nothing about the camera
		}
		others[d.path] = second.Code
		if second.Verdict == report.OK {
			r.Params["other"] = d.name
			break
		}
	}
	r.Detail["others"] = others
	return r
}

// try reads one camera until it can be judged.
func (e *examination) try(ctx context.Context, d device) report.Result {
	if d.denied {
		return denied(d)
	}
	e.at("opening", d)
	opened := time.Now()
	s, err := e.sys.open(d)
	if err != nil {
		return e.unread(ctx, d, err)
	}
	e.at("reading", d)
	j := newJudge(s.format())
	err = watch(ctx, s, j)
	r := e.conclude(ctx, d, j, err, opened)
	e.at("closing", d)
	s.close()
	return r
}

// conclude is the verdict with its figures.
func (e *examination) conclude(ctx context.Context, d device, j *judge, err error, opened time.Time) report.Result {
	r := e.verdict(ctx, d, j, err)
	describe(r.Detail, j, opened)
	if r.Verdict == report.OK {
		r.Params["width"], r.Params["height"] = j.format.width, j.format.height
		r.Params["ms"] = j.first.Sub(opened).Milliseconds()
	}
	return r
}

// watch feeds frames to the judge until it has made up its mind.
func watch(ctx context.Context, s stream, j *judge) error {
	limit := time.Now().Add(firstFrame)
	for {
		wait, cancel := context.WithDeadline(ctx, limit)
		f, err := s.next(wait)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return errQuiet
		}
		if err != nil {
			return err
		}
		whole := j.frames
		j.add(f)
		if j.frames > whole { // a broken frame does not buy more time
			limit = f.at.Add(nextFrame)
		}
		if j.done() {
			return nil
		}
	}
}

func (e *examination) verdict(ctx context.Context, d device, j *judge, err error) report.Result {
	if errors.Is(err, errQuiet) {
		switch {
		case j.damaged > 0:
			err = fmt.Errorf("%d broken frames in a row", j.damaged)
		case ctx.Err() != nil && j.judged(): // frames came, and the deadline ended the look
		default:
			return result(report.Fail, "camera.no_frames", d)
		}
	}
	if err != nil && !errors.Is(err, errQuiet) {
		return e.unread(ctx, d, err)
	}
	switch {
	case j.black(), j.frozen() && j.format.covered: // some show a still picture behind the shutter
		return result(report.Fail, "camera.black", d)
	case j.frozen():
		return result(report.Fail, "camera.frozen", d)
	case j.garbled():
		return e.unread(ctx, d, fmt.Errorf("read a %s frame: %w", j.format.code, j.err))
	}
	return result(report.OK, "camera.ok", d)
}

// unread is the result when the system refuses the camera's pictures.
func (e *examination) unread(ctx context.Context, d device, err error) report.Result {
	var r report.Result
	switch {
	case errors.Is(err, fs.ErrPermission):
		r = denied(d)
	case errors.Is(err, errGone):
		r = result(report.Fail, "camera.unplugged", d)
	case errors.Is(err, errBusy):
		r = result(report.Fail, "camera.busy_unknown", d)
		if h := e.sys.holders(d); len(h) > 0 {
			r = held(report.Fail, "camera.busy", d, "program", h[0].program, h[0])
		}
	case errors.Is(err, errors.ErrUnsupported):
		r = result(report.Unknown, "camera.unsupported", d, "reason", capture.Name("camera.reason.raw"))
	default:
		r = result(report.Fail, "camera.failed", d)
	}
	r.Detail["error"] = err.Error()
	return r
}

func denied(d device) report.Result {
	r := result(report.Fail, "camera.denied", d)
	r.Detail["access"] = d.access
	return r
}

func held(v report.Verdict, code string, d device, key, name string, h holder) report.Result {
	r := result(v, code, d, key, name)
	r.Detail["holder_pid"] = h.pid
	r.Detail["holder"] = h.program
	return r
}

// result is a verdict about one camera; kv are further parameters.
func result(v report.Verdict, code string, d device, kv ...string) report.Result {
	r := report.Result{Verdict: v, Code: code, Params: map[string]any{}, Detail: map[string]any{}}
	if d.path != "" {
		r.Params["device"] = d.name
		r.Detail["path"], r.Detail["driver"], r.Detail["bus"] = d.path, d.driver, d.bus
	}
	for i := 0; i+1 < len(kv); i += 2 {
		r.Params[kv[i]] = kv[i+1]
	}
	return r
}

// describe adds what a technician wants to know about the pictures.
func describe(detail map[string]any, j *judge, opened time.Time) {
	detail["format"] = j.format.code
	detail["width"], detail["height"] = j.format.width, j.format.height
	detail["fps_set"] = j.format.fps
	detail["frames"] = j.frames
	detail["frames_broken"] = j.broken
	if j.format.covered {
		detail["privacy_shutter"] = "closed"
	}
	if j.frames == 0 {
		return
	}
	detail["first_frame_ms"] = j.first.Sub(opened).Milliseconds()
	detail["identical_frames"] = j.same
	if fps := j.fps(); fps > 0 {
		detail["fps"] = fps
	}
	if len(j.settled) > 0 {
		mean, sd := j.light()
		detail["luma_mean"], detail["luma_sd"] = round1(mean), round1(sd)
	}
}

func names(cams []device) []string {
	var all []string
	for _, d := range cams {
		all = append(all, d.name)
	}
	return all
}
