package capture

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows"
)

// ErrSoundServiceStopped is Core Audio without the Windows Audio service.
var ErrSoundServiceStopped = errors.New("the Windows Audio service does not run")

// Core Audio's names and numbers, from mmdeviceapi.h, endpointvolume.h and
// audiopolicy.h.
var (
	deviceEnumeratorClass = ole.NewGUID("{BCDE0395-E52F-467C-8E3D-C4579291692E}")
	deviceEnumerator      = ole.NewGUID("{A95664D2-9614-4F35-A746-DE8DB63617E6}")
	endpointVolume        = ole.NewGUID("{5CDF2C82-841E-4546-9722-0CF74078229A}")
	endpointMeter         = ole.NewGUID("{C02216F6-8C67-4B5B-9D00-D008E73E0064}")
	sessionManager2       = ole.NewGUID("{77AA99A0-1BD6-484F-8BC7-2C7C154BA63A}")
	sessionControl2       = ole.NewGUID("{BFB7FF88-7239-4FC9-8FA2-07C950BE9C6D}")
	sessionVolume         = ole.NewGUID("{87CE5498-68D6-44E5-9215-6DA47EF883D8}")
	friendlyName          = propertyKey{*ole.NewGUID("{A45C254E-DF1C-4EFD-8020-67D146A850E0}"), 14}
	formFactor            = propertyKey{*ole.NewGUID("{1DA5D803-D492-4EDD-8C23-E0C0FFEE7F0E}"), 0}
)

type propertyKey struct {
	set ole.GUID
	id  uint32
}

// Flow is which way an endpoint's sound goes.
type Flow uintptr

// Role is what a default endpoint is the default for.
type Role uintptr

// What Core Audio calls things.
const (
	Playback  Flow = 0 // to loudspeakers
	Recording Flow = 1 // from microphones

	Console        Role = 0 // what the loudspeaker beside the clock sets
	Communications Role = 2 // what class apps take as "same as system"

	EndpointActive    = 1
	EndpointUnplugged = 8 // its socket is empty

	FormHeadphones = 3
	FormHeadset    = 5
	FormDigital    = 7
	FormSPDIF      = 8
	FormDisplay    = 9 // HDMI and DisplayPort

	clsctxAll      = 23
	variantNumber  = 19
	variantText    = 31
	sessionActive  = 1
	sessionExpired = 2

	serviceNotRunning = 0x88890010 // AUDCLNT_E_SERVICE_NOT_RUNNING
)

// Endpoints is a conversation with Core Audio.
type Endpoints struct{ root *ole.IUnknown }

// WithEndpoints holds a conversation with Core Audio. Its calls go to the sound
// service and have no deadline of their own; COM is initialised for a thread,
// so do must stay on this one.
func WithEndpoints(do func(Endpoints) error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := ole.CoInitializeEx(0, ole.COINIT_MULTITHREADED); err == nil || already(err) {
		defer ole.CoUninitialize()
	}
	root, err := ole.CreateInstance(deviceEnumeratorClass, deviceEnumerator)
	if err != nil {
		return fmt.Errorf("ask for the sound service: %w", err)
	}
	defer root.Release()
	return do(Endpoints{root})
}

// already is S_FALSE: this thread has COM.
func already(err error) bool {
	var e *ole.OleError
	return errors.As(err, &e) && e.Code() == 1
}

// call calls a COM method by its place in the interface. What the arguments
// point to must not move meanwhile.
//
//go:uintptrescapes
func call(object *ole.IUnknown, method uintptr, args ...uintptr) error {
	table := (*[32]uintptr)(unsafe.Pointer(object.RawVTable))
	hr, _, _ := syscall.SyscallN(table[method], append([]uintptr{uintptr(unsafe.Pointer(object))}, args...)...)
	switch code := uint32(hr); {
	case code == serviceNotRunning:
		return fmt.Errorf("%w: %w", ErrSoundServiceStopped, ole.NewError(hr))
	case code&0x80000000 != 0:
		return ole.NewError(hr)
	}
	return nil
}

// Each tells do every endpoint of a flow in one of the states. It is gone when
// do returns.
func (e Endpoints) Each(flow Flow, states uint32, do func(Endpoint)) error {
	var list *ole.IUnknown
	if err := call(e.root, 3, uintptr(flow), uintptr(states), uintptr(unsafe.Pointer(&list))); err != nil { // EnumAudioEndpoints
		return fmt.Errorf("list sound devices: %w", err)
	}
	defer list.Release()
	var n uint32
	if err := call(list, 3, uintptr(unsafe.Pointer(&n))); err != nil { // GetCount
		return fmt.Errorf("count sound devices: %w", err)
	}
	for i := range n {
		var dev *ole.IUnknown
		if call(list, 4, uintptr(i), uintptr(unsafe.Pointer(&dev))) != nil { // Item: gone since it was counted
			continue
		}
		do(Endpoint{dev})
		dev.Release()
	}
	return nil
}

// Default is the id of a flow's default endpoint, for the first of the roles
// that has one; "" if none has.
func (e Endpoints) Default(flow Flow, roles ...Role) string {
	for _, role := range roles {
		var dev *ole.IUnknown
		if call(e.root, 4, uintptr(flow), uintptr(role), uintptr(unsafe.Pointer(&dev))) == nil { // GetDefaultAudioEndpoint
			defer dev.Release()
			return Endpoint{dev}.ID()
		}
	}
	return ""
}

// Meter lets do read how loud an endpoint is just now: the peak, full scale 1.
func (e Endpoints) Meter(id string, do func(peak func() (float64, error)) error) error {
	name, err := windows.UTF16PtrFromString(id)
	if err != nil {
		return fmt.Errorf("find a sound device: %w", err)
	}
	var dev *ole.IUnknown
	if err := call(e.root, 5, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&dev))); err != nil { // GetDevice
		return fmt.Errorf("find a sound device: %w", err)
	}
	defer dev.Release()
	meter := Endpoint{dev}.activate(endpointMeter)
	if meter == nil {
		return fmt.Errorf("open the meter: %w", errors.ErrUnsupported)
	}
	defer meter.Release()
	return do(func() (float64, error) {
		var peak float32
		err := call(meter, 3, uintptr(unsafe.Pointer(&peak))) // GetPeakValue
		return float64(peak), err
	})
}

// Endpoint is a microphone or a loudspeaker. What it does not tell is the zero
// value.
type Endpoint struct{ dev *ole.IUnknown }

// ID is how Core Audio knows it.
func (d Endpoint) ID() string {
	var text *uint16
	if call(d.dev, 5, uintptr(unsafe.Pointer(&text))) != nil { // GetId
		return ""
	}
	defer ole.CoTaskMemFree(uintptr(unsafe.Pointer(text)))
	return windows.UTF16PtrToString(text)
}

// Unplugged says whether its socket is empty.
func (d Endpoint) Unplugged() bool {
	var state uint32
	return call(d.dev, 6, uintptr(unsafe.Pointer(&state))) == nil && state == EndpointUnplugged // GetState
}

// Name is how a person knows it.
func (d Endpoint) Name() (name string) {
	d.property(friendlyName, func(v *variant) {
		if v.kind == variantText {
			name = windows.UTF16PtrToString(v.text)
			ole.CoTaskMemFree(uintptr(unsafe.Pointer(v.text)))
		}
	})
	return name
}

// Form is what it is made for: FormHeadset, …
func (d Endpoint) Form() (form uint32) {
	d.property(formFactor, func(v *variant) {
		if v.kind == variantNumber {
			form = *(*uint32)(unsafe.Pointer(&v.text))
		}
	})
	return form
}

// variant is a PROPVARIANT that holds a number or a text.
type variant struct {
	kind uint16
	_    [3]uint16
	text *uint16 // or a number in its first four bytes
	_    uintptr
}

func (d Endpoint) property(key propertyKey, read func(*variant)) {
	var store *ole.IUnknown
	if call(d.dev, 4, 0, uintptr(unsafe.Pointer(&store))) != nil { // OpenPropertyStore, for reading
		return
	}
	defer store.Release()
	var value variant
	if call(store, 5, uintptr(unsafe.Pointer(&key)), uintptr(unsafe.Pointer(&value))) == nil { // GetValue
		read(&value)
	}
}

// Volume is how loud an endpoint or a program is set.
type Volume struct {
	Known   bool
	Percent float64 // of the slider
	DB      float64 // what that does to a sound
	Muted   bool
}

// Volume is the endpoint's own.
func (d Endpoint) Volume() (v Volume) {
	vol := d.activate(endpointVolume)
	if vol == nil {
		return v
	}
	defer vol.Release()
	var level, scalar float32
	if call(vol, 9, uintptr(unsafe.Pointer(&scalar))) == nil { // GetMasterVolumeLevelScalar
		v.Known, v.Percent = true, math.Round(1000*float64(scalar))/10
	}
	if call(vol, 8, uintptr(unsafe.Pointer(&level))) == nil { // GetMasterVolumeLevel
		v.DB = float64(level)
	}
	var muted int32
	if call(vol, 15, uintptr(unsafe.Pointer(&muted))) == nil { // GetMute
		v.Muted = muted != 0
	}
	return v
}

func (d Endpoint) activate(iid *ole.GUID) *ole.IUnknown {
	var object *ole.IUnknown
	if call(d.dev, 3, uintptr(unsafe.Pointer(iid)), clsctxAll, 0, uintptr(unsafe.Pointer(&object))) != nil {
		return nil
	}
	return object
}

// SoundSession is a program that uses an endpoint, or could at once.
type SoundSession struct {
	PID    int
	Active bool // sound flows now
	Volume Volume
}

// Sessions are the programs on an endpoint. The system's own sounds are none.
func (d Endpoint) Sessions() (all []SoundSession) {
	manager := d.activate(sessionManager2)
	if manager == nil {
		return nil
	}
	defer manager.Release()
	var list *ole.IUnknown
	if call(manager, 5, uintptr(unsafe.Pointer(&list))) != nil { // GetSessionEnumerator
		return nil
	}
	defer list.Release()
	var n int32
	if call(list, 3, uintptr(unsafe.Pointer(&n))) != nil { // GetCount
		return nil
	}
	for i := range n {
		var session *ole.IUnknown
		if call(list, 4, uintptr(i), uintptr(unsafe.Pointer(&session))) != nil { // GetSession
			continue
		}
		if s, ok := readSession(session); ok {
			all = append(all, s)
		}
		session.Release()
	}
	return all
}

// readSession reads a session; ok is false for one that has ended or belongs
// to no program.
func readSession(session *ole.IUnknown) (s SoundSession, ok bool) {
	var state int32
	if call(session, 3, uintptr(unsafe.Pointer(&state))) != nil || state == sessionExpired { // GetState
		return s, false
	}
	s.Active = state == sessionActive
	control := queried(session, sessionControl2)
	if control == nil {
		return s, false
	}
	defer control.Release()
	var pid uint32
	if call(control, 14, uintptr(unsafe.Pointer(&pid))) != nil || pid == 0 { // GetProcessId
		return s, false
	}
	s.PID = int(pid)
	vol := queried(session, sessionVolume)
	if vol == nil {
		return s, true
	}
	defer vol.Release()
	var level float32
	if call(vol, 4, uintptr(unsafe.Pointer(&level))) == nil { // GetMasterVolume: of the amplitude
		s.Volume = Volume{Known: true, Percent: 100 * float64(level), DB: 20 * math.Log10(max(float64(level), 1e-6))}
	}
	var muted int32
	if call(vol, 6, uintptr(unsafe.Pointer(&muted))) == nil { // GetMute
		s.Volume.Muted = muted != 0
	}
	return s, true
}

func queried(object *ole.IUnknown, iid *ole.GUID) *ole.IUnknown {
	var other *ole.IUnknown
	if call(object, 0, uintptr(unsafe.Pointer(iid)), uintptr(unsafe.Pointer(&other))) != nil { // QueryInterface
		return nil
	}
	return other
}
