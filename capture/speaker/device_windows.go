package speaker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
	"unicode/utf16"

	"github.com/gen2brain/malgo"
	"golang.org/x/sys/windows"

	"raisehand/capture"
)

const backend = malgo.BackendWasapi

// thisComputer is the computer we run on.
type thisComputer struct{}

// nativeID is an endpoint's id in UTF-16.
func nativeID(id string) []byte {
	var raw []byte
	for _, c := range utf16.Encode([]rune(id)) {
		raw = append(raw, byte(c), byte(c>>8))
	}
	return raw
}

// look asks Core Audio.
func (thisComputer) look(ctx context.Context) (view, error) {
	return bounded(ctx, func() (view, error) {
		v := view{server: "Windows Audio"}
		err := capture.WithEndpoints(func(all capture.Endpoints) error {
			chosen := all.Default(capture.Playback, capture.Console, capture.Communications)
			// Empty sockets too: where they are all there is, that is what is wrong.
			return all.Each(capture.Playback, capture.EndpointActive|capture.EndpointUnplugged, func(d capture.Endpoint) {
				o := endpoint(d)
				o.byDefault = o.id == chosen
				v.all = append(v.all, o)
				v.plays = append(v.plays, sessions(d, o.id)...)
			})
		})
		if errors.Is(err, capture.ErrSoundServiceStopped) || err == nil && v.count() == 0 && !serviceRuns() {
			err = fmt.Errorf("%w: %w", errHung, capture.ErrSoundServiceStopped)
		}
		return v, err
	})
}

// endpoint reads one output. What it does not tell stays unknown.
func endpoint(d capture.Endpoint) output {
	o := output{id: d.ID(), name: d.Name(), volume: unknownVolume}
	switch d.Form() {
	case capture.FormHeadphones, capture.FormHeadset:
		o.kind = headphones
	case capture.FormDigital, capture.FormSPDIF:
		o.kind = digital
	case capture.FormDisplay:
		o.kind = screen
	}
	if d.Unplugged() {
		o.socket = empty
		return o
	}
	if v := d.Volume(); v.Known {
		o.volume, o.gain, o.muted = v.Percent, v.DB, v.Muted
	}
	return o
}

func sessions(d capture.Endpoint, id string) (all []playing) {
	for _, s := range d.Sessions() {
		if s.PID == os.Getpid() {
			continue
		}
		p := playing{pid: s.PID, output: id, paused: !s.Active, muted: s.Volume.Muted, volume: unknownVolume}
		if s.Volume.Known {
			p.volume, p.gain = s.Volume.Percent, s.Volume.DB
		}
		all = append(all, p)
	}
	return all
}

// serviceRuns says whether the Windows Audio service is running, and yes if
// that cannot be asked.
func serviceRuns() bool {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return true
	}
	defer windows.CloseServiceHandle(manager)
	name, err := windows.UTF16PtrFromString("Audiosrv")
	if err != nil {
		return true
	}
	service, err := windows.OpenService(manager, name, windows.SERVICE_QUERY_STATUS)
	if err != nil {
		return true
	}
	defer windows.CloseServiceHandle(service)
	var now windows.SERVICE_STATUS
	return windows.QueryServiceStatus(service, &now) != nil || now.CurrentState == windows.SERVICE_RUNNING
}

// hear watches the system's own meter, 25 times a second.
func (thisComputer) hear(ctx context.Context, o output, long time.Duration, each func(peak float64) bool) error {
	_, err := bounded(ctx, func() (struct{}, error) {
		return struct{}{}, capture.WithEndpoints(func(all capture.Endpoints) error {
			return all.Meter(o.id, func(peak func() (float64, error)) error {
				return watch(ctx, peak, long, each)
			})
		})
	})
	return err
}

func watch(ctx context.Context, read func() (float64, error), long time.Duration, each func(peak float64) bool) error {
	tick, end := time.NewTicker(40*time.Millisecond), time.NewTimer(long)
	defer tick.Stop()
	defer end.Stop()
	for {
		select {
		case <-tick.C:
		case <-end.C:
			return nil
		case <-ctx.Done():
			return nil
		}
		peak, err := read()
		if err != nil {
			return fmt.Errorf("read the meter: %w", err)
		}
		if !each(dB(peak)) {
			return nil
		}
	}
}

// play plays the tone and watches the meter. Other sound there would make the
// meter move as well: then nothing is proven.
func (c thisComputer) play(ctx context.Context, o output) (echo, error) {
	loudest := func(ctx context.Context, long time.Duration) (float64, error) {
		most := nothing
		each, end := guarded(func(peak float64) bool { most = max(most, peak); return true })
		err := c.hear(ctx, o, long, each)
		end()
		return most, err
	}
	already, metered := loudest(ctx, 200*time.Millisecond)

	watching, stop := context.WithCancel(ctx)
	defer stop()
	came := make(chan float64, 1)
	go func() {
		most, _ := loudest(watching, forever)
		came <- most
	}()
	if err := sound(ctx, o); err != nil {
		return echo{}, err
	}
	stop()
	most := <-came
	e := echo{measured: metered == nil && already < soundDB, detail: map[string]float64{"peak_dbfs": most}}
	if most > soundDB {
		e.match = 1
	}
	return e, nil
}
