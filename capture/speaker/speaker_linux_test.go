package speaker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"raisehand/assets/words"
	"raisehand/build/sound"
	"raisehand/capture"
	"raisehand/capture/report"
)

// TestMain runs the check instead of the tests when it is started as a probe:
// each has a sound server of its own, named by the environment.
func TestMain(m *testing.M) {
	if os.Getenv("SPEAKER_PROBE") != "" {
		probe()
		return
	}
	os.Exit(m.Run())
}

// probe does what `raisehand probe speaker --json` does.
func probe() {
	var c Check
	if err := json.Unmarshal([]byte(os.Getenv("SPEAKER_PROBE")), &c); err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	c.Emit = func(l capture.Line) { out.Encode(l) }
	ctx, stop := context.WithTimeout(context.Background(), 4*time.Second)
	defer stop()
	r := c.Run(ctx)
	out.Encode(capture.Line{Result: &r})
	os.Exit(0) // without teardown, as the probe does
}

// probing is a probe that runs.
type probing struct {
	t     *testing.T
	lines *json.Decoder
	seen  []capture.Line
}

func startProbe(t *testing.T, env []string, c Check) *probing {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"Situation": c.Situation, "Device": c.Device, "Aloud": c.Aloud, "Live": c.Live, "ScreensSpeak": c.ScreensSpeak})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PULSE_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(append(cmd.Env, env...), "SPEAKER_PROBE="+string(raw))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return &probing{t: t, lines: json.NewDecoder(bufio.NewReader(out))}
}

func (p *probing) next() capture.Line {
	p.t.Helper()
	var l capture.Line
	if err := p.lines.Decode(&l); err != nil {
		p.t.Fatalf("the probe ended without a result: %v", err)
	}
	p.seen = append(p.seen, l)
	return l
}

func (p *probing) want(v report.Verdict, code string) report.Result {
	p.t.Helper()
	for {
		l := p.next()
		if l.Result == nil {
			continue
		}
		r := *l.Result
		p.t.Logf("%s %s after %d ms: params %v detail %v also %v", r.Verdict, r.Code, r.TookMS, r.Params, r.Detail, r.Also)
		if r.Verdict != v || r.Code != code {
			p.t.Errorf("got %s %s, want %s %s", r.Verdict, r.Code, v, code)
		}
		spoken(p.t, r)
		return r
	}
}

// spoken sees that both languages have a sentence for a result, with nothing
// left to fill in.
func spoken(t *testing.T, r report.Result) {
	t.Helper()
	for _, lang := range words.Langs {
		s := words.In(lang).Of(r.Code, r.Params)
		for _, part := range []string{s.Title, s.Says, s.Do} {
			if part == "" || strings.ContainsAny(part, "{}@") {
				t.Errorf("%s: %s says %q", lang, r.Code, part)
			}
		}
	}
}

// player is a program that plays into a sink: noise, or silence.
type player struct {
	pid   int
	index string // of its stream
}

var class = func(pid int) capture.Situation {
	return capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{pid}}}}
}

// play starts a program that plays on and on, and waits until the server has
// its stream.
func play(t *testing.T, s *sound.Server, sink, from string) player {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.Command("pacat", "--raw", "--format=s16le", "--rate=48000", "--channels=2", "--latency-msec=20", "--volume=20000", "-d", sink)
	cmd.Env = append(os.Environ(), s.Env()...)
	cmd.Stdin = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		var all []struct {
			Index      int
			Properties map[string]string
		}
		if err := json.Unmarshal([]byte(s.Pactl("--format=json", "list", "sink-inputs")), &all); err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			if x.Properties["application.process.id"] == fmt.Sprint(cmd.Process.Pid) {
				return player{cmd.Process.Pid, fmt.Sprint(x.Index)}
			}
		}
	}
	t.Fatal("the player's stream did not come")
	return player{}
}

const (
	hdmi    = "alsa_output.pci-0000_01_00.1.hdmi-stereo"
	beamer  = "Beamer"
	speaker = "VirtualSpeaker"
)

// servers are what the tests run on.
var servers = map[string]func(testing.TB) *sound.Server{"PulseAudio": sound.Start, "PipeWire": sound.StartPipeWire}

// await polls a server that answers before it has done what it was told.
func await(t testing.TB, what string, yes func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// bench is a server with what a test does to it.
type bench struct {
	t testing.TB
	*sound.Server
	zoom player
}

func (b bench) mute(sink string) {
	b.Pactl("set-sink-mute", sink, "1")
	await(b.t, "it is muted", func() bool { return strings.HasSuffix(b.Pactl("get-sink-mute", sink), "yes") })
}

func (b bench) volume(sink string, each ...string) {
	b.Pactl(append([]string{"set-sink-volume", sink}, each...)...)
	await(b.t, "its volume is set", func() bool { return strings.Contains(b.Pactl("get-sink-volume", sink), " "+each[0]+" ") })
}

// move sends the class app's sound to another output. PipeWire forgets it when
// told before its manager knows the output.
func (b bench) move(sink string) {
	await(b.t, "it has moved", func() bool {
		b.Pactl("move-sink-input", b.zoom.index, sink)
		number := ""
		for line := range strings.Lines(b.Pactl("list", "short", "sinks")) {
			if f := strings.Fields(line); f[1] == sink {
				number = f[0]
			}
		}
		for line := range strings.Lines(b.Pactl("list", "short", "sink-inputs")) {
			if f := strings.Fields(line); f[0] == b.zoom.index && f[1] == number {
				return true
			}
		}
		return false
	})
}

func (b bench) add(name, properties string) {
	b.AddSpeaker(name, properties)
	await(b.t, "it is there", func() bool { return strings.Contains(b.Pactl("list", "short", "sinks"), name) })
}

func (b bench) addScreen() {
	b.add(hdmi, "device.description="+beamer+" device.profile.name=hdmi-stereo")
}

func (b bench) removeAll() {
	b.RemoveAll()
	await(b.t, "they have gone", func() bool { return !strings.Contains(b.Pactl("list", "short", "sinks"), sound.Speaker) })
}

func TestASoundLoudspeakerIsSilent(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := startProbe(t, s.Env(), Check{})
	r := p.want(report.OK, "speaker.ok")
	if r.Params["device"] != speaker || r.Detail["volume_pct"] != 100.0 || r.Detail["server"] == nil {
		t.Errorf("params %v, detail %v", r.Params, r.Detail)
	}
	i := slices.IndexFunc(p.seen, func(l capture.Line) bool { return l.Devices != nil })
	if i < 0 || len(p.seen[i].Devices) != 1 || p.seen[i].Devices[0] != (capture.Device{ID: sound.Speaker, Name: speaker, Default: true}) {
		t.Errorf("the outputs to choose from: %+v", p.seen)
	}
}

const spdif = "alsa_output.pci-0000_00_1f.3.iec958-stereo"

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		spoil   func(b bench)
		check   Check
		verdict report.Verdict
		code    string
	}{
		{"nothing", func(bench) {}, Check{}, report.OK, "speaker.ok"},
		{"muted", func(b bench) { b.mute(sound.Speaker) }, Check{}, report.Fail, "speaker.muted"},
		{"turned down", func(b bench) { b.volume(sound.Speaker, "4%") }, Check{}, report.Fail, "speaker.volume_low"},
		{"at zero", func(b bench) { b.volume(sound.Speaker, "0%") }, Check{}, report.Fail, "speaker.volume_low"},
		{"soft, but there", func(b bench) { b.volume(sound.Speaker, "15%") }, Check{}, report.OK, "speaker.ok"},
		{"one ear only", func(b bench) { b.volume(sound.Speaker, "0%", "60%") }, Check{}, report.OK, "speaker.ok"},
		{"taken away", func(b bench) {
			b.UnplugSpeaker()
			await(b.t, "it has gone", func() bool { return !strings.Contains(b.Pactl("list", "short", "sinks"), sound.Speaker) })
		}, Check{}, report.Fail, "speaker.none"},
		{"nothing at all", bench.removeAll, Check{}, report.Fail, "speaker.none"},
		{"into the void", func(b bench) { b.add("void", "device.description=Void"); b.ChooseSpeaker("void") }, Check{}, report.Fail, "speaker.nowhere"},
		{"made by hand, and all there is", func(b bench) { b.removeAll(); b.add("remote", "device.description=Remote") }, Check{}, report.OK, "speaker.ok"},
		{"to a screen", func(b bench) { b.addScreen(); b.ChooseSpeaker(hdmi) }, Check{}, report.Warn, "speaker.wrong_default"},
		{"to a screen that speaks", func(b bench) { b.addScreen(); b.ChooseSpeaker(hdmi) }, Check{ScreensSpeak: true}, report.OK, "speaker.ok"},
		{"to the only screen", func(b bench) { b.removeAll(); b.addScreen() }, Check{}, report.OK, "speaker.ok"},
		{"a screen beside", bench.addScreen, Check{}, report.OK, "speaker.ok"},
		{"to S/PDIF", func(b bench) { b.add(spdif, "device.description=Digital"); b.ChooseSpeaker(spdif) }, Check{}, report.Warn, "speaker.wrong_default"},
		{"asked for by name", func(b bench) { b.mute(sound.Speaker); b.addScreen() }, Check{Device: beamer}, report.OK, "speaker.ok"},
		{"asked for and not there", func(bench) {}, Check{Device: "nowhere"}, report.Fail, "speaker.none"},
		{"frozen", func(b bench) { b.Freeze() }, Check{}, report.Fail, "speaker.hung"},
	} {
		for name, start := range servers {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				s := start(t)
				c.spoil(bench{t: t, Server: s})
				startProbe(t, s.Env(), c.check).want(c.verdict, c.code)
			})
		}
	}
}

// TestALoudspeakerThatSleepsWhileAProgramPlays: PipeWire would wake it.
func TestALoudspeakerThatSleepsWhileAProgramPlays(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Pactl("suspend-sink", sound.Speaker, "1")
	r := startProbe(t, s.Env(), Check{}).want(report.Fail, "speaker.blocked")
	if r.Params["program"] == "" {
		t.Error("it does not say which program plays")
	}
}

// TestPipeWireStandsStill while a program plays: its PulseAudio part still
// answers questions.
func TestPipeWireStandsStill(t *testing.T) {
	t.Parallel()
	s := sound.StartPipeWire(t)
	s.FreezePart(sound.PipeWire)
	startProbe(t, s.Env(), Check{}).want(report.Fail, "speaker.hung")
	s.EndPart(sound.PipeWire)
	startProbe(t, s.Env(), Check{}).want(report.Fail, "speaker.hung")
}

func TestTheServersOwnDummyIsNoLoudspeaker(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	b := bench{t: t, Server: s}
	b.removeAll()
	b.add("auto_null", "device.description=Dummy")
	startProbe(t, s.Env(), Check{}).want(report.Fail, "speaker.none")
}

func TestWhatAClassPlaysOn(t *testing.T) {
	t.Parallel()
	const usb = "usb"
	addHeadset := func(b bench) { b.add(usb, "device.description=Headset device.form_factor=headset") }
	for _, c := range []struct {
		name    string
		spoil   func(b bench)
		verdict report.Verdict
		code    string
	}{
		{"as everything", func(bench) {}, report.OK, "speaker.ok"},
		{"muted in the mixer", func(b bench) {
			b.Pactl("set-sink-input-mute", b.zoom.index, "1")
			await(b.t, "it is muted", func() bool { return strings.Contains(b.Pactl("--format=json", "list", "sink-inputs"), `"mute":true`) })
		}, report.Fail, "speaker.app_muted"},
		{"at zero in the mixer", func(b bench) {
			b.Pactl("set-sink-input-volume", b.zoom.index, "0")
			await(b.t, "it is at zero", func() bool {
				return strings.Contains(b.Pactl("--format=json", "list", "sink-inputs"), `"value_percent":"0%"`)
			})
		}, report.Fail, "speaker.app_muted"},
		{"to a screen", func(b bench) { b.addScreen(); b.move(hdmi) }, report.Warn, "speaker.app_elsewhere"},
		{"into the void", func(b bench) { b.add("void", "device.description=Void"); b.move("void") }, report.Fail, "speaker.app_elsewhere"},
		// where the default one then matters to nobody
		{"to a headset of its own", func(b bench) { addHeadset(b); b.move(usb); b.mute(sound.Speaker) }, report.OK, "speaker.ok"},
		{"to a muted headset of its own", func(b bench) { addHeadset(b); b.move(usb); b.mute(usb) }, report.Fail, "speaker.muted"},
	} {
		for name, start := range servers {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				s := start(t)
				p := play(t, s, sound.Speaker, "/dev/zero")
				c.spoil(bench{t, s, p})
				startProbe(t, s.Env(), Check{Situation: class(p.pid)}).want(c.verdict, c.code)
			})
		}
	}
}

// TestWhatIsPlayedAnywayIsMeasured, and nothing else is played.
func TestWhatIsPlayedAnywayIsMeasured(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := play(t, s, sound.Speaker, "/dev/urandom")
	r := startProbe(t, s.Env(), Check{Situation: class(p.pid)}).want(report.OK, "speaker.ok")
	if l, ok := r.Detail["playing_dbfs"].(float64); !ok || l < soundDB {
		t.Errorf("noise at −31 dBFS was measured as %v", r.Detail["playing_dbfs"])
	}
}

// TestTheToneGoesOutAndIsHeard, also while a program plays on the same output.
func TestTheToneGoesOutAndIsHeard(t *testing.T) {
	t.Parallel()
	for server, start := range servers {
		for name, from := range map[string]string{"alone": "/dev/zero", "over noise": "/dev/urandom"} {
			t.Run(server+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := start(t)
				bench{t: t, Server: s}.volume(sound.Speaker, "40%")
				p := play(t, s, sound.Speaker, from)
				r := startProbe(t, s.Env(), Check{Aloud: true, Situation: class(p.pid)}).want(report.OK, "speaker.played")
				if m, _ := r.Detail["tone_match"].(float64); m < matching {
					t.Errorf("only %v of it was the tone", m)
				}
			})
		}
	}
}

// TestTheToneGoesWhereItIsSent: not to the default output, and the default
// output's doubts are not the chosen one's.
func TestTheToneGoesWhereItIsSent(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	bench{t: t, Server: s}.addScreen()
	play(t, s, hdmi, "/dev/zero")
	s.ChooseSpeaker(hdmi)
	if r := startProbe(t, s.Env(), Check{Aloud: true}).want(report.Warn, "speaker.wrong_default"); r.Detail["tone_match"] == nil {
		t.Error("a screen that may speak got no tone")
	}
	r := startProbe(t, s.Env(), Check{Aloud: true, Device: sound.Speaker}).want(report.OK, "speaker.played")
	if r.Params["device"] != speaker {
		t.Errorf("played on %v", r.Params["device"])
	}
}

// TestALoudspeakerThatSleepsThroughTheTone: nothing else plays, so only the
// tone can find it.
func TestALoudspeakerThatSleepsThroughTheTone(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.AddSpeaker("usb", "device.description=Headset device.form_factor=headset")
	s.Pactl("suspend-sink", "usb", "1")
	startProbe(t, s.Env(), Check{Device: "usb"}).want(report.OK, "speaker.ok") // as every idle one sleeps
	startProbe(t, s.Env(), Check{Device: "usb", Aloud: true}).want(report.Fail, "speaker.chirp_lost")
}

// TestNothingIsPlayedOnAMutedLoudspeaker: it would prove nothing.
func TestNothingIsPlayedOnAMutedLoudspeaker(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Pactl("set-sink-mute", sound.Speaker, "1")
	if r := startProbe(t, s.Env(), Check{Aloud: true}).want(report.Fail, "speaker.muted"); r.Detail["tone_match"] != nil {
		t.Error("a tone was played")
	} else if r.Detail["muted"] != true || r.Detail["volume_pct"] == nil {
		t.Errorf("no proof for the technician: %v", r.Detail)
	}
}

// TestNoSoundUnlessAsked listens to the loudspeaker during ordinary
// examinations, in class and out of it.
func TestNoSoundUnlessAsked(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := play(t, s, sound.Speaker, "/dev/zero")
	watched := make(chan float64, 1)
	quit := startProbe(t, s.Env(), Check{Live: true}) // a level meter on the same loudspeaker
	go func() {
		loudest := nothing
		for {
			l := quit.next()
			if l.LevelDB != nil {
				loudest = max(loudest, *l.LevelDB)
			}
			if l.Result != nil {
				watched <- loudest
				return
			}
		}
	}()
	startProbe(t, s.Env(), Check{}).want(report.OK, "speaker.ok")
	startProbe(t, s.Env(), Check{Situation: class(p.pid)}).want(report.OK, "speaker.ok")
	startProbe(t, s.Env(), Check{Situation: capture.Situation{ClassAssumed: true}}).want(report.OK, "speaker.ok")
	if loudest := <-watched; loudest > soundDB {
		t.Errorf("a sound of %.1f dBFS was made", loudest)
	}
	streams := s.Pactl("list", "sink-inputs") // the lab's own are all pacat's, whenever they begin
	if all, labs := strings.Count(streams, "Sink Input #"), strings.Count(streams, `application.process.binary = "pacat"`); all == 0 || all != labs {
		t.Errorf("%d streams play, %d are the lab's:\n%s", all, labs, streams)
	}
}

// TestTheMeterShowsWhatIsPlayed, the verdict first.
func TestTheMeterShowsWhatIsPlayed(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	play(t, s, sound.Speaker, "/dev/urandom")
	p := startProbe(t, s.Env(), Check{Live: true})
	judged, loudest, levels := false, nothing, 0
	for {
		l := p.next()
		if l.Interim != nil {
			judged = l.Interim.Code == "speaker.ok"
		}
		if l.LevelDB != nil {
			levels++
			loudest = max(loudest, *l.LevelDB)
			if !judged {
				t.Error("the meter came before the verdict")
			}
		}
		if l.Result != nil {
			if l.Result.Code != "speaker.ok" {
				t.Errorf("the last word is %s", l.Result.Code)
			}
			break
		}
	}
	if loudest < soundDB || levels < 5 || levels > 40 {
		t.Errorf("%d levels, the loudest %.1f dBFS", levels, loudest)
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	startProbe(t, []string{"XDG_RUNTIME_DIR=" + t.TempDir(), "HOME=" + t.TempDir()}, Check{}).want(report.Unknown, "speaker.no_server")
}

func TestAServerThatDies(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Kill()
	startProbe(t, s.Env(), Check{}).want(report.Unknown, "speaker.no_server")
}

// TestASocketNobodyMayOpen: one's own is a fault, another person's is not ours.
func TestASocketNobodyMayOpen(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("root may open every socket: only the meaning of refusals is tested")
	}
	for err, want := range map[error]report.Verdict{
		fmt.Errorf("x: %w", capture.ErrSoundDenied):  report.Fail,
		fmt.Errorf("x: %w", capture.ErrSoundForeign): report.Unknown,
		errors.New("something else"):                 report.Unknown,
	} {
		x := &examination{detail: map[string]any{}, params: map[string]any{}}
		if r := x.because(meaning(err)); r.Verdict != want {
			t.Errorf("%v is %s %s, want %s", err, r.Verdict, r.Code, want)
		}
	}
}

// TestKinds reads sinks as real computers have them.
func TestKinds(t *testing.T) {
	props := func(kv ...string) proto.PropList {
		p := proto.PropList{}
		for i := 0; i < len(kv); i += 2 {
			p[kv[i]] = proto.PropListString(kv[i+1])
		}
		return p
	}
	for _, c := range []struct {
		sink proto.GetSinkInfoReply
		want kind
	}{
		{proto.GetSinkInfoReply{SinkName: "alsa_output.pci-0000_00_1f.3.analog-stereo", Driver: "module-alsa-card.c", Properties: props("device.form_factor", "internal")}, anyKind},
		{proto.GetSinkInfoReply{SinkName: "alsa_output.usb-Logitech_H390-00.analog-stereo", Driver: "module-alsa-card.c", Properties: props("device.form_factor", "headset")}, headphones},
		{proto.GetSinkInfoReply{SinkName: "bluez_output.94_DB.1", Driver: "PipeWire", Properties: props("device.form_factor", "headphone")}, headphones},
		{proto.GetSinkInfoReply{SinkName: "alsa_output.pci-0000_01_00.1.hdmi-stereo-extra1", Driver: "PipeWire"}, screen},
		{proto.GetSinkInfoReply{SinkName: "alsa_output.pci-0000_00_1f.3-platform-skl_hda_dsp_generic.HiFi__hw_sofhdadsp_3__sink", Driver: "PipeWire", ActivePortName: "[Out] HDMI1"}, screen},
		{proto.GetSinkInfoReply{SinkName: "alsa_output.usb-dock.iec958-stereo", Driver: "PipeWire"}, digital},
		{proto.GetSinkInfoReply{SinkName: "auto_null", Driver: "PipeWire"}, nowhere},
		{proto.GetSinkInfoReply{SinkName: "auto_null.2", Driver: "module-null-sink.c"}, nowhere},
		{proto.GetSinkInfoReply{SinkName: "mix", Driver: "module-null-sink.c"}, handmade},
		{proto.GetSinkInfoReply{SinkName: "easyeffects_sink", Driver: "PipeWire", Properties: props("factory.name", "support.null-audio-sink")}, anyKind},
		{proto.GetSinkInfoReply{SinkName: "xrdp-sink", Driver: "module-xrdp-sink.c"}, anyKind},
	} {
		if got := sinkKind(&c.sink); got != c.want {
			t.Errorf("%s is %q, want %q", c.sink.SinkName, got, c.want)
		}
	}
}

// TestSockets: an empty socket is an active port that is not available.
func TestSockets(t *testing.T) {
	for available, want := range map[uint32]socket{0: unsure, 1: empty, 2: filled} {
		s := proto.GetSinkInfoReply{SinkName: "alsa_output.pci.analog-stereo", ActivePortName: "analog-output-headphones"}
		s.Ports = slices.Grow(s.Ports, 1)[:1]
		s.Ports[0].Name, s.Ports[0].Description, s.Ports[0].Available = s.ActivePortName, "Headphones", available
		if o := sinkOutput(&s); o.socket != want || o.port != "Headphones" {
			t.Errorf("availability %d: %+v", available, o)
		}
	}
}

// TestASocketThatIsGone is no server, and no refusal.
func TestASocketThatIsGone(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "gone"))
	if _, err := capture.DialSound(t.Context(), nil); !errors.Is(err, capture.ErrNoSoundServer) {
		t.Errorf("a socket that is not there: %v", err)
	}
}
