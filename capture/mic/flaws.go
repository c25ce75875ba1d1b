package mic

import (
	"math"
	"math/cmplx"
	"slices"
)

// What spoils a voice that arrives. The numbers are for the room's own sounds
// and the voice together, full scale 0 dBFS.
const (
	rail       = 0.999 // of full scale: nothing that was picked up whole reaches it (measured: RFC 7874 leaves 16 dB)
	clippedPct = 0.1   // % of samples at the rail that can be heard as crackle (measured: an overdriven voice 5.9 %)
	offCentre  = 0.01  // of full scale: a converter's own offset is under 0.001 (estimate)
	lopsided   = 0.05  // of full scale: an offset that by itself makes a voice clip on one side

	humDBFS  = -50.0 // dBFS: softer hum is not heard (measured)
	humUnder = 25.0  // dB under the voice, from where on a hum is not noticed (measured)
	goodDBFS = -22.0 // dBFS: how loud a voice should be, where there is none to compare with (RFC 7874)
	tonal    = 10.0  // dB that a tone stands above its neighbours; wind and rumble do not
	steady   = 5.0   // dB that a hum may waver; a bass voice or a string does more
	mainsOff = 0.5   // Hz that the mains stray at most; the nearest notes of music are 1 Hz away

	noisyDB   = 14.0  // dB as snr tells it, whose syllables are chosen by standing out: 10 dB in truth (measured), words get lost
	noisyRoom = -50.0 // dBFS: under this it is not the noise that is too loud but the voice too soft
	loudRoom  = -35.0 // dBFS: a noise that hides an ordinary voice altogether
)

// block is how long hum and offset are measured at once: 200 ms are 10 waves at
// 50 Hz and 12 at 60 Hz, so that neither is seen in the other. Blocks overlap.
const (
	block    = rate / 5
	hop      = block / 2 // from one block to the next
	wakingUp = 1         // blocks in which a device may still be finding its level
	enough   = 5         // blocks before any of it is judged: 0.7 s
	overtone = 9         // the highest looked at, with the fundamental as the first
)

// mains are the frequencies of the world's power lines, Hz.
var mains = [...]float64{50, 60}

// flaws gathers what shows clipping, hum and offset. The zero value has seen
// nothing.
type flaws struct {
	all      int   // samples
	clipped  int   // of these, at the rail
	high     int   // of these, at the upper one
	clippers []int // blocks with any of them, by number
	buf      []float64
	n        int // blocks so far, torn ones too
	means    []float64
	tones    [len(mains)][overtone][]tone
}

// tone is what one block holds at one frequency.
type tone struct {
	at   complex128 // its phase counts from the first sample of all
	near float64    // power 15 Hz to either side, the mean
	from int        // the block's number
}

func (f *flaws) add(x float64) {
	f.all++
	if math.Abs(x) >= rail {
		f.clipped++
		if x > 0 {
			f.high++
		}
		if last := len(f.clippers) - 1; last < 0 || f.clippers[last] != f.n {
			f.clippers = append(f.clippers, f.n)
		}
	}
	if f.buf = append(f.buf, x); len(f.buf) == block {
		f.close()
		f.buf, f.n = append(f.buf[:0], f.buf[hop:]...), f.n+1
	}
}

// close measures a full block. One with a hole in it has edges that belong to
// nothing in the room.
func (f *flaws) close() {
	if f.n < wakingUp || holed(f.buf) {
		return
	}
	sum := 0.0
	var tapered [block]float64
	for i, x := range f.buf {
		sum += x
		tapered[i] = x * window[i]
	}
	f.means = append(f.means, sum/block)
	for m, hz := range mains {
		for k := range overtone {
			at := hz * float64(k+1)
			t := tone{at: bin(tapered[:], at, f.n*hop), from: f.n}
			t.near = (power(bin(tapered[:], at-15, 0)) + power(bin(tapered[:], at+15, 0))) / 2
			f.tones[m][k] = append(f.tones[m][k], t)
		}
	}
}

func holed(buf []float64) bool {
	run := 0
	for _, x := range buf {
		if run++; x != 0 {
			run = 0
		}
		if run >= gap {
			return true
		}
	}
	return false
}

// window tapers a block, so that a strong tone does not spill far.
var window = func() (w [block]float64) {
	for i := range w {
		w[i] = 1 - math.Cos(2*math.Pi*float64(i)/block)
	}
	return w
}()

// bin is what a tapered block holds at one frequency, after Goertzel: a sine of
// amplitude a has magnitude a/√2, its effective value. began is the block's
// first sample, from which its phase is counted back to the first of all.
func bin(tapered []float64, hz float64, began int) complex128 {
	w := 2 * math.Pi * hz / rate
	twice, s1, s2 := 2*math.Cos(w), 0.0, 0.0
	for _, x := range tapered {
		s1, s2 = x+twice*s1-s2, s1
	}
	end := math.Mod(w*float64(began+len(tapered)-1), 2*math.Pi)
	return (complex(s1, 0) - cmplx.Rect(s2, -w)) * cmplx.Rect(math.Sqrt2/block, -end)
}

func power(c complex128) float64 { return real(c)*real(c) + imag(c)*imag(c) }

// clippedPct is the share of samples at the rail, %.
func (f *flaws) clippedPct() float64 {
	if f.all == 0 {
		return 0
	}
	return 100 * float64(f.clipped) / float64(f.all)
}

// clips says whether sound is cut off again and again; a knock on the
// microphone is cut off once.
func (f *flaws) clips() bool { return f.clippedPct() > clippedPct && len(f.clippers) >= 5 }

// suspicious says whether it takes more to be sure that nothing is wrong. loud
// is the level over which a hum counts, dBFS.
func (f *flaws) suspicious(loud float64) bool {
	if f.n < wakingUp+enough || f.clippedPct() > clippedPct || math.Abs(f.leaning()) > offCentre {
		return true
	}
	if f.n-wakingUp-len(f.means) > f.n/4 { // a headset that is silent between words: there is no hum
		return false
	}
	for m := range mains {
		for k := range 2 {
			if level, above := lasting(f.tones[m][k]); dB(level) > loud && above > tonal/2 {
				return true
			}
		}
	}
	return false
}

// dc is how far from zero the sound swings, of full scale: the block's mean
// that half of the blocks exceed. A gust of wind goes both ways.
func (f *flaws) dc() float64 {
	if len(f.means) < enough {
		return 0
	}
	return f.leaning()
}

// leaning is dc of however little there is.
func (f *flaws) leaning() float64 {
	if len(f.means) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(f.means))
	if s[0] < 0 && s[len(s)-1] > 0 {
		return 0
	}
	return s[len(s)/2]
}

// hum is the level of the mains in what is heard, dBFS, and their frequency;
// nothing and 0 if there is none.
func (f *flaws) hum() (dbfs, hz float64) {
	dbfs = nothing
	for m := range mains {
		if !f.isMains(m, 0) && !f.isMains(m, 1) {
			continue
		}
		sum := 0.0
		for k := range f.tones[m] {
			if level, above := lasting(f.tones[m][k]); above > tonal {
				sum += level
			}
		}
		if l := dB(sum); l > dbfs {
			dbfs, hz = l, mains[m]
		}
	}
	return dbfs, hz
}

// isMains says whether overtone k of a power line is there: always, in the
// quieter half of the time equally loud, and at the very frequency. Voices and
// instruments waver.
func (f *flaws) isMains(m, k int) bool {
	blocks := f.tones[m][k]
	if len(blocks) < enough {
		return false
	}
	if _, above := lasting(blocks); above < tonal {
		return false
	}
	levels := make([]float64, len(blocks))
	for i, t := range blocks {
		levels[i] = dB(power(t.at))
	}
	middle := percentile(levels, 50)            // above it somebody may be speaking at this pitch
	if middle-percentile(levels, 10) > steady { // one block may have caught a glitch
		return false
	}
	var off []float64 // Hz, from how far the phase turns between neighbours
	for i := 1; i < len(blocks); i++ {
		a, b := blocks[i-1], blocks[i]
		if b.from == a.from+1 && levels[i-1] <= middle && levels[i] <= middle {
			off = append(off, math.Abs(cmplx.Phase(b.at*cmplx.Conj(a.at)))/(2*math.Pi*hop/rate))
		}
	}
	slices.Sort(off)
	return len(off) > 0 && off[len(off)/2] <= mainsOff*float64(k+1)
}

// lasting is the power of a tone that three quarters of the blocks reach, and
// how far it stands above its neighbours, dB.
func lasting(blocks []tone) (level, above float64) {
	if len(blocks) == 0 {
		return 0, 0
	}
	at, near := make([]float64, len(blocks)), make([]float64, len(blocks))
	for i, t := range blocks {
		at[i], near[i] = power(t.at), t.near
	}
	slices.Sort(at)
	slices.Sort(near)
	level = at[len(at)/4]
	return level, dB(level) - dB(near[len(near)/2])
}

// describe writes what was measured, units in the key.
func (f *flaws) describe(detail map[string]any) {
	detail["clipped_percent"] = math.Round(1000*f.clippedPct()) / 1000
	if len(f.means) < enough {
		return
	}
	detail["dc"] = math.Round(1e4*f.dc()) / 1e4
	if level, hz := f.hum(); hz > 0 {
		detail["hum_db"], detail["hum_hz"] = tenth(level), hz
	}
}
