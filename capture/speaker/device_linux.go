package speaker

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"raisehand/capture"
)

// thisComputer is the computer we run on.
type thisComputer struct{}

// look asks the sound server, in a few milliseconds. Without one there is
// nothing that could be asked how loud it is.
func (thisComputer) look(ctx context.Context) (view, error) {
	return bounded(ctx, func() (view, error) {
		s, err := capture.DialSound(ctx, nil)
		if err != nil {
			return view{}, meaning(err)
		}
		defer s.Close()
		return askServer(s)
	})
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

func askServer(s *capture.SoundServer) (view, error) {
	var server proto.GetServerInfoReply
	var sinks proto.GetSinkInfoListReply
	var streams proto.GetSinkInputInfoListReply
	var ears proto.GetSourceOutputInfoListReply
	var clients proto.GetClientInfoListReply
	for _, ask := range []struct {
		req   proto.RequestArgs
		reply proto.Reply
	}{
		{&proto.GetServerInfo{}, &server},
		{&proto.GetSinkInfoList{}, &sinks},
		{&proto.GetSinkInputInfoList{}, &streams},
		{&proto.GetSourceOutputInfoList{}, &ears},
		{&proto.GetClientInfoList{}, &clients},
	} {
		if err := s.Request(ask.req, ask.reply); err != nil {
			return view{}, meaning(capture.SoundError(err))
		}
	}
	v := view{server: strings.TrimSpace(server.PackageName + " " + server.PackageVersion)}
	pids := processes(clients)
	names := map[uint32]string{}
	for _, sink := range sinks {
		o := sinkOutput(sink)
		o.byDefault = sink.SinkName == server.DefaultSinkName
		passedOn, microphone := listeners(sink.MonitorSourceIndex, ears, pids)
		o.heardBy = passedOn
		if o.kind == handmade && microphone {
			o.kind = nowhere
		}
		names[sink.SinkIndex] = o.id
		v.all = append(v.all, o)
	}
	for _, p := range streams {
		if x := streamPlaying(p, pids); x.pid != os.Getpid() {
			x.output = names[p.SinkIndex]
			v.plays = append(v.plays, x)
		}
	}
	return v, nil
}

const suspended = 2 // PA_SINK_SUSPENDED

// sinkOutput reads one of the server's sinks.
func sinkOutput(s *proto.GetSinkInfoReply) output {
	o := output{id: s.SinkName, name: s.Device, kind: sinkKind(s), muted: s.Mute, asleep: s.State == suspended}
	o.volume, o.gain = loudest(s.ChannelVolumes)
	for _, p := range s.Ports {
		if p.Name != s.ActivePortName {
			continue
		}
		o.port = p.Description
		switch p.Available {
		case 1: // PA_PORT_AVAILABLE_NO
			o.socket = empty
		case 2: // PA_PORT_AVAILABLE_YES
			o.socket = filled
		}
	}
	return o
}

// loudest is the volume of the loudest channel, in % of the slider, and what
// that does to a sound. The slider is cubic.
func loudest(all proto.ChannelVolumes) (volume, gain float64) {
	if len(all) == 0 {
		return unknownVolume, 0
	}
	for _, channel := range all { // one channel up is enough to be heard
		volume = max(volume, 100*float64(channel)/float64(proto.VolumeNorm))
	}
	return volume, 3 * dB(volume/100)
}

// sinkKind tells from what the server knows what an output is made for. What
// calls itself a loudspeaker is believed, whatever made it.
func sinkKind(s *proto.GetSinkInfoReply) kind {
	says := func(words ...string) bool {
		for _, text := range []string{
			s.SinkName, s.ActivePortName, activePort(s), s.Properties["device.profile.name"].String(),
			s.Properties["alsa.id"].String(), s.Properties["alsa.name"].String(),
		} {
			for _, w := range words {
				if strings.Contains(strings.ToLower(text), w) {
					return true
				}
			}
		}
		return false
	}
	switch s.Properties["device.form_factor"].String() {
	case "headset", "headphone", "hands-free":
		return headphones
	case "tv":
		return screen
	case "internal", "speaker", "hifi", "portable", "car", "handset":
		return anyKind
	}
	switch {
	case strings.HasPrefix(s.SinkName, "auto_null"): // what the server makes when there is nothing
		return nowhere
	case says("hdmi", "displayport"):
		return screen
	case says("iec958", "spdif", "s/pdif"):
		return digital
	case s.Driver == "module-null-sink.c",
		s.Properties["factory.name"].String() == "support.null-audio-sink" && s.Properties["pulse.module.id"] != nil:
		return handmade
	case says("headphone", "headset"):
		return headphones
	}
	return anyKind
}

func activePort(s *proto.GetSinkInfoReply) string {
	for _, p := range s.Ports {
		if p.Name == s.ActivePortName {
			return p.Description
		}
	}
	return ""
}

// listeners says who takes what a sink plays: a program or a module that may
// pass it on (an equaliser, a recorder, a loop to another sink), or a source
// that makes a microphone of it.
func listeners(monitor uint32, all proto.GetSourceOutputInfoListReply, pids map[uint32]int) (passedOn, microphone bool) {
	for _, l := range all {
		if l.SourceIndex != monitor {
			continue
		}
		pid := processID(l.Properties, pids[l.ClientIndex])
		group := l.Properties["node.group"].String()
		switch {
		case l.Driver == "module-remap-source.c", l.Driver == "module-virtual-source.c", strings.HasPrefix(group, "remap-source"):
			microphone = true
		case pid > 0 && pid != os.Getpid(), l.Driver == "module-loopback.c", strings.HasPrefix(group, "loopback"):
			passedOn = true
		}
	}
	return passedOn, microphone
}

func streamPlaying(s *proto.GetSinkInputInfoReply, pids map[uint32]int) playing {
	p := playing{
		pid: processID(s.Properties, pids[s.ClientIndex]), program: s.Properties["application.name"].String(),
		paused: s.Corked, muted: s.Muted,
	}
	if p.program == "" {
		p.program = s.MediaName
	}
	p.volume, p.gain = loudest(s.ChannelVolumes)
	return p
}

func processes(clients proto.GetClientInfoListReply) map[uint32]int {
	pids := map[uint32]int{}
	for _, c := range clients {
		pids[c.ClientIndex] = processID(c.Properties, 0)
	}
	return pids
}

func processID(p proto.PropList, otherwise int) int {
	if pid, err := strconv.Atoi(p["application.process.id"].String()); err == nil && pid > 0 {
		return pid
	}
	return otherwise
}

// hear watches the peaks of what a sink plays. The server sends 25 numbers a
// second and no sound, and the sink may sleep on.
func (thisComputer) hear(ctx context.Context, o output, long time.Duration, each func(peak float64) bool) error {
	_, err := bounded(ctx, func() (struct{}, error) {
		heard := make(chan []float32, 64)
		s, err := capture.DialSound(ctx, listen(heard))
		if err != nil {
			return struct{}{}, meaning(err)
		}
		defer s.Close()
		ask := record(o.id, 25)
		ask.PeakDetect, ask.BufferFragSize, ask.DontInhibitAutoSuspend = true, 4, true
		if err := s.Request(ask, &proto.CreateRecordStreamReply{}); err != nil {
			return struct{}{}, fmt.Errorf("watch what is played: %w", meaning(capture.SoundError(err)))
		}
		watch(ctx, heard, long, each)
		return struct{}{}, nil
	})
	return err
}

func watch(ctx context.Context, heard <-chan []float32, long time.Duration, each func(peak float64) bool) {
	end := time.NewTimer(long)
	defer end.Stop()
	for {
		select {
		case pcm := <-heard:
			for _, x := range pcm {
				if !each(dB(math.Abs(float64(x)))) {
					return
				}
			}
		case <-end.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// play plays the tone and records the sink's monitor meanwhile.
func (thisComputer) play(ctx context.Context, o output) (echo, error) {
	return bounded(ctx, func() (echo, error) {
		heard := make(chan []float32, 1024)
		s, err := capture.DialSound(ctx, listen(heard))
		if err != nil {
			return echo{}, meaning(err)
		}
		defer s.Close()
		ask := record(o.id, heardRate)
		ask.BufferFragSize = heardRate / 50 * 4
		var ear proto.CreateRecordStreamReply
		monitored := s.Request(ask, &ear) == nil
		if err := playInto(s, o.id); err != nil {
			return echo{}, err
		}
		if !monitored {
			return echo{}, nil
		}
		e := compare(ctx, heard)
		e.measured = e.measured || asleep(s, o.id) // it slept through the tone: that was lost
		return e, nil
	})
}

// asleep asks whether a sink sleeps, and says no if it cannot be asked.
func asleep(s *capture.SoundServer, sink string) bool {
	var now proto.GetSinkInfoReply
	err := s.Request(&proto.GetSinkInfo{SinkIndex: proto.Undefined, SinkName: sink}, &now)
	return err == nil && now.State == suspended
}

// toneRate is what almost every sound card runs at.
const toneRate = 48000

// playInto hands the server the whole tone at once, so that nothing of it can
// come too late.
func playInto(s *capture.SoundServer, sink string) error {
	pcm := chirp(toneRate)
	raw := make([]byte, 4*len(pcm))
	for i, x := range pcm {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(x))
	}
	whole := uint32(len(raw))
	var out proto.CreatePlaybackStreamReply
	err := s.Request(&proto.CreatePlaybackStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatFloat32LE, Channels: 1, Rate: toneRate},
		ChannelMap: proto.ChannelMap{proto.ChannelMono}, SinkIndex: proto.Undefined, SinkName: sink,
		BufferMaxLength: whole, BufferTargetLength: whole, BufferPrebufferLength: whole, BufferMinimumRequest: whole,
		// The mixer may remember us as muted; the person has asked to hear this.
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)}, VolumeSet: true, MutedSet: true, NoMove: true,
		Properties: media("Raisehand speaker test"),
	}, &out)
	if err == nil {
		err = s.Send(out.StreamIndex, raw)
	}
	if err != nil {
		return fmt.Errorf("play the tone: %w", errors.Join(errLost, meaning(capture.SoundError(err))))
	}
	return nil
}

// compare takes what comes in until all of the tone must have passed. The
// server's first frames may take a while; without any, nothing is proven.
func compare(ctx context.Context, heard <-chan []float32) echo {
	var pcm []float32
	enough := int((before + toneLong + after + 0.3) * heardRate)
	late := time.NewTimer(1500 * time.Millisecond)
	defer late.Stop()
	for more := true; more && len(pcm) < enough; {
		select {
		case part := <-heard:
			pcm = append(pcm, part...)
		case <-late.C:
			more = false
		case <-ctx.Done():
			more = false
		}
	}
	match, at := find(pcm)
	e := echo{measured: len(pcm) >= enough, match: match, delay: max(0, at-time.Duration(before*float64(time.Second)))}
	peak := 0.0
	for _, x := range pcm {
		peak = max(peak, math.Abs(float64(x)))
	}
	e.detail = map[string]float64{"heard_ms": float64(len(pcm)) * 1000 / heardRate, "peak_dbfs": dB(peak)}
	return e
}

// record asks for what a sink plays, mono.
func record(sink string, rate uint32) *proto.CreateRecordStream {
	return &proto.CreateRecordStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatFloat32LE, Channels: 1, Rate: rate},
		ChannelMap: proto.ChannelMap{proto.ChannelMono}, SourceIndex: proto.Undefined, SourceName: sink + ".monitor",
		BufferMaxLength: proto.Undefined, AdjustLatency: true, NoMove: true, DirectOnInputIndex: proto.Undefined,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)}, VolumeSet: true, MutedSet: true,
		Properties: media("Raisehand speaker test"),
	}
}

func media(name string) proto.PropList {
	return proto.PropList{"media.name": proto.PropListString(name)}
}

// listen hands on the samples that a stream brings. It must not wait: the
// server's answers come by the same way.
func listen(to chan<- []float32) func(any) {
	return func(event any) {
		p, ok := event.(*proto.DataPacket)
		if !ok {
			return
		}
		pcm := make([]float32, len(p.Data)/4)
		for i := range pcm {
			pcm[i] = math.Float32frombits(binary.LittleEndian.Uint32(p.Data[4*i:]))
		}
		select {
		case to <- pcm:
		default: // nobody listens any more
		}
	}
}
