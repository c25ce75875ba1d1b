//go:build windows || darwin

package speaker

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"
)

const (
	toneRate  = 48000
	emptiesIn = 150 * time.Millisecond // what the driver still holds when it has taken everything
)

// sound plays the tone through the driver. Its calls can hang for ever and
// cannot be cancelled; then they are left behind, to end with this process.
func sound(ctx context.Context, o output) error {
	_, err := bounded(ctx, func() (struct{}, error) { return struct{}{}, through(ctx, o) })
	return err
}

func through(ctx context.Context, o output) error {
	lib, err := malgo.InitContext([]malgo.Backend{backend}, malgo.ContextConfig{}, nil)
	if err != nil {
		return fmt.Errorf("start the sound driver: %w", reason(err))
	}
	free := func() { lib.Uninit(); lib.Free() }

	var id malgo.DeviceID
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&id)), unsafe.Sizeof(id)-2), nativeID(o.id))
	cfg := malgo.DefaultDeviceConfig(malgo.Playback)
	cfg.Playback.DeviceID = id.Pointer() // C memory, never freed: a few bytes, once a process
	cfg.Playback.Format = malgo.FormatF32
	cfg.Playback.Channels = 1
	cfg.SampleRate = toneRate

	pcm, at, played := chirp(toneRate), 0, make(chan struct{})
	end := sync.OnceFunc(func() { close(played) })
	dev, err := malgo.InitDevice(lib.Context, cfg, malgo.DeviceCallbacks{
		Data: func(out, _ []byte, _ uint32) {
			for i := 0; i+4 <= len(out); i += 4 {
				x := float32(0)
				if at < len(pcm) {
					x = pcm[at]
					at++
				}
				binary.NativeEndian.PutUint32(out[i:], math.Float32bits(x))
			}
			if at == len(pcm) {
				end()
			}
		},
	})
	if err != nil {
		free()
		return fmt.Errorf("open the loudspeaker: %w", reason(err))
	}
	defer func() { go func() { dev.Uninit(); free() }() }() // does not wait: some drivers never return
	if err := dev.Start(); err != nil {
		return fmt.Errorf("begin to play: %w", reason(err))
	}
	select {
	case <-played:
	case <-ctx.Done():
		return fmt.Errorf("play the tone: %w", errLost)
	}
	select {
	case <-time.After(emptiesIn):
	case <-ctx.Done():
	}
	return nil
}

// reason adds what a driver's error means, where that is known.
func reason(err error) error {
	switch {
	case errors.Is(err, malgo.ErrAccessDenied):
		return errors.Join(errDenied, err)
	case errors.Is(err, malgo.ErrNoDevice), errors.Is(err, malgo.ErrUnavailable):
		return errors.Join(errNone, err)
	}
	return errors.Join(errLost, err)
}
