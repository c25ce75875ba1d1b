package speaker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"syscall"
	"time"
	"unicode/utf16"
	"unsafe"

	"github.com/gen2brain/malgo"
	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows"
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

const (
	flowRender         = 0
	roleConsole        = 0 // what the loudspeaker beside the clock sets
	roleCommunications = 2
	stateActive        = 1
	stateUnplugged     = 8
	sessionActive      = 1
	sessionExpired     = 2
	clsctxAll          = 23
	variantNumber      = 19
	variantText        = 31

	formHeadphones = 3
	formHeadset    = 5
	formDigital    = 7 // and 8: S/PDIF
	formSPDIF      = 8
	formDisplay    = 9

	notFound          = 0x80070490 // E_NOTFOUND
	serviceNotRunning = 0x88890010 // AUDCLNT_E_SERVICE_NOT_RUNNING
)

// look asks Core Audio. Its calls go to the sound service and have no deadline
// of their own.
func (thisComputer) look(ctx context.Context) (view, error) {
	return bounded(ctx, func() (v view, err error) {
		err = withEnumerator(func(root *ole.IUnknown) error {
			v, err = listEndpoints(root)
			return err
		})
		if err == nil && v.count() == 0 && !serviceRuns() {
			err = fmt.Errorf("the Windows Audio service does not run: %w", errHung)
		}
		return v, err
	})
}

// withEnumerator is a conversation with the sound service. COM is initialised
// for a thread, so it stays on one.
func withEnumerator(do func(root *ole.IUnknown) error) error {
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
	return do(root)
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
		return fmt.Errorf("%w: %w", errHung, ole.NewError(hr))
	case code == notFound:
		return fmt.Errorf("%w: %w", errNone, ole.NewError(hr))
	case code&0x80000000 != 0:
		return ole.NewError(hr)
	}
	return nil
}

// listEndpoints takes sockets with nothing in them too: where they are all
// there is, that is what is wrong.
func listEndpoints(root *ole.IUnknown) (view, error) {
	var list *ole.IUnknown
	if err := call(root, 3, flowRender, stateActive|stateUnplugged, uintptr(unsafe.Pointer(&list))); err != nil { // EnumAudioEndpoints
		return view{}, fmt.Errorf("list loudspeakers: %w", err)
	}
	defer list.Release()
	var n uint32
	if err := call(list, 3, uintptr(unsafe.Pointer(&n))); err != nil { // GetCount
		return view{}, fmt.Errorf("count loudspeakers: %w", err)
	}
	chosen := defaultEndpoint(root)
	v := view{server: "Windows Audio"}
	for i := range n {
		var dev *ole.IUnknown
		if call(list, 4, uintptr(i), uintptr(unsafe.Pointer(&dev))) != nil { // Item: gone since it was counted
			continue
		}
		o := endpoint(dev)
		o.byDefault = o.id == chosen
		v.all = append(v.all, o)
		v.plays = append(v.plays, sessions(dev, o.id)...)
		dev.Release()
	}
	return v, nil
}

// defaultEndpoint is the id of the output that everything plays on, "" if none.
func defaultEndpoint(root *ole.IUnknown) string {
	for _, role := range []uintptr{roleConsole, roleCommunications} {
		var dev *ole.IUnknown
		if call(root, 4, flowRender, role, uintptr(unsafe.Pointer(&dev))) == nil { // GetDefaultAudioEndpoint
			defer dev.Release()
			return endpointID(dev)
		}
	}
	return ""
}

func endpointID(dev *ole.IUnknown) string {
	var text *uint16
	if call(dev, 5, uintptr(unsafe.Pointer(&text))) != nil { // GetId
		return ""
	}
	defer ole.CoTaskMemFree(uintptr(unsafe.Pointer(text)))
	return windows.UTF16PtrToString(text)
}

// endpoint reads one output. What it does not tell stays unknown.
func endpoint(dev *ole.IUnknown) output {
	o := output{id: endpointID(dev), volume: unknownVolume}
	o.name, o.kind = properties(dev)
	var state uint32
	if call(dev, 6, uintptr(unsafe.Pointer(&state))) == nil && state == stateUnplugged { // GetState
		o.socket = empty
		return o
	}
	vol := activate(dev, endpointVolume)
	if vol == nil {
		return o
	}
	defer vol.Release()
	var level, scalar float32
	if call(vol, 9, uintptr(unsafe.Pointer(&scalar))) == nil { // GetMasterVolumeLevelScalar
		o.volume = math.Round(1000*float64(scalar)) / 10
	}
	if call(vol, 8, uintptr(unsafe.Pointer(&level))) == nil { // GetMasterVolumeLevel, dB
		o.gain = float64(level)
	}
	var muted int32
	if call(vol, 15, uintptr(unsafe.Pointer(&muted))) == nil { // GetMute
		o.muted = muted != 0
	}
	return o
}

func activate(dev *ole.IUnknown, iid *ole.GUID) *ole.IUnknown {
	var object *ole.IUnknown
	if call(dev, 3, uintptr(unsafe.Pointer(iid)), clsctxAll, 0, uintptr(unsafe.Pointer(&object))) != nil {
		return nil
	}
	return object
}

// variant is a PROPVARIANT that holds a number or a text.
type variant struct {
	kind uint16
	_    [3]uint16
	text *uint16 // or a number in its first four bytes
	_    uintptr
}

func properties(dev *ole.IUnknown) (name string, k kind) {
	var store *ole.IUnknown
	if call(dev, 4, 0, uintptr(unsafe.Pointer(&store))) != nil { // OpenPropertyStore, for reading
		return "", anyKind
	}
	defer store.Release()
	var value variant
	key := friendlyName
	if call(store, 5, uintptr(unsafe.Pointer(&key)), uintptr(unsafe.Pointer(&value))) == nil && value.kind == variantText { // GetValue
		name = windows.UTF16PtrToString(value.text)
		ole.CoTaskMemFree(uintptr(unsafe.Pointer(value.text)))
	}
	var form variant
	key = formFactor
	if call(store, 5, uintptr(unsafe.Pointer(&key)), uintptr(unsafe.Pointer(&form))) == nil && form.kind == variantNumber {
		switch *(*uint32)(unsafe.Pointer(&form.text)) {
		case formHeadphones, formHeadset:
			k = headphones
		case formDigital, formSPDIF:
			k = digital
		case formDisplay:
			k = screen
		}
	}
	return name, k
}

// sessions are the programs that play, or could play at once, on dev.
func sessions(dev *ole.IUnknown, id string) (all []playing) {
	manager := activate(dev, sessionManager2)
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
		if p, ok := sessionPlaying(session); ok && p.pid != os.Getpid() {
			p.output = id
			all = append(all, p)
		}
		session.Release()
	}
	return all
}

// sessionPlaying reads a session; ok is false for one that has ended, and for
// the system's own sounds.
func sessionPlaying(session *ole.IUnknown) (p playing, ok bool) {
	var state int32
	if call(session, 3, uintptr(unsafe.Pointer(&state))) != nil || state == sessionExpired { // GetState
		return p, false
	}
	p.paused, p.volume = state != sessionActive, unknownVolume
	control := queried(session, sessionControl2)
	if control == nil {
		return p, false
	}
	defer control.Release()
	var pid uint32
	if call(control, 14, uintptr(unsafe.Pointer(&pid))) != nil || pid == 0 { // GetProcessId
		return p, false
	}
	p.pid = int(pid)
	vol := queried(session, sessionVolume)
	if vol == nil {
		return p, true
	}
	defer vol.Release()
	var level float32
	if call(vol, 4, uintptr(unsafe.Pointer(&level))) == nil { // GetMasterVolume: of the amplitude
		p.volume, p.gain = 100*float64(level), dB(float64(level))
	}
	var muted int32
	if call(vol, 6, uintptr(unsafe.Pointer(&muted))) == nil { // GetMute
		p.muted = muted != 0
	}
	return p, true
}

func queried(object *ole.IUnknown, iid *ole.GUID) *ole.IUnknown {
	var other *ole.IUnknown
	if call(object, 0, uintptr(unsafe.Pointer(iid)), uintptr(unsafe.Pointer(&other))) != nil { // QueryInterface
		return nil
	}
	return other
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
		return struct{}{}, withMeter(o, func(meter *ole.IUnknown) error {
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
				var peak float32
				if err := call(meter, 3, uintptr(unsafe.Pointer(&peak))); err != nil { // GetPeakValue
					return fmt.Errorf("read the meter: %w", err)
				}
				if !each(dB(float64(peak))) {
					return nil
				}
			}
		})
	})
	return err
}

func withMeter(o output, do func(meter *ole.IUnknown) error) error {
	return withEnumerator(func(root *ole.IUnknown) error {
		id, err := windows.UTF16PtrFromString(o.id)
		if err != nil {
			return fmt.Errorf("find the loudspeaker: %w", err)
		}
		var dev *ole.IUnknown
		if err := call(root, 5, uintptr(unsafe.Pointer(id)), uintptr(unsafe.Pointer(&dev))); err != nil { // GetDevice
			return fmt.Errorf("find the loudspeaker: %w", err)
		}
		defer dev.Release()
		meter := activate(dev, endpointMeter)
		if meter == nil {
			return fmt.Errorf("open the meter: %w", errors.ErrUnsupported)
		}
		defer meter.Release()
		return do(meter)
	})
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
