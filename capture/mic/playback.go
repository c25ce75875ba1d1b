package mic

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/gen2brain/malgo"

	"raisehand/capture"
	"raisehand/capture/report"
)

const (
	recording = 3 * time.Second         // of one's own voice
	late      = 2500 * time.Millisecond // the longest that a loudspeaker may be behind
	comfort   = -20.0                   // dBFS: how loud a recording is played, if that takes no more than …
	raiseBy   = 12.0                    // … this many dB: a soft voice is to be heard as soft
)

// Playback lets a person hear themselves as others do: record, then play. It
// makes a sound, and so does nothing unless the person asked to hear one.
type Playback struct {
	Situation capture.Situation
	Emit      func(capture.Line) // levels while it records, and when it begins to record and to play; may be nil
	Device    string             // the microphone; "" as in Check
	Output    string             // the loudspeaker's id; "" = the default one
	Aloud     bool               // the person has asked

	on computer // what stands in for this computer in tests
}

// Name is "voice".
func (Playback) Name() string { return "voice" }

// Run records three seconds, plays them, and says what was recorded: a fault of
// the microphone has the code that Check gives it.
func (p Playback) Run(ctx context.Context) report.Result {
	x := &examination{began: time.Now(), detail: map[string]any{}, params: map[string]any{}}
	x.Check = Check{Situation: p.Situation, Emit: p.Emit, Device: p.Device, on: p.on}
	if x.on == nil {
		x.on = thisComputer{}
	}
	r := x.playback(ctx, p)
	r.Check = p.Name()
	return r
}

func (x *examination) playback(ctx context.Context, p Playback) report.Result {
	if !p.Aloud {
		return x.end(report.Skipped, "voice.not_asked")
	}
	m, err := x.find(ctx)
	if err != nil {
		return x.because(err)
	}
	if code := m.unheard(); code != "" {
		return x.fail(code)
	}
	pcm, err := x.keep(ctx, m)
	if err != nil {
		return x.because(err)
	}
	heard := x.judge(m, x.lookAgain(m))
	if x.heard.silent() || heard.Verdict == report.Fail {
		return heard // there is nothing to play
	}
	x.emit(capture.Line{Interim: x.result(report.Unknown, "voice.playing")})
	if err := x.on.play(ctx, loudly(pcm, x.heard.speech()), p.Output); err != nil {
		x.detail["error"] = err.Error()
		return x.end(report.Unknown, "voice.not_played")
	}
	if heard.Verdict == report.OK {
		return x.end(report.OK, "voice.played")
	}
	return heard
}

// keep records, and returns what it recorded.
func (x *examination) keep(ctx context.Context, m microphone) ([]float32, error) {
	s, err := x.open(ctx, m)
	if err != nil {
		return nil, err
	}
	defer s.close()
	quiet := time.NewTimer(firstSound)
	defer quiet.Stop()
	var pcm []float32
	for x.heard.time() < recording {
		select {
		case part := <-s.frames:
			if pcm == nil {
				x.emit(capture.Line{Interim: x.result(report.Unknown, "voice.recording")})
			}
			quiet.Reset(firstSound)
			pcm = append(pcm, part...)
			x.heard.add(part)
			x.meter.show(x.emit, &x.heard)
		case <-s.ended:
			return nil, x.whyStopped(ctx, m, errStopped)
		case <-quiet.C:
			return nil, x.whyStopped(ctx, m, errStopped)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return pcm, nil
}

// loudly raises a soft recording a little, without cutting it off.
func loudly(pcm []float32, speech float64) []float32 {
	gain := min(max(comfort-speech, 0), raiseBy)
	if speech <= nothing {
		gain = 0
	}
	top := 0.0
	for _, x := range pcm {
		top = max(top, math.Abs(float64(x)))
	}
	by := math.Pow(10, gain/20)
	if top > 0 {
		by = min(by, max(1, 0.9/top))
	}
	out := make([]float32, len(pcm))
	for i, x := range pcm {
		out[i] = float32(by) * x
	}
	return out
}

// play plays pcm and returns when it has been heard. A driver that hangs is
// left behind.
func (thisComputer) play(ctx context.Context, pcm []float32, output string) error {
	length := time.Duration(len(pcm)) * time.Second / rate
	ctx, stop := context.WithTimeout(ctx, length+late)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- sing(ctx, pcm, output) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("play: %w", errHung)
	}
}

// sing opens the one loudspeaker it is told to, by the first backend that has
// one.
func sing(ctx context.Context, pcm []float32, output string) error {
	var err error
	for _, name := range playBy {
		err = singBy(ctx, name, pcm, output)
		if !errors.Is(err, errNoServer) {
			return err
		}
	}
	return err
}

func singBy(ctx context.Context, backend string, pcm []float32, output string) error {
	m := microphone{id: output, backend: backend, server: soundServer(ctx)}
	var pin runtime.Pinner
	defer pin.Unpin()
	lib, err := malgo.InitContext([]malgo.Backend{backends[backend]}, contextConfig(m, &pin), nil)
	if err != nil {
		return fmt.Errorf("start %s: %w", backend, reason(m, err))
	}
	id := deviceID(output)
	cfg := malgo.DefaultDeviceConfig(malgo.Playback)
	if output != "" {
		cfg.Playback.DeviceID = id.Pointer()
	}
	cfg.Playback.Format = malgo.FormatF32
	cfg.Playback.Channels = 1
	cfg.SampleRate = rate
	cfg.Pulse.StreamNamePlayback = playbackName

	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	at, tail := 0, rate/2 // then half a second of silence, while the last of it still sounds
	dev, err := malgo.InitDevice(lib.Context, cfg, malgo.DeviceCallbacks{
		Data: func(out, _ []byte, frames uint32) {
			for i := range int(frames) {
				x := float32(0)
				if at < len(pcm) {
					x = pcm[at]
				}
				at++
				binary.NativeEndian.PutUint32(out[4*i:], math.Float32bits(x))
			}
			if at >= len(pcm)+tail {
				end()
			}
		},
	})
	if err != nil {
		go func() { lib.Uninit(); lib.Free() }()
		return fmt.Errorf("open the loudspeaker: %w", reason(m, err))
	}
	defer func() { go func() { dev.Uninit(); lib.Uninit(); lib.Free() }() }()
	if err := dev.Start(); err != nil {
		return fmt.Errorf("start to play: %w", reason(m, err))
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return errHung
	}
}
