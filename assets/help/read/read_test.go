package read

import (
	"reflect"
	"strings"
	"testing"

	"raisehand/assets/help"
)

func TestAnArticleIsTakenApart(t *testing.T) {
	got := Article([]byte("# Too soft\n\nFirst *line*,\nsecond `raisehand check`.\n\n## Try this\n\n1. Press **Try again**; see [Keep teaching](keep-teaching.md).\n   - On macOS: here.\n\n   ![A headset](../pictures/headset.svg)\n2. Wait.\n\n| A | B |\n|---|---|\n| 1 | **2** |\n\n<b>no</b>\n"))
	want := []Block{
		{Kind: Title, Runs: []Run{{Text: "Too soft"}}},
		{Kind: Para, Runs: []Run{{Text: "First "}, {Text: "line", Bold: true}, {Text: ", second "}, {Text: "raisehand check", Code: true}, {Text: "."}}},
		{Kind: Heading, Runs: []Run{{Text: "Try this"}}},
		{Kind: Item, Number: 1, Runs: []Run{{Text: "Press "}, {Text: "Try again", Bold: true}, {Text: "; see "}, {Text: "Keep teaching", Link: "keep-teaching"}, {Text: "."}}},
		{Kind: Item, Depth: 1, Runs: []Run{{Text: "On macOS: here."}}},
		{Kind: Picture, Depth: 1, Runs: []Run{{Text: "A headset"}}, Source: "headset.svg"},
		{Kind: Item, Number: 2, Runs: []Run{{Text: "Wait."}}},
		{Kind: Row, Head: true, Cells: [][]Run{{{Text: "A"}}, {{Text: "B"}}}},
		{Kind: Row, Cells: [][]Run{{{Text: "1"}}, {{Text: "2", Bold: true}}}},
		{Kind: Para, Runs: []Run{{Text: "no"}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// Nothing that an article says is lost on the way to a window.
func TestNoWordOfAnArticleIsLost(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		for _, e := range help.List(lang) {
			_, markdown, _ := help.Text(lang, e.Name)
			shown := ""
			for _, b := range Article(markdown) {
				shown += Plain(b.Runs)
				for _, cell := range b.Cells {
					shown += Plain(cell)
				}
			}
			shown = letters(shown)
			for _, line := range strings.Split(string(markdown), "\n") {
				if strings.HasPrefix(strings.TrimSpace(line), "```") {
					continue
				}
				for _, part := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("[]()*`|#!", r) }) {
					if strings.HasSuffix(part, ".md") || strings.HasSuffix(part, ".svg") || strings.HasSuffix(part, ".png") {
						continue // where a link leads
					}
					if part = letters(part); !strings.Contains(shown, part) {
						t.Errorf("%s %s: %q is not shown", lang, e.Name, part)
					}
				}
			}
		}
	}
}

// letters are a text's own, without numbering and signs.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '!' || r < 128 && strings.ContainsRune("0123456789.-*_:\\>", r) {
			return -1
		}
		return r
	}, s)
}
