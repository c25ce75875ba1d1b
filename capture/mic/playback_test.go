package mic

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"

	"raisehand/capture"
	"raisehand/capture/report"
)

// TestEveryPlaybackHasItsVerdict: what was heard, and whether it could be played.
func TestEveryPlaybackHasItsVerdict(t *testing.T) {
	faint := func(t float64) float64 { return chatter(t) * 0.02 }
	for name, c := range map[string]struct {
		desk   desk
		quiet  bool // nobody asked
		want   report.Verdict
		code   string
		played bool
	}{
		"a voice":             {desk{views: []view{one(nil)}, sound: chatter}, false, report.OK, "voice.played", true},
		"a faint voice":       {desk{views: []view{one(nil)}, sound: faint}, false, report.Warn, "mic.quiet", true},
		"nobody speaks":       {desk{views: []view{one(nil)}, sound: noise(-60)}, false, report.Unknown, "mic.no_voice", true},
		"silence":             {desk{views: []view{one(nil)}, sound: zeros}, false, report.Warn, "mic.switch", false},
		"muted":               {desk{views: []view{one(func(m *microphone) { m.muted = true })}}, false, report.Fail, "mic.muted", false},
		"no frames":           {desk{views: []view{one(nil)}}, false, report.Fail, "mic.no_frames", false},
		"gone meanwhile":      {desk{views: []view{one(nil), {}}, sound: chatter}, false, report.Fail, "mic.unplugged", false},
		"no loudspeaker":      {desk{views: []view{one(nil)}, sound: chatter, playErr: errors.New("none")}, false, report.Unknown, "voice.not_played", true},
		"nobody asked for it": {desk{views: []view{one(nil)}, sound: chatter}, true, report.Skipped, "voice.not_asked", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said []string
				emit := func(l capture.Line) {
					if l.Interim != nil {
						said = append(said, l.Interim.Code)
					}
				}
				r := Playback{Emit: emit, Device: "a", Output: "out", Aloud: !c.quiet, on: &c.desk}.Run(t.Context())
				if r.Check != "voice" || r.Verdict != c.want || r.Code != c.code {
					t.Errorf("got %s %s %s, want %s %s; %v", r.Check, r.Verdict, r.Code, c.want, c.code, r.Detail)
				}
				if (c.desk.played != nil) != c.played || c.played && (c.desk.output != "out" || len(c.desk.played) < 3*rate || said[len(said)-1] != "voice.playing") {
					t.Errorf("played %d samples on %q, said %v", len(c.desk.played), c.desk.output, said)
				}
				spoken(t, r)
			})
		})
	}
}

// TestASoftRecordingIsRaisedALittle, and never cut off.
func TestASoftRecordingIsRaisedALittle(t *testing.T) {
	peak := func(pcm []float32) (top float64) {
		for _, x := range pcm {
			top = max(top, math.Abs(float64(x)))
		}
		return top
	}
	for _, c := range []struct{ peak, speech, want float64 }{
		{0.02, -50, 0.02 * 3.98}, {0.2, -26, 0.2 * 2}, {0.8, -26, 0.9}, {1, -10, 1}, {0.5, nothing, 0.5},
	} {
		if got := peak(loudly([]float32{float32(c.peak), 0}, c.speech)); math.Abs(got-c.want) > 0.01 {
			t.Errorf("a peak of %.2f at %.0f dBFS is played with %.3f, want %.3f", c.peak, c.speech, got, c.want)
		}
	}
}
