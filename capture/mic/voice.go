package mic

import (
	"math"
	"slices"
	"time"
)

// rate is the sample rate everything here is measured at, in Hz: more than a
// voice needs, and little work.
const rate = 16000

const (
	frame     = rate / 50 // 20 ms: short enough to see syllables
	floorTime = 15        // frames (0.3 s) before a floor means anything
	needed    = 30        // frames (0.6 s) above the floor make a voice; steady sounds have none (measured)
	above     = 9.0       // dB over the floor (measured on speech, noise and hum)
	spread    = 4.0       // dB: level SD of speech is 10–33, of noise and hum at most 0.3 (measured)
	syllable  = 4         // frames in a row: 80 ms. A key struck or a click is shorter
	gap       = 32        // exact zeros in a row, 2 ms: lost or switched off, no room is as quiet
	swing     = 3.0       // dB between loud and soft parts of a voice; a fan that starts has under 1
	deepest   = -75.0     // dBFS: below it a room counts as quiet, so that hiss cannot pass for a voice
	silentPct = 99.9      // % of exact zeros that is digital silence (measured: muted and silent give only zeros)
	nothing   = -120.0    // dBFS written for exact zero, where the logarithm has no end
)

// voice listens for somebody speaking. The zero value has heard nothing.
//
// Speech comes and goes in syllables: frames well above the room's floor, in
// groups, of very different levels. Hum, hiss and fans stay level.
type voice struct {
	samples, zeros int
	peak           float64 // of full scale
	energy         float64 // of the newest frames, for the level meter
	energyOf       int     // samples in energy

	pass    highPass
	sum     float64 // energy of the frame being filled
	in      int     // samples in it
	blank   int     // of these, exact zeros
	run     int     // exact zeros in a row just now
	torn    bool    // pieces of this frame were lost
	mended  bool    // pieces of the frame before it were
	sounded bool    // a sample other than zero has come
	levels  []float64

	flaws flaws
}

// add takes the next samples, mono, full scale ±1.
func (v *voice) add(pcm []float32) {
	for _, s := range pcm {
		x := float64(s)
		v.samples++
		v.run++
		if x == 0 {
			v.zeros++
			v.blank++
		} else {
			v.sounded = true
			v.run = 0
		}
		v.torn = v.torn || v.run >= gap
		v.peak = max(v.peak, math.Abs(x))
		v.flaws.add(x)
		y := v.pass.next(x)
		v.sum += y * y
		v.energy += y * y // the meter shows what the verdict is made of
		v.energyOf++
		if v.in++; v.in == frame {
			v.close()
		}
	}
}

// close takes the level of a full frame. Zeros before the first sound are the
// device waking up, not the room. A busy computer loses pieces of what it
// records, and a hum with holes has edges like a voice: frames with an edge do
// not count.
func (v *voice) close() {
	switch {
	case !v.sounded:
	case v.blank == frame:
		v.levels = append(v.levels, nothing)
	case !v.torn && !v.mended:
		v.levels = append(v.levels, dB(v.sum/frame))
	}
	v.mended = v.torn
	v.sum, v.in, v.blank, v.torn = 0, 0, 0, false
}

// level is the loudness since it was last asked for, dBFS.
func (v *voice) level() float64 {
	if v.energyOf == 0 {
		return nothing
	}
	l := dB(v.energy / float64(v.energyOf))
	v.energy, v.energyOf = 0, 0
	return l
}

// floor is the room's level without a voice: its 10th percentile, dBFS.
func (v *voice) floor() float64 { return max(percentile(v.levels, 10), deepest) }

// spoken are the levels of the frames that stand above the floor in groups as
// long as a syllable.
func (v *voice) spoken() []float64 {
	var all []float64
	line, from := v.floor()+above, 0
	for i := 0; i <= len(v.levels); i++ {
		if i < len(v.levels) && v.levels[i] > line {
			continue
		}
		if i-from >= syllable {
			all = append(all, v.levels[from:i]...)
		}
		from = i + 1
	}
	return all
}

// proven says whether somebody has spoken.
func (v *voice) proven() bool {
	if len(v.levels) < floorTime+needed/2 {
		return false
	}
	s := v.spoken()
	return len(s) >= needed && deviation(v.levels) > spread && percentile(s, 90)-percentile(s, 10) > swing
}

// silent says whether all that came was exact zeros.
func (v *voice) silent() bool {
	return v.samples > 0 && v.zeroPct() >= silentPct
}

func (v *voice) zeroPct() float64 {
	if v.samples == 0 {
		return 0
	}
	return 100 * float64(v.zeros) / float64(v.samples)
}

// speech is the mean level of what was spoken, dBFS.
func (v *voice) speech() float64 {
	s := v.spoken()
	if len(s) == 0 {
		return nothing
	}
	sum := 0.0
	for _, l := range s {
		sum += math.Pow(10, l/10)
	}
	return dB(sum / float64(len(s)))
}

// snr is how far what was spoken stands above the room, dB.
func (v *voice) snr() float64 { return v.speech() - v.floor() }

// deaf says whether nothing has come that could be a part of a voice.
func (v *voice) deaf() bool {
	return len(v.spoken()) < syllable+1 && (len(v.levels) == 0 || deviation(v.levels) < spread)
}

// time is how much has been heard.
func (v *voice) time() time.Duration { return time.Duration(v.samples) * time.Second / rate }

// loudHum is the level over which a hum disturbs, dBFS.
func (v *voice) loudHum() float64 {
	if v.proven() {
		return max(humDBFS, v.speech()-humUnder)
	}
	return max(humDBFS, goodDBFS-humUnder)
}

// good says whether a voice was heard, and nothing even hints at a flaw.
func (v *voice) good() bool {
	return v.proven() && v.flaw() == "" && !v.flaws.suspicious(v.loudHum())
}

// flaw is the code of what spoils the voice that was heard, or would spoil any;
// "" if it is as good as a class needs.
func (v *voice) flaw() string {
	f, voiced := &v.flaws, v.proven()
	hum, _ := f.hum()
	switch {
	case f.clips() && math.Abs(f.dc()) > lopsided:
		return "mic.dc"
	case f.clips():
		return "mic.clipped"
	case hum > v.loudHum():
		return "mic.hum"
	case voiced && v.snr() < noisyDB && v.floor() > noisyRoom:
		return "mic.noisy"
	case !voiced && len(v.levels) >= floorTime && len(f.means) >= enough && v.floor() > loudRoom:
		return "mic.noisy"
	case voiced && v.speech() < quietDBFS:
		return "mic.quiet"
	case math.Abs(f.dc()) > offCentre:
		return "mic.dc"
	}
	return ""
}

// describe writes what was measured, units in the key.
func (v *voice) describe(detail map[string]any) {
	if v.samples == 0 {
		return
	}
	detail["heard_ms"] = int64(v.samples) * 1000 / rate
	detail["peak_dbfs"] = tenth(dB(v.peak * v.peak))
	detail["zeros_pct"] = tenth(v.zeroPct())
	detail["voice_ms"] = len(v.spoken()) * 20
	if len(v.levels) > 0 {
		detail["floor_dbfs"] = tenth(v.floor())
	}
	if s := v.speech(); s > nothing {
		detail["level_dbfs"] = tenth(s)
		detail["snr_db"] = tenth(v.snr())
	}
	v.flaws.describe(detail)
}

// highPass takes away what lies under 300 Hz, where hum and rumble live and a
// voice can spare it: second order, Butterworth.
type highPass struct{ x1, x2, y1, y2 float64 }

func (h *highPass) next(x float64) float64 {
	y := passB*(x-2*h.x1+h.x2) - passA1*h.y1 - passA2*h.y2
	h.x2, h.x1, h.y2, h.y1 = h.x1, x, h.y1, y
	return y
}

// The filter's numbers, by the bilinear transform.
var (
	passK  = math.Tan(math.Pi * 300 / rate)
	passN  = 1 / (1 + math.Sqrt2*passK + passK*passK)
	passB  = passN
	passA1 = 2 * (passK*passK - 1) * passN
	passA2 = (1 - math.Sqrt2*passK + passK*passK) * passN
)

func dB(power float64) float64 {
	if power <= 0 {
		return nothing
	}
	return max(10*math.Log10(power), nothing)
}

func tenth(x float64) float64 { return math.Round(10*x) / 10 }

// percentile of no levels is nothing.
func percentile(levels []float64, p int) float64 {
	if len(levels) == 0 {
		return nothing
	}
	s := slices.Clone(levels)
	slices.Sort(s)
	return s[(len(s)-1)*p/100]
}

// deviation is the standard deviation. Frames below the deepest floor count as
// that, or digital silence between two hisses would look like speech.
func deviation(levels []float64) float64 {
	var sum, squares float64
	for _, l := range levels {
		l = max(l, deepest)
		sum += l
		squares += l * l
	}
	n := float64(len(levels))
	return math.Sqrt(max(squares/n-(sum/n)*(sum/n), 0))
}
