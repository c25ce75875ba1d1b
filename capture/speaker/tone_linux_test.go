package speaker

import (
	"testing"

	"raisehand/build/sound"
)

// TestAVoiceIsNotTheTone: somebody speaks, and no tone came.
func TestAVoiceIsNotTheTone(t *testing.T) {
	for _, sentence := range []string{"Good morning class, please open your books at page forty eight.", "one two three four five six seven"} {
		said, err := sound.Say(sentence)
		if err != nil {
			t.Fatalf("make speech: %v (install espeak-ng)", err)
		}
		voice := make([]float32, len(said)*heardRate/sound.Rate)
		for i := range voice {
			voice[i] = said[i*sound.Rate/heardRate]
		}
		alone, _ := find(voice)
		both := append([]float32{}, voice...)
		loudest := float32(0)
		for _, x := range voice {
			loudest = max(loudest, x, -x)
		}
		for i, x := range tone(heardRate) {
			both[len(both)/2+i] += x * loudest / (2 * toneLevel) // half as high as the voice
		}
		over, _ := find(both)
		t.Logf("%q: alone %.3f, with the tone under it %.2f", sentence, alone, over)
		if alone >= matching {
			t.Errorf("%q passed for the tone: %.2f", sentence, alone)
		}
		if over < matching {
			t.Errorf("the tone was lost under %q: %.2f", sentence, over)
		}
	}
}
