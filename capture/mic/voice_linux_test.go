package mic

import (
	"testing"

	"raisehand/build/sound"
)

// speech is a sentence at this package's rate, its loudest sample at 1.
func speech(t *testing.T, sentence string) []float32 { return spokenBy(t, "en", sentence) }

func spokenBy(t *testing.T, person, sentence string) []float32 {
	t.Helper()
	in, err := sound.SayBy(person, sentence)
	if err != nil {
		t.Fatalf("make speech: %v (install espeak-ng)", err)
	}
	out := make([]float32, len(in)*rate/sound.Rate)
	top := float32(0)
	for i := range out {
		out[i] = in[i*sound.Rate/rate]
		top = max(top, out[i], -out[i])
	}
	for i := range out {
		out[i] /= top
	}
	return out
}

// TestAVoiceIsHeard: two sentences, loud, soft and over a noisy room.
func TestAVoiceIsHeard(t *testing.T) {
	for _, sentence := range []string{"Good morning class, can you hear me?", "one two three four five six seven"} {
		say := speech(t, sentence)
		for _, c := range []struct{ peak, room float64 }{{-3, -200}, {-3, -60}, {-20, -70}, {-30, -80}, {-40, -200}, {-12, -45}} {
			v, room := &voice{}, noise(c.room)
			pcm := seconds(5, func(s float64) float64 {
				x := 0.0
				if i := int((s - 0.3) * rate); s > 0.3 {
					x = amplitude(c.peak) * float64(say[i%len(say)])
				}
				if c.room > -120 {
					x += room(s)
				}
				return x
			})
			at := hear(v, pcm)
			t.Logf("%q peak %.0f, room %.0f dBFS: proven after %.2f s, speech %.1f, floor %.1f dBFS, SD %.1f, swing %.1f", sentence, c.peak, c.room, at,
				v.speech(), v.floor(), deviation(v.levels), percentile(v.spoken(), 90)-percentile(v.spoken(), 10))
			if at < 0 {
				t.Errorf("%q at %.0f dBFS over a room of %.0f: not heard", sentence, c.peak, c.room)
			}
		}
	}
}

// TestAVoiceWithoutAPauseBeforeItIsHeard: speech goes on when the microphone opens.
func TestAVoiceWithoutAPauseBeforeItIsHeard(t *testing.T) {
	say := speech(t, "and this is why the sum of both is always the same whatever you take first")
	for _, from := range []float64{0, 0.4, 0.9} {
		v := &voice{}
		at := hear(v, seconds(4, func(s float64) float64 { return 0.3 * float64(say[int((s+from)*rate)%len(say)]) }))
		t.Logf("from %.1f s: proven after %.2f s", from, at)
		if at < 0 {
			t.Errorf("from %.1f s on: not heard", from)
		}
	}
}

// people are who speaks in the tests, as espeak-ng names them: women and men,
// Chinese and English.
var people = map[string]string{
	"en-us":    "Good morning class, can you hear me? Today we look at page twelve.",
	"en-us+f3": "Please open your books, and tell me what you see in the picture.",
	"en-gb+m7": "one two three four five six seven",
	"cmn":      "同学们好，大家能听见我说话吗？请打开课本第十二页。",
	"cmn+f2":   "今天我们继续学习第三课，先复习一下上次的内容。",
	"de":       "Guten Morgen, könnt ihr mich hören?",
}

// verdict hears pcm as the check does, and stops where it would.
func verdict(pcm []float32) (string, *examination) {
	x := &examination{}
	for i := 0; i < len(pcm) && !x.done(); i += 160 {
		x.heard.add(pcm[i:min(i+160, len(pcm))])
	}
	return x.heard.flaw(), x
}

// saying is a person who speaks in a room, the voice's active level in dBFS.
func saying(say []float32, level, from float64, room ...func(float64) float64) []float32 {
	alone := &voice{}
	alone.add(say)
	gain := amplitude(level - alone.speech())
	voice := func(s float64) float64 {
		if i := int((s - from) * rate); s > from {
			return gain * float64(say[i%len(say)])
		}
		return 0
	}
	return seconds(5, sum(append(room, voice)...))
}

// TestOrdinaryVoicesAreNotAccused: every person, soft to loud, in quiet and in
// lively rooms, at once or after a pause.
func TestOrdinaryVoicesAreNotAccused(t *testing.T) {
	slowest := 0.0
	for person, sentence := range people {
		say := spokenBy(t, person, sentence)
		for _, level := range []float64{-36, -27, -20} {
			for name, room := range map[string]func(float64) float64{
				"dead quiet": noise(-95), "quiet": noise(-65), "a fan": noise(level - 18), "an air conditioner": sum(noise(-62), rumble(-44)),
				"music": sum(noise(-65), chord(level-20, 98, 196, 294, 392)), "hum that nobody hears": sum(noise(-65), buzz(50, -56)),
				"a little offset": sum(noise(-60), constant(0.003)),
			} {
				for _, from := range []float64{0, 1.5} {
					got, x := verdict(saying(say, level, from, room))
					slowest = max(slowest, x.heard.time().Seconds()-from)
					if !x.heard.proven() || got != "" {
						t.Errorf("%s at %.0f dBFS in %s from %.1f s: %q, proven %v after %v: %v", person, level, name, from, got, x.heard.proven(), x.heard.time(), x.told())
					}
				}
			}
		}
	}
	for person, sentence := range people { // a headset that lets nothing through between words
		_, x := verdict(saying(spokenBy(t, person, sentence), -24, 0.3))
		if took := x.heard.time().Seconds(); !x.heard.good() || took > 2 {
			t.Errorf("%s without a room: good %v after %.2f s: %v", person, x.heard.good(), took, x.told())
		}
	}
	t.Logf("the slowest verdict came after %.2f s", slowest)
}

// TestBadVoicesAreNamed: the same people with something wrong.
func TestBadVoicesAreNamed(t *testing.T) {
	loud := func(db float64, pcm []float32) []float32 { // overdriven
		for i := range pcm {
			pcm[i] = float32(max(-1, min(1, float64(pcm[i])*amplitude(db))))
		}
		return pcm
	}
	for person, sentence := range people {
		say := spokenBy(t, person, sentence)
		for name, c := range map[string]struct {
			pcm  []float32
			want string
		}{
			"overdriven":          {loud(22, saying(say, -22, 0.3, noise(-60))), "mic.clipped"},
			"overdriven a little": {loud(12, saying(say, -22, 0.3, noise(-60))), "mic.clipped"},
			"hum 50":              {saying(say, -24, 0.3, noise(-65), buzz(50, -32)), "mic.hum"},
			"hum 60":              {saying(say, -24, 0.3, noise(-65), buzz(60, -38)), "mic.hum"},
			"hum 49.8":            {saying(say, -30, 0, noise(-65), buzz(49.8, -40)), "mic.hum"},
			"rectifier":           {saying(say, -24, 0.3, noise(-65), chord(-30, 100)), "mic.hum"},
			"noise":               {saying(say, -24, 0.3, noise(-33)), "mic.noisy"},
			"great noise":         {saying(say, -24, 0.3, noise(-27)), "mic.noisy"},
			"far away":            {saying(say, -47, 0.3, noise(-75)), "mic.quiet"},
			"offset":              {saying(say, -24, 0.3, noise(-65), constant(0.03)), "mic.dc"},
		} {
			got, x := verdict(c.pcm)
			if got != c.want {
				t.Errorf("%s, %s: %q, want %q; after %v: %v", person, name, got, c.want, x.heard.time(), x.told())
			}
		}
	}
}

func (x *examination) told() map[string]any {
	d := map[string]any{}
	x.heard.describe(d)
	return d
}
