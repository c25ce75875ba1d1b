package speaker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"
)

const backend = malgo.BackendCoreaudio

// extras bounds what is good to know, but not needed: the system's own report
// may take seconds on a busy computer.
const extras = 1200 * time.Millisecond

// thisComputer is the computer we run on.
type thisComputer struct{}

// nativeID is a UID in bytes.
func nativeID(id string) []byte { return []byte(id) }

// look asks Core Audio through the library, and at the same time the system's
// own tools: how loud it is, and how each output is connected. Which program
// plays where, and what is plugged in, this system does not tell.
func (thisComputer) look(ctx context.Context) (view, error) {
	var loud volume
	var ways map[string]kind
	var both sync.WaitGroup
	more, stop := context.WithTimeout(ctx, extras)
	defer stop()
	both.Go(func() { loud = askVolume(more) })
	both.Go(func() { ways = askConnections(more) })
	v, err := bounded(ctx, listOutputs)
	if err != nil {
		return view{}, err
	}
	both.Wait()
	for i := range v.all {
		o := &v.all[i]
		o.kind = ways[o.name]
		if o.byDefault && loud.known {
			o.muted, o.volume, o.gain = loud.muted, loud.percent, 0
		}
	}
	return v, nil
}

func listOutputs() (view, error) {
	lib, err := malgo.InitContext([]malgo.Backend{backend}, malgo.ContextConfig{}, nil)
	if err != nil {
		return view{}, fmt.Errorf("start Core Audio: %w", err)
	}
	defer func() { lib.Uninit(); lib.Free() }()
	devices, err := lib.Devices(malgo.Playback)
	if err != nil {
		return view{}, fmt.Errorf("list loudspeakers: %w", err)
	}
	v := view{server: "Core Audio"}
	for _, d := range devices {
		v.all = append(v.all, output{id: uid(&d.ID), name: d.Name(), byDefault: d.IsDefault != 0, volume: unknownVolume})
	}
	return v, nil
}

// uid reads what nativeID writes.
func uid(id *malgo.DeviceID) string {
	text, _, _ := bytes.Cut(unsafe.Slice((*byte)(unsafe.Pointer(id)), unsafe.Sizeof(*id)), []byte{0})
	return string(text)
}

// volume is the default output's. A screen often has none of its own.
type volume struct {
	known   bool
	percent float64
	muted   bool
}

func askVolume(ctx context.Context) volume {
	out, err := exec.CommandContext(ctx, "/usr/bin/osascript", "-e", "get volume settings").Output()
	if err != nil {
		return volume{}
	}
	return readVolume(string(out))
}

// readVolume reads "output volume:44, input volume:75, alert volume:100, output
// muted:false". A device without a volume has "missing value".
func readVolume(said string) (v volume) {
	for _, part := range strings.Split(said, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), ":")
		switch key {
		case "output volume":
			percent, err := strconv.ParseFloat(value, 64)
			v.percent, v.known = percent, err == nil
		case "output muted":
			v.muted = value == "true"
		}
	}
	return v
}

// askConnections tells which outputs, by name, are in a screen.
func askConnections(ctx context.Context) map[string]kind {
	out, err := exec.CommandContext(ctx, "/usr/sbin/system_profiler", "-json", "SPAudioDataType").Output()
	if err != nil {
		return nil
	}
	var said struct {
		Groups []struct {
			Items []struct {
				Name      string `json:"_name"`
				Transport string `json:"coreaudio_device_transport"`
			} `json:"_items"`
		} `json:"SPAudioDataType"`
	}
	if json.Unmarshal(out, &said) != nil {
		return nil
	}
	all := map[string]kind{}
	for _, g := range said.Groups {
		for _, d := range g.Items {
			if strings.HasSuffix(d.Transport, "_hdmi") || strings.HasSuffix(d.Transport, "_displayport") {
				all[d.Name] = screen
			}
		}
	}
	return all
}

// hear: this system offers no loopback without a driver of one's own.
func (thisComputer) hear(context.Context, output, time.Duration, func(float64) bool) error {
	return fmt.Errorf("watch what is played: %w", errors.ErrUnsupported)
}

// play plays the tone. Whether it came out, only a person can tell.
func (thisComputer) play(ctx context.Context, o output) (echo, error) {
	return echo{}, sound(ctx, o)
}
