package mic

import (
	"context"
	"errors"
	"slices"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

const (
	oneVerdict = 3 * time.Second        // of sound, that one verdict of a live test is about
	lookEvery  = 500 * time.Millisecond // is it muted or gone meanwhile?
	tryAgain   = 700 * time.Millisecond // after a microphone could not be had
)

// live goes on until the asker is gone: the list of microphones, levels, and a
// verdict whenever there is a new one.
func (x *examination) live(ctx context.Context) report.Result {
	var last report.Result
	tell := func(r report.Result) {
		last = r
		x.emit(capture.Line{Interim: &r})
	}
	var shown []capture.Device
	lost := "" // the name of the microphone that was there
	for ctx.Err() == nil {
		x.forget()
		m, err := x.find(ctx)
		if list := x.view.devices(); err == nil && shown == nil || !slices.Equal(list, shown) {
			shown = list
			x.emit(capture.Line{Devices: list})
		}
		if errors.Is(err, errNone) && lost != "" {
			err = errUnplugged
			x.params["device"] = lost
		}
		switch code := m.unheard(); {
		case err != nil && ctx.Err() != nil:
		case err != nil:
			tell(x.because(err))
		case code != "":
			tell(x.fail(code))
		case m.exclusive && x.Situation.InClass():
			tell(x.leave(m.users...))
		default:
			lost = m.name
			if err := x.follow(ctx, m, tell); err != nil && ctx.Err() == nil {
				tell(x.because(err))
			} else {
				continue
			}
		}
		wait(ctx, tryAgain)
	}
	return last
}

// follow listens to m and tells what it hears, window after window, until m is
// muted or goes.
func (x *examination) follow(ctx context.Context, m microphone, tell func(report.Result)) error {
	s, err := x.open(ctx, m)
	if err != nil {
		return err
	}
	defer s.close()
	look, quiet := time.NewTicker(lookEvery), time.NewTimer(firstSound)
	defer look.Stop()
	defer quiet.Stop()
	told := false
	for {
		select {
		case pcm := <-s.frames:
			quiet.Reset(firstSound)
			x.heard.add(pcm)
			x.meter.show(x.emit, &x.heard)
			if !told && x.done() || x.heard.time() >= oneVerdict {
				tell(x.judge(m, m))
				told = true
			}
			if x.heard.time() >= oneVerdict {
				x.forget()
				x.note(x.view, m)
				told = false
			}
		case <-look.C:
			if now := x.lookAgain(m); now.gone || now.unheard() != "" {
				return nil
			}
		case <-s.ended:
			return x.whyStopped(ctx, m, errStopped)
		case <-quiet.C:
			return x.whyStopped(ctx, m, errStopped)
		case <-ctx.Done():
			return nil
		}
	}
}

// forget makes room for a new verdict.
func (x *examination) forget() {
	x.heard, x.params, x.detail = voice{}, map[string]any{}, map[string]any{}
}

// still shows that nothing arrives.
func (x *examination) still() {
	if x.heard.samples == 0 && !x.Live {
		return // nothing was shown
	}
	l := nothing
	x.emit(capture.Line{LevelDB: &l})
}

// devices are the microphones to choose from.
func (v view) devices() []capture.Device {
	all := []capture.Device{}
	for _, m := range v.all {
		if m.real() {
			all = append(all, capture.Device{ID: m.id, Name: m.name, Default: m.byDefault})
		}
	}
	return all
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
