package mic

import (
	"math"
	"math/rand/v2"
	"testing"
)

// hear feeds pcm in pieces as a device would and returns when a voice was
// proven, in seconds, or -1.
func hear(v *voice, pcm []float32) float64 {
	at := -1.0
	for i := 0; i < len(pcm); i += 160 {
		v.add(pcm[i:min(i+160, len(pcm))])
		if at < 0 && v.proven() {
			at = float64(i) / rate
		}
	}
	return at
}

func seconds(s float64, sample func(t float64) float64) []float32 {
	out := make([]float32, int(s*rate))
	for i := range out {
		out[i] = float32(sample(float64(i) / rate))
	}
	return out
}

func amplitude(dbfs float64) float64 { return math.Pow(10, dbfs/20) }

func noise(dbfs float64) func(float64) float64 {
	r := rand.New(rand.NewPCG(3, 4))
	return func(float64) float64 { return r.NormFloat64() * amplitude(dbfs) }
}

// TestSteadySoundsAreNoVoice: nothing here is somebody speaking.
func TestSteadySoundsAreNoVoice(t *testing.T) {
	hum := func(hz float64) func(float64) float64 {
		return func(t float64) float64 {
			w := 2 * math.Pi * hz * t
			return amplitude(-20) * (math.Sin(w) + 0.3*math.Sin(3*w) + 0.2*math.Sin(15*w))
		}
	}
	hiss, room, fan := noise(-25), noise(-60), noise(-30)
	key, whirr, faint := noise(-15), noise(-40), noise(-82)
	r := rand.New(rand.NewPCG(5, 6))
	torn := make([]bool, 2000) // a busy computer loses pieces of 5 to 60 ms
	for i := 0; i < len(torn); i += 1 + r.IntN(60) {
		for range 1 + r.IntN(12) {
			if i < len(torn) {
				torn[i], i = true, i+1
			}
		}
	}
	lost := func(sound func(float64) float64) func(float64) float64 {
		return func(t float64) float64 {
			if x := sound(t); !torn[int(t*200)%len(torn)] {
				return x
			}
			return 0
		}
	}
	for name, sound := range map[string]func(float64) float64{
		"digital silence": func(float64) float64 { return 0 },
		"hiss":            hiss,
		"a quiet room":    room,
		"50 Hz hum":       hum(50),
		"60 Hz hum":       hum(60),
		"a tone":          func(t float64) float64 { return 0.3 * math.Sin(2*math.Pi*1000*t) },
		"DC":              func(float64) float64 { return 0.2 },
		"a fan that starts": func(t float64) float64 {
			if t < 1 {
				return room(t)
			}
			return fan(t)
		},
		"a hum that starts": func(t float64) float64 {
			if t < 1 {
				return room(t)
			}
			return hum(50)(t) + room(t)
		},
		"zeros, then hiss": func(t float64) float64 {
			if t < 1 {
				return 0
			}
			return hiss(t)
		},
		"typing": func(t float64) float64 { // eight keys a second, 40 ms each
			if math.Mod(t, 0.125) < 0.04 {
				return key(t)
			}
			return room(t)
		},
		"hiss of the converter": noise(-90),
		"noise with gaps":       lost(whirr),
		"hum with gaps":         lost(hum(50)),
		"footsteps": func(t float64) float64 { // two a second, under a voice's range
			step := max(0, math.Sin(4*math.Pi*t))
			return room(t) + amplitude(-30)*step*step*math.Sin(2*math.Pi*50*t)
		},
		"hiss that comes and goes": func(t float64) float64 {
			switch math.Mod(t, 0.5) > 0.25 {
			case true:
				return faint(t) * (1 + math.Mod(math.Floor(t*2), 3))
			default:
				return 0
			}
		},
	} {
		v := &voice{}
		if at := hear(v, seconds(5, sound)); at >= 0 {
			t.Errorf("%s passed for a voice after %.1f s: floor %.1f dBFS, %d ms", name, at, v.floor(), 20*len(v.spoken()))
		}
	}
}

// TestZerosAreSilenceAndHissIsNot: one sample in a thousand decides.
func TestZerosAreSilenceAndHissIsNot(t *testing.T) {
	zeros, hiss := &voice{}, &voice{}
	zeros.add(make([]float32, rate))
	hear(hiss, seconds(1, noise(-90)))
	if !zeros.silent() || hiss.silent() || (&voice{}).silent() {
		t.Errorf("zeros silent=%v, hiss silent=%v, nothing at all silent=%v", zeros.silent(), hiss.silent(), (&voice{}).silent())
	}
}

// TestTheLevelMeterShowsTheLoudnessSinceLastAsked, in dBFS.
func TestTheLevelMeterShowsTheLoudnessSinceLastAsked(t *testing.T) {
	v := &voice{}
	if l := v.level(); l != nothing {
		t.Errorf("before any sound %.1f", l)
	}
	v.add(seconds(1, func(t float64) float64 { return math.Sin(2 * math.Pi * 2000 * t) }))
	if l := v.level(); math.Abs(l+3) > 0.1 {
		t.Errorf("a full-scale tone shows %.2f dBFS, want -3", l)
	}
	v.add(make([]float32, 1600)) // in which the filter comes to rest
	v.level()
	v.add(make([]float32, 1600))
	if l := v.level(); l > -100 {
		t.Errorf("zeros after a tone show %.1f", l)
	}
}

// TestTheFilterTakesHumAndLeavesTheVoice: 300 Hz, 12 dB an octave.
func TestTheFilterTakesHumAndLeavesTheVoice(t *testing.T) {
	for _, c := range []struct{ hz, min, max float64 }{{50, -80, -28}, {300, -3.3, -2.7}, {1000, -0.3, 0.1}} {
		var h highPass
		var in, out float64
		for i := range 2 * rate {
			x := math.Sin(2 * math.Pi * c.hz * float64(i) / rate)
			if y := h.next(x); i > rate {
				in, out = in+x*x, out+y*y
			}
		}
		if g := dB(out) - dB(in); g < c.min || g > c.max {
			t.Errorf("%.0f Hz passes with %.1f dB, want %.1f…%.1f", c.hz, g, c.min, c.max)
		}
	}
}

// TestTheMeterAgreesWithTheVerdict: what it shows while somebody speaks is what
// the verdict calls the voice's level, and what is no voice does not move it.
func TestTheMeterAgreesWithTheVerdict(t *testing.T) {
	shown := func(v *voice, pcm []float32) (levels []float64) {
		for i := 0; i+rate/10 <= len(pcm); i += rate / 10 {
			v.add(pcm[i : i+rate/10])
			levels = append(levels, v.level())
		}
		return levels
	}
	for name, more := range map[string]func(float64) float64{"alone": constant(0), "with an offset": constant(0.2), "with a hum of 50 Hz": chord(-16, 50)} {
		v := &voice{}
		levels := shown(v, seconds(4, sum(gained(-6, chatter), noise(-60), more)))
		loud, n := 0.0, 0
		for _, l := range levels[3:] {
			if l > v.floor()+above {
				loud, n = loud+math.Pow(10, l/10), n+1
			}
		}
		if got := dB(loud / float64(max(n, 1))); math.Abs(got-v.speech()) > 3 {
			t.Errorf("%s: the meter shows %.1f, the verdict says %.1f dBFS", name, got, v.speech())
		}
	}
	v := &voice{}
	for i, l := range shown(v, seconds(3, sum(noise(-75), constant(0.2)))) {
		if i > 2 && l > -60 {
			t.Errorf("nobody speaks over an offset, and the meter shows %.1f dBFS", l)
		}
	}
	if v.proven() {
		t.Error("an offset passed for a voice")
	}
}
