package mic

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/gen2brain/malgo"
	"golang.org/x/sys/unix"

	"raisehand/capture"
)

// backends are the ways to record here. PulseAudio is also what PipeWire speaks.
var backends = map[string]malgo.Backend{
	"pulseaudio": malgo.BackendPulseaudio,
	"alsa":       malgo.BackendAlsa,
}

const listsHolders = true

// playBy are the backends to play by, the first that is there.
var playBy = []string{"pulseaudio", "alsa"}

// soundServer is where the sound server is, "" if the library is to look.
func soundServer(ctx context.Context) string {
	s, err := capture.DialSound(ctx, nil)
	if err != nil {
		return ""
	}
	s.Close()
	return s.Address
}

// nativeID is a name in bytes.
func nativeID(id string) []byte { return []byte(id) }

// contextConfig names us to the sound server and the server to the library: it
// must record from the one we asked, and never start one.
func contextConfig(m microphone, pin *runtime.Pinner) malgo.ContextConfig {
	var c malgo.ContextConfig
	c.Pulse.PApplicationName = cstring(pin, programName)
	if m.server != "" {
		c.Pulse.PServerName = cstring(pin, m.server)
	}
	return c
}

// look asks the sound server. Without one, the sound cards are recorded from
// directly.
func (thisComputer) look(ctx context.Context) (view, error) {
	v, err := bounded(ctx, func() (view, error) { return askPulse(ctx) })
	if !errors.Is(err, errNoServer) {
		return v, err
	}
	if pipeWireRuns(ctx) {
		return view{}, fmt.Errorf("%w: %w", errNoPulse, err)
	}
	cards, cardsErr := lookALSA("/proc/asound", "/dev/snd")
	if cardsErr != nil {
		return view{}, fmt.Errorf("%w; %w", err, cardsErr)
	}
	if len(cards.all) == 0 { // a headset over Bluetooth would need the server too
		return view{}, err
	}
	return cards, nil
}

// pipeWireRuns says whether PipeWire itself is there. Where its PulseAudio part
// is not, class programs find no sound, although the cards could be recorded
// from.
func pipeWireRuns(ctx context.Context) bool {
	for _, name := range []string{"PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR"} {
		dir := os.Getenv(name)
		if dir == "" {
			continue
		}
		var d net.Dialer
		if c, err := d.DialContext(ctx, "unix", filepath.Join(dir, "pipewire-0")); err == nil {
			c.Close()
			return true
		}
	}
	return false
}

// lookALSA lists what the sound cards can record, from the kernel's own files:
// the library would list a dozen devices that do not exist.
func lookALSA(proc, dev string) (view, error) {
	raw, err := os.ReadFile(filepath.Join(proc, "pcm"))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return view{}, nil
		}
		return view{}, fmt.Errorf("list sound cards: %w", err)
	}
	v := view{server: "none"}
	for line := range strings.Lines(string(raw)) {
		// "00-02: ALC257 Analog : ALC257 Analog : playback 1 : capture 1"
		part := strings.Split(strings.TrimSpace(line), ": ")
		var card, device int
		if n, _ := fmt.Sscanf(part[0], "%d-%d", &card, &device); n != 2 || !strings.Contains(line, ": capture ") {
			continue
		}
		m := microphone{
			id: fmt.Sprintf(":%d,%d", card, device), name: strings.TrimSpace(part[1]), backend: "alsa",
			byDefault: len(v.all) == 0, volume: unknownVolume, exclusive: true,
		}
		node := filepath.Join(dev, fmt.Sprintf("pcmC%dD%dc", card, device))
		if errors.Is(unix.Access(node, unix.R_OK|unix.W_OK), unix.EACCES) {
			m.permission = denied
		}
		if pid := alsaOwner(proc, card, device); pid > 0 {
			m.users = []int{pid}
		}
		v.all = append(v.all, m)
	}
	return v, nil
}

// alsaOwner is the process that records from a card now, 0 if none does.
func alsaOwner(proc string, card, device int) int {
	raw, err := os.ReadFile(filepath.Join(proc, fmt.Sprintf("card%d/pcm%dc/sub0/status", card, device)))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) { // "owner_pid   : 4711"
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "owner_pid" {
			pid, _ := strconv.Atoi(strings.TrimSpace(value))
			return pid
		}
	}
	return 0
}

// holder says who has m for itself.
func holder(m microphone) busyError {
	var card, device int
	if n, _ := fmt.Sscanf(m.id, ":%d,%d", &card, &device); n != 2 {
		return busyError{}
	}
	b := busyError{pid: alsaOwner("/proc/asound", card, device)}
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", b.pid)); err == nil {
		b.program = strings.TrimSpace(string(name))
	}
	return b
}
