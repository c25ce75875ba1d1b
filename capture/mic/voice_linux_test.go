package mic

import (
	"testing"

	"raisehand/build/sound"
)

// speech is a sentence at this package's rate, its loudest sample at 1.
func speech(t *testing.T, sentence string) []float32 {
	t.Helper()
	in, err := sound.Say(sentence)
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
