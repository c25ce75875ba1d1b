package mic

import (
	"testing"
	"time"

	"raisehand/build/sound"
	"raisehand/capture/report"
)

// TestPipeWire: what PipeWire has of its own, and what it shares with
// PulseAudio, on a real one.
func TestPipeWire(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make    func(*sound.Server)
		verdict report.Verdict
		code    string
	}{
		"a voice":                         {func(s *sound.Server) { s.Speak(hello) }, report.OK, "mic.ok"},
		"muted":                           {func(s *sound.Server) { s.Wpctl(sound.Mic, "set-mute", "NODE", "1") }, report.Fail, "mic.muted"},
		"turned down":                     {func(s *sound.Server) { s.Wpctl(sound.Mic, "set-volume", "NODE", "0.03") }, report.Fail, "mic.volume_low"},
		"a soft voice":                    {func(s *sound.Server) { s.Wpctl(sound.Mic, "set-volume", "NODE", "0.35"); s.Speak(hello) }, report.Warn, "mic.quiet"},
		"silence":                         {func(s *sound.Server) {}, report.Warn, "mic.switch"},
		"a hum":                           {func(s *sound.Server) { s.Speak(hello); s.Play(sound.Hum(60, -34, 3)) }, report.Warn, "mic.hum"},
		"the speaker's monitor is chosen": {func(s *sound.Server) { s.ChooseMonitor() }, report.Fail, "mic.monitor"},
		"unplugged":                       {func(s *sound.Server) { s.Unplug() }, report.Fail, "mic.none"},
		"another one hears it":            {func(s *sound.Server) { s.SpeakInto(s.AddMic("headset", "Headset"), hello) }, report.Fail, "mic.wrong_one"},
		"PipeWire is frozen":              {func(s *sound.Server) { s.FreezePart(sound.PipeWire) }, report.Fail, "mic.server_hung"},
		"its manager is frozen":           {func(s *sound.Server) { s.FreezePart(sound.Manager) }, report.Fail, "mic.server_hung"},
		"its PulseAudio part is frozen":   {func(s *sound.Server) { s.FreezePart(sound.Face) }, report.Fail, "mic.server_hung"},
		"PipeWire is gone":                {func(s *sound.Server) { s.EndPart(sound.PipeWire) }, report.Fail, "mic.server_hung"},
		"its manager is gone":             {func(s *sound.Server) { s.EndPart(sound.Manager) }, report.Fail, "mic.no_manager"},
		"its PulseAudio part is gone":     {func(s *sound.Server) { s.EndPart(sound.Face) }, report.Fail, "mic.no_pulse"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound.StartPipeWire(t)
			c.make(s)
			startProbe(t, s.Env(), Check{Cap: 5 * time.Second}).want(c.verdict, c.code)
		})
	}
}

// TestUnpluggedOnPipeWire while it is listened to.
func TestUnpluggedOnPipeWire(t *testing.T) {
	t.Parallel()
	s := sound.StartPipeWire(t)
	s.Play(sound.Noise(-50, 3))
	p := startProbe(t, s.Env(), Check{})
	p.level()
	s.Unplug()
	p.want(report.Fail, "mic.unplugged")
}
