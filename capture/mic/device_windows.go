package mic

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unicode/utf16"
	"unsafe"

	"github.com/gen2brain/malgo"
	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows/registry"
)

// backends are the ways to record here.
var backends = map[string]malgo.Backend{"wasapi": malgo.BackendWasapi}

const listsHolders = true

// playBy are the backends to play by.
var playBy = []string{"wasapi"}

func soundServer(context.Context) string { return "" }

// nativeID is an endpoint's id in UTF-16.
func nativeID(id string) []byte {
	var raw []byte
	for _, c := range utf16.Encode([]rune(id)) {
		raw = append(raw, byte(c), byte(c>>8))
	}
	return raw
}

func contextConfig(microphone, *runtime.Pinner) malgo.ContextConfig { return malgo.ContextConfig{} }

// holder: Windows does not say who has an endpoint for itself.
func holder(microphone) busyError { return busyError{} }

// look asks Core Audio. Its calls go to the sound service and have no deadline
// of their own.
func (thisComputer) look(ctx context.Context) (view, error) { return bounded(ctx, askEndpoints) }

// Core Audio's names and numbers, from mmdeviceapi.h, endpointvolume.h and
// audiopolicy.h.
var (
	deviceEnumeratorClass = ole.NewGUID("{BCDE0395-E52F-467C-8E3D-C4579291692E}")
	deviceEnumerator      = ole.NewGUID("{A95664D2-9614-4F35-A746-DE8DB63617E6}")
	endpointVolume        = ole.NewGUID("{5CDF2C82-841E-4546-9722-0CF74078229A}")
	sessionManager2       = ole.NewGUID("{77AA99A0-1BD6-484F-8BC7-2C7C154BA63A}")
	sessionControl2       = ole.NewGUID("{BFB7FF88-7239-4FC9-8FA2-07C950BE9C6D}")
	friendlyName          = propertyKey{*ole.NewGUID("{A45C254E-DF1C-4EFD-8020-67D146A850E0}"), 14}
)

type propertyKey struct {
	set ole.GUID
	id  uint32
}

const (
	flowCapture        = 1
	roleConsole        = 0
	roleCommunications = 2 // what class apps take as "same as system"
	stateActive        = 1
	clsctxAll          = 23
	variantText        = 31

	serviceNotRunning = 0x88890010 // AUDCLNT_E_SERVICE_NOT_RUNNING
)

func askEndpoints() (view, error) {
	runtime.LockOSThread() // COM is initialised for a thread
	defer runtime.UnlockOSThread()
	if err := ole.CoInitializeEx(0, ole.COINIT_MULTITHREADED); err == nil || already(err) {
		defer ole.CoUninitialize()
	}
	root, err := ole.CreateInstance(deviceEnumeratorClass, deviceEnumerator)
	if err != nil {
		return view{}, fmt.Errorf("ask for the sound service: %w", err)
	}
	defer root.Release()
	var list *ole.IUnknown
	if err := call(root, 3, flowCapture, stateActive, uintptr(unsafe.Pointer(&list))); err != nil { // EnumAudioEndpoints
		return view{}, fmt.Errorf("list microphones: %w", err)
	}
	defer list.Release()
	var n uint32
	if err := call(list, 3, uintptr(unsafe.Pointer(&n))); err != nil { // GetCount
		return view{}, fmt.Errorf("count microphones: %w", err)
	}
	chosen, permitted := defaultEndpoint(root), permission(allowed)
	if microphonesDenied() {
		permitted = denied
	}
	v := view{server: "Windows Audio"}
	for i := range n {
		var dev *ole.IUnknown
		if call(list, 4, uintptr(i), uintptr(unsafe.Pointer(&dev))) != nil { // Item: gone since it was counted
			continue
		}
		m := endpoint(dev)
		m.byDefault, m.permission = m.id == chosen, permitted
		v.all = append(v.all, m)
		dev.Release()
	}
	return v, nil
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
	case code&0x80000000 != 0:
		return ole.NewError(hr)
	}
	return nil
}

// defaultEndpoint is the id of the microphone that a call would use, "" if none.
func defaultEndpoint(root *ole.IUnknown) string {
	for _, role := range []uintptr{roleCommunications, roleConsole} {
		var dev *ole.IUnknown
		if call(root, 4, flowCapture, role, uintptr(unsafe.Pointer(&dev))) == nil { // GetDefaultAudioEndpoint
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
	return wide(text)
}

// endpoint reads one microphone. What it does not tell stays unknown.
func endpoint(dev *ole.IUnknown) microphone {
	m := microphone{id: endpointID(dev), name: endpointName(dev), backend: "wasapi", volume: unknownVolume}
	m.monitor = slices.ContainsFunc(mixes, func(mix string) bool { return strings.Contains(m.name, mix) })
	if vol := activate(dev, endpointVolume); vol != nil {
		defer vol.Release()
		var level float32
		if call(vol, 9, uintptr(unsafe.Pointer(&level))) == nil { // GetMasterVolumeLevelScalar
			m.volume = math.Round(1000*float64(level)) / 10
		}
		var muted int32
		if call(vol, 15, uintptr(unsafe.Pointer(&muted))) == nil { // GetMute
			m.muted = muted != 0
		}
	}
	m.users = sessions(dev)
	return m
}

// mixes are the names under which sound drivers offer what the speaker plays as
// if it were a microphone.
var mixes = []string{"Stereo Mix", "立体声混音", "立體聲混音", "What U Hear", "Wave Out Mix"}

func activate(dev *ole.IUnknown, iid *ole.GUID) *ole.IUnknown {
	var object *ole.IUnknown
	if call(dev, 3, uintptr(unsafe.Pointer(iid)), clsctxAll, 0, uintptr(unsafe.Pointer(&object))) != nil {
		return nil
	}
	return object
}

func endpointName(dev *ole.IUnknown) string {
	var store *ole.IUnknown
	if call(dev, 4, 0, uintptr(unsafe.Pointer(&store))) != nil { // OpenPropertyStore, for reading
		return ""
	}
	defer store.Release()
	var value struct { // PROPVARIANT
		kind uint16
		_    [3]uint16
		text *uint16
		_    uintptr
	}
	key := friendlyName
	if call(store, 5, uintptr(unsafe.Pointer(&key)), uintptr(unsafe.Pointer(&value))) != nil || value.kind != variantText { // GetValue
		return ""
	}
	defer ole.CoTaskMemFree(uintptr(unsafe.Pointer(value.text)))
	return wide(value.text)
}

// sessions are the processes that record from dev now.
func sessions(dev *ole.IUnknown) []int {
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
	var pids []int
	for i := range n {
		var session *ole.IUnknown
		if call(list, 4, uintptr(i), uintptr(unsafe.Pointer(&session))) != nil { // GetSession
			continue
		}
		if pid := sessionProcess(session); pid > 0 && pid != os.Getpid() {
			pids = append(pids, pid)
		}
		session.Release()
	}
	return pids
}

// sessionProcess is the process of a session that records, 0 if it does not.
func sessionProcess(session *ole.IUnknown) int {
	var state int32
	if call(session, 3, uintptr(unsafe.Pointer(&state))) != nil || state != stateActive { // GetState
		return 0
	}
	var control *ole.IUnknown
	if call(session, 0, uintptr(unsafe.Pointer(sessionControl2)), uintptr(unsafe.Pointer(&control))) != nil { // QueryInterface
		return 0
	}
	defer control.Release()
	var pid uint32
	if call(control, 14, uintptr(unsafe.Pointer(&pid))) != nil { // GetProcessId
		return 0
	}
	return int(pid)
}

func wide(text *uint16) string {
	if text == nil {
		return ""
	}
	var all []uint16
	for p := unsafe.Pointer(text); *(*uint16)(p) != 0; p = unsafe.Add(p, 2) {
		all = append(all, *(*uint16)(p))
	}
	return string(utf16.Decode(all))
}

// consent is where Windows keeps who may use the microphone: for the computer,
// for the user, and for programs that do not come from its store.
const consent = `SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone`

func microphonesDenied() bool {
	return says(registry.LOCAL_MACHINE, consent, "Deny") ||
		says(registry.CURRENT_USER, consent, "Deny") ||
		says(registry.CURRENT_USER, consent+`\NonPackaged`, "Deny")
}

func says(root registry.Key, path, word string) bool {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return false // an older Windows without that switch
	}
	defer k.Close()
	value, _, err := k.GetStringValue("Value")
	return err == nil && strings.EqualFold(value, word)
}
