package speaker

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// heard is silence or noise with the tone somewhere in it.
func heard(seconds, at, gain, noise float64) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]float32, int(seconds*heardRate))
	for i := range out {
		out[i] = float32(noise * r.NormFloat64())
	}
	if gain != 0 {
		for i, x := range tone(heardRate) {
			out[int(at*heardRate)+i] += float32(gain) * x
		}
	}
	return out
}

func TestTheToneIsFound(t *testing.T) {
	for _, c := range []struct {
		name        string
		pcm         []float32
		least, most float64
		at          float64 // s; not asked if nothing is found
	}{
		{"silence", heard(1.5, 0, 0, 0), 0, 0, 0},
		{"nothing", nil, 0, 0, 0},
		{"hiss", heard(1.5, 0, 0, 0.01), 0, 0.1, 0},
		{"loud noise", heard(1.5, 0, 0, 0.3), 0, 0.1, 0},
		{"the tone", heard(1.5, 0.4, 1, 0), 0.99, 1, 0.4},
		{"the tone, softly", heard(1.5, 0.4, 0.001, 0), 0.99, 1, 0.4},
		{"the tone, turned over", heard(1.5, 0.4, -1, 0), 0.99, 1, 0.4},
		{"the tone at once", heard(0.48, 0, 1, 0), 0.99, 1, 0},
		{"the tone in noise of its loudness", heard(1.5, 0.4, 1, 0.06), 0.5, 0.9, 0.4},
	} {
		match, at := find(c.pcm)
		if math.IsNaN(match) || match < c.least || match > c.most {
			t.Errorf("%s: match %.3f, want %v…%v", c.name, match, c.least, c.most)
		}
		want := time.Duration(c.at * float64(time.Second))
		if c.least > 0 && (at-want).Abs() > 2*time.Millisecond {
			t.Errorf("%s: found at %v, want %v", c.name, at, want)
		}
	}
}

// TestTheToneStartlesNobody: short, as loud as a voice, without a click.
func TestTheToneStartlesNobody(t *testing.T) {
	pcm := chirp(toneLevelRate)
	peak, jump := 0.0, 0.0
	for i, x := range pcm {
		peak = max(peak, math.Abs(float64(x)))
		if i > 0 {
			jump = max(jump, math.Abs(float64(x-pcm[i-1])))
		}
	}
	if long := float64(len(tone(toneLevelRate))) / toneLevelRate; long > 0.5 {
		t.Errorf("it takes %.2f s", long)
	}
	if l := dB(peak); l > -9 || l < -15 {
		t.Errorf("its peak is %.1f dBFS", l)
	}
	// A sine of the second note and its overtone at the peak cannot jump further.
	if most := peak * 2 * math.Pi * secondNote * 1.5 / toneLevelRate; jump > most {
		t.Errorf("it clicks: a step of %.3f, at most %.3f is smooth", jump, most)
	}
	if pcm[0] != 0 || math.Abs(float64(pcm[len(pcm)-1])) > 1e-4 {
		t.Error("it does not begin and end in silence")
	}
}

const toneLevelRate = 48000
