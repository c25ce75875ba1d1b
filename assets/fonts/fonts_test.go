package fonts_test

import (
	"encoding/json"
	"os"
	"testing"

	"raisehand/assets/fonts"

	"golang.org/x/image/font/sfnt"
)

// Every character of every sentence has its glyph in both weights.
func TestWordsHaveGlyphs(t *testing.T) {
	const limit = 3 << 19 // 1.5 MB
	for name, raw := range map[string][]byte{"regular": fonts.Regular, "bold": fonts.Bold} {
		if len(raw) > limit {
			t.Errorf("%s: %d bytes, want at most %d", name, len(raw), limit)
		}
		face, err := sfnt.Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var buf sfnt.Buffer
		missing := map[rune]string{}
		look := func(where, s string) {
			for _, r := range s {
				if r == '\n' {
					continue
				}
				if g, err := face.GlyphIndex(&buf, r); err != nil || g == 0 {
					missing[r] = where
				}
			}
		}
		look("ASCII and U+FFFD", " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\ufffd")
		for _, lang := range []string{"en", "zh"} {
			data, err := os.ReadFile("../words/" + lang + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var words any
			if err := json.Unmarshal(data, &words); err != nil {
				t.Fatal(err)
			}
			walk(lang, words, look)
		}
		for r, where := range missing {
			t.Errorf("%s has no %q (U+%04X), needed by %s: run build/fonts.sh", name, r, r, where)
		}
	}
}

func walk(where string, v any, look func(where, s string)) {
	switch v := v.(type) {
	case string:
		look(where, v)
	case map[string]any:
		for k, x := range v {
			walk(where+" "+k, x, look)
		}
	}
}
