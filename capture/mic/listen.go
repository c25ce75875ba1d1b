package mic

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"unsafe"

	"github.com/gen2brain/malgo"
)

// stream is a microphone being recorded, mono at rate.
type stream struct {
	frames <-chan []float32
	ended  <-chan struct{} // closed when the driver stops by itself
	close  func()          // does not wait: some drivers never return
}

// thisComputer is the computer we run on. Its look is in device_*.go.
type thisComputer struct{}

// open records from m. The driver's calls can hang for ever and cannot be
// cancelled; then they are left behind, to end with this process.
func (thisComputer) open(ctx context.Context, m microphone) (*stream, error) {
	type opened struct {
		s   *stream
		err error
	}
	done := make(chan opened, 1)
	go func() {
		s, err := record(m)
		done <- opened{s, err}
	}()
	select {
	case o := <-done:
		return o.s, o.err
	case <-ctx.Done():
		go func() {
			if o := <-done; o.s != nil {
				o.s.close()
			}
		}()
		return nil, errHung
	}
}

// record opens the one backend and the one device it is told to. Left to
// choose, the library would take a null device or a monitor and call it success.
func record(m microphone) (*stream, error) {
	backend, ok := backends[m.backend]
	if !ok {
		return nil, fmt.Errorf("backend %q: %w", m.backend, errors.ErrUnsupported)
	}
	var pin runtime.Pinner // names that C reads during the call
	defer pin.Unpin()
	lib, err := malgo.InitContext([]malgo.Backend{backend}, contextConfig(m, &pin), nil)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", m.backend, reason(m, err))
	}
	free := func() { lib.Uninit(); lib.Free() }

	id := deviceID(m.id)
	cfg := malgo.DefaultDeviceConfig(malgo.Capture)
	cfg.Capture.DeviceID = id.Pointer() // C memory, never freed: a few bytes, once a process
	cfg.Capture.Format = malgo.FormatF32
	cfg.Capture.Channels = 1
	cfg.SampleRate = rate
	cfg.PeriodSizeInMilliseconds = 10
	cfg.Pulse.StreamNameCapture = streamName

	frames, ended := make(chan []float32, 1024), make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	dev, err := malgo.InitDevice(lib.Context, cfg, malgo.DeviceCallbacks{
		Data: func(_, in []byte, _ uint32) {
			select {
			case frames <- samples(in):
			default: // ten seconds behind: nobody listens any more
			}
		},
		Stop: end,
	})
	if err != nil {
		free()
		return nil, fmt.Errorf("open %s: %w", m.backend, reason(m, err))
	}
	if err := dev.Start(); err != nil {
		go func() { dev.Uninit(); free() }()
		return nil, fmt.Errorf("start recording: %w", reason(m, err))
	}
	return &stream{frames: frames, ended: ended, close: func() { go func() { dev.Uninit(); free() }() }}, nil
}

// deviceID is an id as the library keeps it: as much as fits, then zeros.
func deviceID(id string) (d malgo.DeviceID) {
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&d)), unsafe.Sizeof(d)-2), nativeID(id))
	return d
}

// What other programs show while we listen.
const (
	programName  = "Raisehand"
	streamName   = "Raisehand microphone test"
	playbackName = "Raisehand microphone test"
)

// cstring is a Go string as C reads it, valid until the pin is taken out.
func cstring(pin *runtime.Pinner, s string) *byte {
	b := append([]byte(s), 0)
	pin.Pin(&b[0])
	return &b[0]
}

// samples copies what lies in the driver's memory.
func samples(in []byte) []float32 {
	out := make([]float32, len(in)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.NativeEndian.Uint32(in[4*i:]))
	}
	return out
}

// reason adds what a driver's error means, where that is known.
func reason(m microphone, err error) error {
	switch {
	case errors.Is(err, malgo.ErrAccessDenied):
		return errors.Join(errDenied, err)
	case errors.Is(err, malgo.ErrBusy), errors.Is(err, malgo.ErrAlreadyInUse):
		return errors.Join(holder(m), err)
	case errors.Is(err, malgo.ErrNoDevice), errors.Is(err, malgo.ErrUnavailable):
		return errors.Join(errUnplugged, err)
	case errors.Is(err, malgo.ErrNoBackend), errors.Is(err, malgo.ErrFailedToInitBackend):
		return errors.Join(errNoServer, err)
	}
	return err
}
