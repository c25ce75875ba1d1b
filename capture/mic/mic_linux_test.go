package mic

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"raisehand/build/sound"
	"raisehand/capture"
	"raisehand/capture/report"
)

// TestMain runs the check instead of the tests when it is started as a probe:
// a driver that hangs then hangs in a process that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("MIC_PROBE") != "" {
		probe()
		return
	}
	os.Exit(m.Run())
}

// probe does what `raisehand probe mic --json` does.
func probe() {
	var ask asked
	if err := json.Unmarshal([]byte(os.Getenv("MIC_PROBE")), &ask); err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	emit := func(l capture.Line) { out.Encode(l) }
	ctx, stop := context.WithTimeout(context.Background(), max(6*time.Second, ask.Cap+time.Second))
	defer stop()
	var c capture.Check = Check{Situation: ask.Situation, Emit: emit, Device: ask.Device, Cap: ask.Cap, Live: ask.Live}
	if ask.Playback {
		c = Playback{Situation: ask.Situation, Emit: emit, Device: ask.Device, Output: ask.Output, Aloud: ask.Aloud}
	}
	r := c.Run(ctx)
	out.Encode(capture.Line{Result: &r})
	os.Exit(0) // without teardown, as the probe does
}

// asked is what a probe of the tests is to do.
type asked struct {
	Situation       capture.Situation
	Device, Output  string
	Cap             time.Duration
	Live            bool
	Playback, Aloud bool
}

// probing is a probe that runs.
type probing struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *json.Decoder
	seen  []capture.Line
}

func startProbe(t *testing.T, env []string, c Check) *probing {
	t.Helper()
	return ask(t, env, asked{Situation: c.Situation, Device: c.Device, Cap: c.Cap, Live: c.Live})
}

func ask(t *testing.T, env []string, a asked) *probing {
	t.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	p := &probing{t: t, cmd: exec.Command(os.Args[0])}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PULSE_") {
			p.cmd.Env = append(p.cmd.Env, e)
		}
	}
	p.cmd.Env = append(append(p.cmd.Env, env...), "MIC_PROBE="+string(raw))
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	p.lines = json.NewDecoder(bufio.NewReader(out))
	return p
}

// next is the next line the probe says.
func (p *probing) next() capture.Line {
	p.t.Helper()
	var l capture.Line
	if err := p.lines.Decode(&l); err != nil {
		p.t.Fatalf("the probe ended without a result: %v", err)
	}
	p.seen = append(p.seen, l)
	return l
}

// level waits until the microphone is being heard.
func (p *probing) level() float64 {
	p.t.Helper()
	for {
		l := p.next()
		if l.LevelDB != nil {
			return *l.LevelDB
		}
		if l.Result != nil {
			p.t.Fatalf("ended before it heard anything: %+v", *l.Result)
		}
	}
}

// result waits for the last word.
func (p *probing) result() report.Result {
	p.t.Helper()
	for {
		if l := p.next(); l.Result != nil {
			p.t.Logf("%s %s after %d ms: params %v detail %v", l.Result.Verdict, l.Result.Code, l.Result.TookMS, l.Result.Params, l.Result.Detail)
			return *l.Result
		}
	}
}

func (p *probing) hinted() bool {
	for _, l := range p.seen {
		if l.Interim != nil && l.Interim.Code == "mic.say_something" && l.Interim.Verdict == report.Unknown {
			return true
		}
	}
	return false
}

func (p *probing) want(v report.Verdict, code string) report.Result {
	p.t.Helper()
	r := p.result()
	spoken(p.t, r)
	if r.Verdict != v || r.Code != code {
		p.t.Errorf("got %s %s, want %s %s", r.Verdict, r.Code, v, code)
	}
	return r
}

const hello = "Good morning class, can you hear me well today?"

func TestAVoiceIsHeardAtOnce(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Speak(hello)
	p := startProbe(t, s.Env(), Check{})
	r := p.want(report.OK, "mic.ok")
	if r.Params["device"] != sound.MicDescription {
		t.Errorf("device %v, want %s", r.Params["device"], sound.MicDescription)
	}
	if db, ok := r.Params["db"].(float64); !ok || db < -40 || db > -10 {
		t.Errorf("level %v dBFS, want a voice's", r.Params["db"])
	}
	for _, key := range []string{"peak_dbfs", "level_dbfs", "snr_db", "clipped_percent", "floor_dbfs", "voice_ms", "zeros_pct", "volume_pct", "backend", "server", "first_frame_ms"} {
		if r.Detail[key] == nil {
			t.Errorf("detail without %s", key)
		}
	}
	levels := 0
	for _, l := range p.seen {
		if l.LevelDB != nil {
			levels++
		}
	}
	if most := int(r.TookMS/100) + 2; levels == 0 || levels > most {
		t.Errorf("%d levels in %d ms, want 1…%d", levels, r.TookMS, most)
	}
}

// TestTheServerIsFoundWithoutBeingNamed: as on a desktop, by XDG_RUNTIME_DIR
// alone and known by the user id instead of a cookie.
func TestTheServerIsFoundWithoutBeingNamed(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Mute(true)
	startProbe(t, []string{"XDG_RUNTIME_DIR=" + s.RuntimeDir(), "HOME=" + t.TempDir()}, Check{}).want(report.Fail, "mic.muted")
}

func TestMuted(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Mute(true)
	p := startProbe(t, s.Env(), Check{})
	r := p.want(report.Fail, "mic.muted")
	if r.Params["device"] == nil || r.Detail["muted"] != true || r.Detail["volume_pct"] == nil {
		t.Errorf("no proof for the technician: %v, %v", r.Params, r.Detail)
	}
	if len(p.seen) != 1 {
		t.Errorf("it listened to a muted microphone: %d lines", len(p.seen))
	}
}

func TestMutedWhileListening(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := startProbe(t, s.Env(), Check{Cap: 2 * time.Second})
	p.level()
	s.Mute(true)
	p.want(report.Fail, "mic.muted")
	if last := p.lastLevel(); last != nothing {
		t.Errorf("a muted microphone shows %v dBFS", last)
	}
}

// lastLevel is what the meter shows at the end.
func (p *probing) lastLevel() (level float64) {
	for _, l := range p.seen {
		if l.LevelDB != nil {
			level = *l.LevelDB
		}
	}
	return level
}

func TestVolumeNearZero(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Volume(3)
	s.Speak(hello)
	r := startProbe(t, s.Env(), Check{}).want(report.Fail, "mic.volume_low")
	if r.Params["volume"] != 3.0 {
		t.Errorf("volume %v, want 3", r.Params["volume"])
	}
}

// TestATurnedDownVoice arrives, but too softly for a class.
func TestATurnedDownVoice(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Volume(35)
	s.Speak(hello)
	startProbe(t, s.Env(), Check{}).want(report.Warn, "mic.quiet")
}

// TestExactZerosAreAWarningAtTheCap: nothing confirms a fault.
func TestExactZerosAreAWarningAtTheCap(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := startProbe(t, s.Env(), Check{Cap: 2500 * time.Millisecond})
	r := p.want(report.Warn, "mic.switch")
	if !p.hinted() {
		t.Error("nobody was asked to speak")
	}
	if last := p.lastLevel(); last != nothing {
		t.Errorf("complete silence shows %v dBFS", last)
	}
	if r.Detail["zeros_pct"] != 100.0 {
		t.Errorf("zeros %v %%, want 100", r.Detail["zeros_pct"])
	}
}

func TestARoomWithoutAVoiceIsNoFault(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Play(sound.Noise(-45, 3))
	p := startProbe(t, s.Env(), Check{Cap: 2500 * time.Millisecond})
	p.want(report.Unknown, "mic.no_voice")
	if !p.hinted() {
		t.Error("nobody was asked to speak")
	}
}

func TestHumIsNoVoice(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Play(sound.Hum(50, -20, 3))
	r := startProbe(t, s.Env(), Check{}).want(report.Warn, "mic.hum")
	if r.Params["hz"] != 50.0 {
		t.Errorf("a hum of %v Hz, want 50", r.Params["hz"])
	}
}

// TestAVoiceAfterTheHintStillCounts: a person speaks when asked to.
func TestAVoiceAfterTheHintStillCounts(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Play(sound.Noise(-60, 3))
	p := startProbe(t, s.Env(), Check{Cap: 20 * time.Second}) // ends with the voice
	for !p.hinted() {
		if p.next().Result != nil {
			t.Fatal("ended without asking anybody to speak")
		}
	}
	s.Speak(hello)
	p.want(report.OK, "mic.ok")
}

func TestNoDeviceAtAll(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.RemoveAll()
	startProbe(t, s.Env(), Check{}).want(report.Fail, "mic.none")
}

// TestASpeakerIsNoMicrophone: only monitors are left, and one is the default.
func TestASpeakerIsNoMicrophone(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Unplug()
	startProbe(t, s.Env(), Check{}).want(report.Fail, "mic.none")
}

func TestAMonitorChosenInsteadOfTheMicrophone(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.ChooseMonitor()
	r := startProbe(t, s.Env(), Check{}).want(report.Fail, "mic.monitor")
	if r.Params["other"] != sound.MicDescription {
		t.Errorf("it offers %v instead, want %s", r.Params["other"], sound.MicDescription)
	}
}

// TestTheMicrophoneOfTheClassIsTheOneTested, whatever the default is.
func TestTheMicrophoneOfTheClassIsTheOneTested(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.ChooseMonitor()
	s.Speak(hello)
	pid := record4ever(t, s)
	class := capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{pid}}}}
	startProbe(t, s.Env(), Check{Situation: class}).want(report.OK, "mic.ok")
}

// record4ever is a program that holds the microphone.
func record4ever(t *testing.T, s *sound.Server) int {
	t.Helper()
	cmd := exec.Command("parec", "-d", sound.Mic, "--raw")
	cmd.Env = append(os.Environ(), s.Env()...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	s.AwaitRecorder()
	return cmd.Process.Pid
}

func TestUnpluggedDuringTheTest(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Play(sound.Noise(-50, 3)) // what a monitor would go on hearing
	p := startProbe(t, s.Env(), Check{})
	p.level()
	s.Unplug()
	p.want(report.Fail, "mic.unplugged")
}

func TestAFrozenServer(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Freeze()
	startProbe(t, s.Env(), Check{}).want(report.Fail, "mic.server_hung")
}

func TestAServerThatFreezesDuringTheTest(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := startProbe(t, s.Env(), Check{})
	p.level()
	s.Freeze()
	p.want(report.Fail, "mic.server_hung")
}

func TestAServerThatDiesDuringTheTest(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	p := startProbe(t, s.Env(), Check{})
	p.level()
	s.Kill()
	p.want(report.Fail, "mic.server_hung")
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	if cards, err := lookALSA("/proc/asound", "/dev/snd"); err != nil || len(cards.all) > 0 {
		t.Skipf("this machine has sound cards, which are then listened to directly: %v %v", cards.all, err)
	}
	startProbe(t, []string{"XDG_RUNTIME_DIR=" + t.TempDir(), "HOME=" + t.TempDir()}, Check{}).want(report.Unknown, "mic.no_server")
}

// TestNothingNamedLikeThat: a microphone that is asked for and is not there.
func TestNothingNamedLikeThat(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	startProbe(t, s.Env(), Check{Device: "nowhere"}).want(report.Fail, "mic.none")
}

func TestHoldersNamesWhoRecords(t *testing.T) {
	s := sound.Start(t)
	for _, e := range s.Env() {
		k, v, _ := strings.Cut(e, "=")
		t.Setenv(k, v)
	}
	if all, err := Holders(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("before anybody records: %v, %v", all, err)
	}
	pid := record4ever(t, s)
	all, err := Holders(t.Context())
	if err != nil || len(all) != 1 || all[0] != (Holder{PID: pid, Program: "pacat", Microphone: sound.MicDescription}) {
		t.Errorf("got %v, %v; want process %d", all, err, pid)
	}
}

// TestALSA reads the kernel's own files as they stand on a laptop.
func TestALSA(t *testing.T) {
	proc, dev := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(path[:strings.LastIndex(path, "/")], 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write(proc+"/pcm", "00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1\n00-03: HDMI 0 : HDMI 0 : playback 1\n01-00: USB Audio : USB Audio : capture 1\n")
	write(proc+"/card0/pcm0c/sub0/status", "closed\n")
	write(proc+"/card1/pcm0c/sub0/status", "state: RUNNING\nowner_pid   : 4711\ntrigger_time: 7.0\n")
	v, err := lookALSA(proc, dev)
	if err != nil || len(v.all) != 2 {
		t.Fatalf("got %+v, %v; want two microphones", v, err)
	}
	if a := v.all[0]; a.id != ":0,0" || a.name != "ALC257 Analog" || !a.byDefault || len(a.users) != 0 {
		t.Errorf("first %+v", a)
	}
	if b := v.all[1]; b.id != ":1,0" || b.byDefault || len(b.users) != 1 || b.users[0] != 4711 {
		t.Errorf("second %+v", b)
	}
	if v, err := lookALSA(proc+"/nowhere", dev); err != nil || len(v.all) != 0 {
		t.Errorf("without sound cards: %+v, %v", v, err)
	}
}

// TestAnotherMicrophoneHearsTheVoice: the chosen one hears nothing, or only the
// room, or the voice from afar.
func TestAnotherMicrophoneHearsTheVoice(t *testing.T) {
	t.Parallel()
	for name, near := range map[string]func(*sound.Server){
		"nothing":       func(*sound.Server) {},
		"only the room": func(s *sound.Server) { s.Play(sound.Noise(-65, 3)) },
		"from afar":     func(s *sound.Server) { s.Volume(30); s.Speak(hello) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sound.Start(t)
			feed := s.AddMic("headset", "Headset")
			near(s)
			s.SpeakInto(feed, hello)
			r := startProbe(t, s.Env(), Check{}).want(report.Fail, "mic.wrong_one")
			if r.Params["device"] != sound.MicDescription || r.Params["other"] != "Headset" {
				t.Errorf("params %v", r.Params)
			}
		})
	}
}

// TestInClassNoOtherMicrophoneIsSwitchedOn, nor where one was asked for.
func TestInClassNoOtherMicrophoneIsSwitchedOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Check{
		"in class": {Situation: capture.Situation{ClassAssumed: true}},
		"by name":  {Device: sound.Mic},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sound.Start(t)
			s.SpeakInto(s.AddMic("headset", "Headset"), hello)
			c.Cap = 3 * time.Second
			startProbe(t, s.Env(), c).want(report.Warn, "mic.switch")
		})
	}
}

// TestTwoMicrophonesInAQuietRoom: nobody speaks, so none is the wrong one; and
// what a program plays is no voice in the room.
func TestTwoMicrophonesInAQuietRoom(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.PlayInto(s.AddMic("headset", "Headset"), sound.Noise(-60, 3))
	s.SpeakInto(s.AddMic("cable", "CABLE-Output"), hello)
	s.Play(sound.Noise(-62, 3))
	startProbe(t, s.Env(), Check{Cap: 3 * time.Second}).want(report.Unknown, "mic.no_voice")
}

// TestTheChosenDeviceIsExamined, not the default one.
func TestTheChosenDeviceIsExamined(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Mute(true)
	s.SpeakInto(s.AddMic("headset", "Headset"), hello)
	if r := startProbe(t, s.Env(), Check{Device: "headset"}).want(report.OK, "mic.ok"); r.Params["device"] != "Headset" {
		t.Errorf("params %v", r.Params)
	}
}

// until waits for an interim verdict, and returns the level shown last before
// it.
func (p *probing) until(code string) (level float64) {
	p.t.Helper()
	for {
		l := p.next()
		switch {
		case l.LevelDB != nil:
			level = *l.LevelDB
		case l.Interim != nil:
			spoken(p.t, *l.Interim)
			if l.Interim.Code == code {
				return level
			}
		case l.Result != nil:
			p.t.Fatalf("it ended with %s before it said %s", l.Result.Code, code)
		}
	}
}

// TestLive: what a person sees who tries things out, and that the level agrees
// with what is said.
func TestLive(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	feed := s.AddMic("headset", "Headset")
	p := startProbe(t, s.Env(), Check{Live: true, Cap: 2 * time.Minute})
	if l := p.next(); len(l.Devices) != 2 || l.Devices[0] != (capture.Device{ID: sound.Mic, Name: sound.MicDescription, Default: true}) || l.Devices[1].ID != "headset" || l.Devices[1].Default {
		t.Fatalf("first of all come the microphones, not %+v", l)
	}
	if db := p.until("mic.switch"); db != nothing {
		t.Errorf("complete silence shows %v dBFS", db)
	}
	stop := s.Speak(hello)
	if db := p.until("mic.ok"); db < -60 {
		t.Errorf("a voice shows %v dBFS", db)
	}
	s.Mute(true)
	if db := p.until("mic.muted"); db != nothing {
		t.Errorf("a muted microphone shows %v dBFS", db)
	}
	s.Mute(false)
	p.until("mic.ok")
	stop()
	s.Unplug() // and the server makes another one the default
	p.until("mic.switch")
	s.SpeakInto(feed, hello)
	p.until("mic.ok")
	if r := p.seen[len(p.seen)-1].Interim; r.Params["device"] != "Headset" {
		t.Errorf("it now hears %v", r.Params)
	}
}

// TestLiveGoesOnWhenTheMicrophoneComesBack.
func TestLiveGoesOnWhenTheMicrophoneComesBack(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Speak(hello)
	p := startProbe(t, s.Env(), Check{Live: true, Device: sound.Mic, Cap: 2 * time.Minute})
	p.until("mic.ok")
	s.Unplug()
	if db := p.until("mic.unplugged"); db != nothing {
		t.Errorf("an unplugged microphone shows %v dBFS", db)
	}
	s.Plug()
	p.until("mic.ok")
}

// TestOnesOwnVoice is recorded, shown and played.
func TestOnesOwnVoice(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Speak(hello)
	p := ask(t, s.Env(), asked{Playback: true, Aloud: true, Device: sound.Mic, Output: sound.Speaker, Cap: 20 * time.Second})
	p.until("voice.recording")
	if db := p.until("voice.playing"); db == 0 || db == nothing {
		t.Errorf("the level while it records: %v", db)
	}
	loudest := s.Hear(sound.Speaker+".monitor", 1)
	if loudest < 0.1 {
		t.Errorf("the loudspeaker plays at most %.3f", loudest)
	}
	if r := p.want(report.OK, "voice.played"); r.Detail["heard_ms"].(float64) < 2900 {
		t.Errorf("recorded %v ms", r.Detail["heard_ms"])
	}
}

// TestNothingIsPlayedUnasked, and nothing recorded either.
func TestNothingIsPlayedUnasked(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Speak(hello)
	p := ask(t, s.Env(), asked{Playback: true})
	p.want(report.Skipped, "voice.not_asked")
	if len(p.seen) != 1 {
		t.Errorf("it said %d lines", len(p.seen))
	}
}

// TestAMutedVoiceIsNotPlayed: there is nothing to hear.
func TestAMutedVoiceIsNotPlayed(t *testing.T) {
	t.Parallel()
	s := sound.Start(t)
	s.Mute(true)
	ask(t, s.Env(), asked{Playback: true, Aloud: true}).want(report.Fail, "mic.muted")
}

// TestAHeadsetForMusicHasNoMicrophone: cards as a laptop with a wireless headset
// lists them.
func TestAHeadsetForMusicHasNoMicrophone(t *testing.T) {
	card := func(name, bus, active string, inputs map[string]uint32, available uint32) *proto.GetCardInfoReply {
		c := &proto.GetCardInfoReply{CardName: "card." + name, ActiveProfileName: active, Properties: proto.PropList{
			"device.description": proto.PropListString(name), "device.bus": proto.PropListString(bus)}}
		for profile, sources := range inputs {
			c.Profiles = more(c.Profiles)
			p := &c.Profiles[len(c.Profiles)-1]
			p.Name, p.NumSinks, p.NumSources, p.Available = profile, 1, sources, available
		}
		return c
	}
	headset := map[string]uint32{"a2dp_sink": 0, "handsfree_head_unit": 1, "off": 0}
	analog := map[string]uint32{"output:analog-stereo": 0, "output:analog-stereo+input:analog-stereo": 1, "off": 0}
	for name, c := range map[string]struct {
		cards proto.GetCardInfoListReply
		want  string
	}{
		"for music":           {proto.GetCardInfoListReply{card("Headset", "bluetooth", "a2dp_sink", headset, 1)}, "Headset"},
		"for calls":           {proto.GetCardInfoListReply{card("Headset", "bluetooth", "handsfree_head_unit", headset, 1)}, ""},
		"it cannot do calls":  {proto.GetCardInfoListReply{card("Headset", "bluetooth", "a2dp_sink", headset, 0)}, ""},
		"switched off":        {proto.GetCardInfoListReply{card("Analog", "pci", "off", analog, 1)}, "Analog"},
		"output only":         {proto.GetCardInfoListReply{card("Analog", "pci", "output:analog-stereo", analog, 1)}, "Analog"},
		"the headset first":   {proto.GetCardInfoListReply{card("Analog", "pci", "off", analog, 1), card("Headset", "bluetooth", "a2dp_sink", headset, 1)}, "Headset Analog"},
		"a screen, no inputs": {proto.GetCardInfoListReply{card("HDMI", "pci", "hdmi", map[string]uint32{"hdmi": 0, "off": 0}, 1)}, ""},
	} {
		if got := strings.Join(withoutInput(c.cards), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// more is a slice with one more element, whose type has no name.
func more[E any](s []E) []E {
	var e E
	return append(s, e)
}
