package mic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/gen2brain/malgo"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"raisehand/capture"
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

func askEndpoints() (view, error) {
	v, permitted := view{server: "Windows Audio"}, permission(allowed)
	if microphonesDenied() {
		permitted = denied
	}
	err := capture.WithEndpoints(func(all capture.Endpoints) error {
		chosen := all.Default(capture.Recording, capture.Communications, capture.Console)
		return all.Each(capture.Recording, capture.EndpointActive, func(d capture.Endpoint) {
			m := endpoint(d)
			m.byDefault, m.permission = m.id == chosen, permitted
			v.all = append(v.all, m)
		})
	})
	if errors.Is(err, capture.ErrSoundServiceStopped) {
		err = fmt.Errorf("%w: %w", errHung, err)
	}
	return v, err
}

// endpoint reads one microphone. What it does not tell stays unknown.
func endpoint(d capture.Endpoint) microphone {
	m := microphone{id: d.ID(), name: d.Name(), backend: "wasapi", volume: unknownVolume}
	m.monitor = slices.ContainsFunc(mixes, func(mix string) bool { return strings.Contains(m.name, mix) })
	if v := d.Volume(); v.Known {
		m.volume, m.muted = v.Percent, v.Muted
	}
	for _, s := range d.Sessions() {
		if s.Active && s.PID != os.Getpid() {
			m.users, m.programs = append(m.users, s.PID), append(m.programs, imageName(uint32(s.PID)))
		}
	}
	return m
}

// imageName is "zoom.exe", or "" for a process of somebody else's.
func imageName(pid uint32) string {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return ""
	}
	defer windows.CloseHandle(h)
	path := make([]uint16, windows.MAX_LONG_PATH)
	n := uint32(len(path))
	if windows.QueryFullProcessImageName(h, 0, &path[0], &n) != nil {
		return ""
	}
	return filepath.Base(windows.UTF16ToString(path[:n]))
}

// mixes are the names under which sound drivers offer what the speaker plays as
// if it were a microphone.
var mixes = []string{"Stereo Mix", "立体声混音", "立體聲混音", "What U Hear", "Wave Out Mix"}

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
