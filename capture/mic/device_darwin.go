package mic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/gen2brain/malgo"
)

// backends are the ways to record here.
var backends = map[string]malgo.Backend{"coreaudio": malgo.BackendCoreaudio}

const listsHolders = false

// playBy are the backends to play by.
var playBy = []string{"coreaudio"}

func soundServer(context.Context) string { return "" }

// nativeID is a UID in bytes.
func nativeID(id string) []byte { return []byte(id) }

func contextConfig(microphone, *runtime.Pinner) malgo.ContextConfig { return malgo.ContextConfig{} }

// holder: microphones are shared here.
func holder(microphone) busyError { return busyError{} }

// look asks Core Audio, through the library. Listing can hang: the library
// holds the lock that its own log needs.
func (thisComputer) look(ctx context.Context) (view, error) { return bounded(ctx, listDevices) }

func listDevices() (view, error) {
	access, err := authorization()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		access = notAsked
	case err != nil:
		return view{}, fmt.Errorf("ask whether the microphone is allowed: %w", err)
	}
	lib, err := malgo.InitContext([]malgo.Backend{malgo.BackendCoreaudio}, malgo.ContextConfig{}, nil)
	if err != nil {
		return view{}, fmt.Errorf("start Core Audio: %w", reason(microphone{}, err))
	}
	defer func() { lib.Uninit(); lib.Free() }()
	devices, err := lib.Devices(malgo.Capture)
	if err != nil {
		return view{}, fmt.Errorf("list microphones: %w", reason(microphone{}, err))
	}
	v := view{server: "Core Audio"}
	for _, d := range devices {
		v.all = append(v.all, microphone{
			id: uid(&d.ID), name: d.Name(), backend: "coreaudio", byDefault: d.IsDefault != 0,
			volume: unknownVolume, permission: access,
			wireless: !(microphone{name: d.Name()}).called(wired),
		})
	}
	return v, nil
}

// wired are names of microphones that are surely not wireless: whoever opens a
// wireless one here turns its music into a telephone's.
var wired = []string{"macbook", "imac", "built in", "内建", "usb", "studio display"}

// uid reads what nativeID writes.
func uid(id *malgo.DeviceID) string {
	text, _, _ := bytes.Cut(unsafe.Slice((*byte)(unsafe.Pointer(id)), unsafe.Sizeof(*id)), []byte{0})
	return string(text)
}

// authorization would ask AVCaptureDevice, which takes Objective-C. Until then
// complete silence may also mean that the microphone is not allowed.
func authorization() (permission, error) { return notAsked, errors.ErrUnsupported }
