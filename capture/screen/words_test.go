package screen

import (
	"testing"

	"raisehand/assets/words"
)

func TestWords(t *testing.T) {
	for _, lang := range words.Langs {
		for _, code := range []string{"screen.ok", "screen.wayland", "screen.no_display", "screen.denied", "screen.failed"} {
			if s := words.In(lang).Codes[code]; s.Title == "" || s.Says == "" || s.Do == "" {
				t.Errorf("%s: words missing in %s", code, lang)
			}
		}
	}
}
