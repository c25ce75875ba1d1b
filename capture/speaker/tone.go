package speaker

import (
	"math"
	"time"
)

// The tone is two notes of a friendly doorbell, a fifth apart, each fading away.
const (
	firstNote  = 659.26 // Hz, E5
	secondNote = 987.77 // Hz, B5: a small loudspeaker plays it as well as a large one
	noteAfter  = 0.18   // s, from the first to the second
	toneLong   = 0.48   // s, all of it
	toneAttack = 0.008  // s: no click
	toneFade   = 0.14   // s, to 1/e
	toneLevel  = 0.25   // of full scale, with overtones −10 dBFS at most: like a voice, and no fright

	before = 0.30 // s of silence, in which a sleeping headset wakes up
	after  = 0.10 // s of silence, so that nothing is cut off

	heardRate = 8000 // Hz, at which the loopback is compared
)

// tone is what is heard, mono, full scale ±1.
func tone(rate int) []float32 {
	out := make([]float32, int(toneLong*float64(rate)))
	note := func(hz, at float64) {
		for i := int(at * float64(rate)); i < len(out); i++ {
			t := float64(i)/float64(rate) - at
			rise := min(1, t/toneAttack)
			end := min(1, (toneLong-at-t)/0.02)
			out[i] += float32(toneLevel * rise * end * math.Exp(-t/toneFade) *
				(math.Sin(2*math.Pi*hz*t) + 0.25*math.Sin(4*math.Pi*hz*t)))
		}
	}
	note(firstNote, 0)
	note(secondNote, noteAfter)
	return out
}

// chirp is the tone with the silence around it.
func chirp(rate int) []float32 {
	out := make([]float32, int((before+toneLong+after)*float64(rate)))
	copy(out[int(before*float64(rate)):], tone(rate))
	return out
}

// find looks for the tone in what was heard at heardRate: the share of the best
// place that is the tone, 0–1, and where that place begins.
func find(heard []float32) (match float64, at time.Duration) {
	want := tone(heardRate)
	own := energy(want)
	if len(heard) < len(want) {
		return 0, 0
	}
	around := energy(heard[:len(want)])
	for i := 0; i+len(want) <= len(heard); i++ {
		if i > 0 {
			lost, won := float64(heard[i-1]), float64(heard[i+len(want)-1])
			around += won*won - lost*lost
		}
		if around < quietest {
			continue
		}
		dot := 0.0
		for k, w := range want {
			dot += float64(w) * float64(heard[i+k])
		}
		if r := math.Abs(dot) / math.Sqrt(own*around); r > match {
			match, at = r, time.Duration(float64(i)/heardRate*float64(time.Second))
		}
	}
	return min(match, 1), at
}

// quietest is the energy of a tone at −110 dBFS: below it there are only the
// rounding errors of the running sum.
const quietest = 1e-11 * toneLong * heardRate

func energy(pcm []float32) (sum float64) {
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return sum
}
