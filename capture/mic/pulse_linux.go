package mic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jfreymuth/pulse/proto"

	"raisehand/capture"
)

// askPulse asks the sound server what can be recorded, in about a millisecond.
func askPulse(ctx context.Context) (view, error) {
	c, err := capture.DialSound(ctx, nil)
	if err != nil {
		return view{}, meaning(err)
	}
	defer c.Close()
	var server proto.GetServerInfoReply
	var sources proto.GetSourceInfoListReply
	var streams proto.GetSourceOutputInfoListReply
	var clients proto.GetClientInfoListReply
	var cards proto.GetCardInfoListReply
	for _, ask := range []struct {
		req   proto.RequestArgs
		reply proto.Reply
	}{
		{&proto.GetServerInfo{}, &server},
		{&proto.GetSourceInfoList{}, &sources},
		{&proto.GetSourceOutputInfoList{}, &streams},
		{&proto.GetClientInfoList{}, &clients},
		{&proto.GetCardInfoList{}, &cards},
	} {
		if err := c.Request(ask.req, ask.reply); err != nil {
			return view{}, meaning(capture.SoundError(err))
		}
	}
	v := view{
		server: strings.TrimSpace(server.PackageName + " " + server.PackageVersion),
		dumb:   withoutInput(cards), unmanaged: unmanaged(server, clients),
	}
	users := recorders(streams, clients)
	for _, s := range sources {
		m := sourceMicrophone(s)
		m.server, m.byDefault, m.users = c.Address, s.SourceName == server.DefaultSourceName, users[s.SourceIndex]
		for _, pid := range m.users {
			m.programs = append(m.programs, programOf(pid, clients))
		}
		v.all = append(v.all, m)
	}
	return v, nil
}

// sourceMicrophone reads one of the server's sources.
func sourceMicrophone(s *proto.GetSourceInfoReply) microphone {
	m := microphone{
		id: s.SourceName, name: s.Device, backend: "pulseaudio",
		monitor: s.MonitorSourceIndex != proto.Undefined || s.Properties["device.class"].String() == "monitor",
		muted:   s.Mute, volume: unknownVolume,
		wireless: s.Properties["device.bus"].String() == "bluetooth" || strings.HasPrefix(s.Properties["device.api"].String(), "bluez"),
	}
	for _, channel := range s.ChannelVolumes { // one channel up is enough to be heard
		m.volume = max(m.volume, 100*float64(channel)/float64(proto.VolumeNorm))
	}
	for _, p := range s.Ports {
		const no = 1 // PA_PORT_AVAILABLE_NO
		if p.Name == s.ActivePortName && p.Available == no {
			m.socketEmpty = true
		}
	}
	return m
}

// recorders are the processes that record, by the source they record from.
func recorders(streams proto.GetSourceOutputInfoListReply, clients proto.GetClientInfoListReply) map[uint32][]int {
	pids := map[uint32]int{}
	for _, c := range clients {
		if pid := processID(c.Properties); pid > 0 {
			pids[c.ClientIndex] = pid
		}
	}
	users := map[uint32][]int{}
	for _, s := range streams {
		pid := processID(s.Properties)
		if pid == 0 {
			pid = pids[s.ClientIndex]
		}
		if pid > 0 && pid != os.Getpid() {
			users[s.SourceIndex] = append(users[s.SourceIndex], pid)
		}
	}
	return users
}

// programOf is the name of a client's program.
func programOf(pid int, clients proto.GetClientInfoListReply) string {
	for _, c := range clients {
		if processID(c.Properties) != pid {
			continue
		}
		for _, key := range []string{"application.process.binary", "application.name"} {
			if name := c.Properties[key].String(); name != "" {
				return name
			}
		}
	}
	return ""
}

// managers are the programs that set up PipeWire's devices and lead its
// streams to them.
var managers = []string{"wireplumber", "pipewire-media-session"}

// unmanaged says whether PipeWire runs without one: it then knows no device, or
// answers nobody who wants to record.
func unmanaged(server proto.GetServerInfoReply, clients proto.GetClientInfoListReply) bool {
	if !strings.Contains(server.PackageName, "PipeWire") {
		return false // PulseAudio does it itself
	}
	for _, c := range clients {
		if slices.Contains(managers, strings.ToLower(c.Properties["application.process.binary"].String())) {
			return false
		}
	}
	return true
}

// withoutInput are the devices that have a microphone but are set up to play
// only: a wireless headset for music, a sound card's output alone. Those
// connected without a wire come first.
func withoutInput(cards proto.GetCardInfoListReply) (names []string) {
	for _, c := range cards {
		playsOnly, could := false, false
		for _, p := range c.Profiles {
			playsOnly = playsOnly || p.Name == c.ActiveProfileName && p.NumSources == 0
			could = could || p.NumSources > 0 && p.Available != 0
		}
		if !playsOnly || !could {
			continue
		}
		name := c.Properties["device.description"].String()
		if name == "" {
			name = c.CardName
		}
		if bus := c.Properties["device.bus"].String(); bus == "bluetooth" {
			names = append([]string{name}, names...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

func processID(p proto.PropList) int {
	pid, err := strconv.Atoi(p["application.process.id"].String())
	if err != nil {
		return 0
	}
	return pid
}

// meaning words what the sound server's errors stand for. Another person's
// server keeps us out rightly: that says nothing about this computer.
func meaning(err error) error {
	for _, m := range []struct{ is, means error }{
		{capture.ErrNoSoundServer, errNoServer},
		{capture.ErrSoundServerHung, errHung},
		{capture.ErrSoundDenied, errDenied},
	} {
		if errors.Is(err, m.is) {
			return fmt.Errorf("%w: %w", m.means, err)
		}
	}
	return err
}
