package build

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBothHalvesOfTheReadmeSayTheSame: whoever reads only one of them is to
// know every command, flag, exit code, picture and figure.
func TestBothHalvesOfTheReadmeSayTheSame(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	english, chinese, ok := strings.Cut(string(raw), "\n---\n")
	if !ok {
		t.Fatal("README.md has no line between its halves")
	}
	// The list of every fault stands in the English half alone, and is folded away there.
	english = regexp.MustCompile(`(?s)<details>.*?</details>`).ReplaceAllString(english, "")
	for what, pattern := range map[string]string{
		"command":  `(?m)^(raisehand(?:-desk)?(?: [a-z][a-z-]*)*|\./build/[a-z.]+)`,
		"flag":     `--[a-z][a-z-]+`,
		"variable": `RAISEHAND_[A-Z_]+`,
		"exit":     `(?m)^\| \d \|`,
		"level":    `(?m)^\| P\d\b`,
		"picture":  `pictures/[a-z]+-`,
		"link":     `\]\(([^#][^)]*)\)`,
		"check":    "`(?:mic|speaker|camera|network|system|apps|screen|logs|voice|programs)`",
		"figure":   `\d+(?:\.\d+)?(?: / \d+(?:\.\d+)?)* (?:ms|s|MB|%)`,
		"heading":  `(?m)^#{2,3} `,
		"row":      `(?m)^\|`,
		"fence":    "(?m)^```",
	} {
		find := func(half string) (found []string) {
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(half, -1) {
				found = append(found, language.ReplaceAllString(m[len(m)-1], "/.."))
			}
			slices.Sort(found)
			if slices.Contains([]string{"command", "exit", "level", "picture", "heading", "row", "fence"}, what) {
				return found // as many in one as in the other
			}
			return slices.Compact(found)
		}
		en, zh := find(english), find(chinese)
		if len(en) == 0 {
			t.Errorf("no %s: does the pattern still fit?", what)
		}
		if slices.Equal(en, zh) {
			continue
		}
		for half, pair := range map[string][2][]string{"English": {en, zh}, "Chinese": {zh, en}} {
			for _, x := range pair[0] {
				if count(pair[0], x) > count(pair[1], x) {
					t.Errorf("only the %s half has the %s %q (%d, %d)", half, what, x, count(pair[0], x), count(pair[1], x))
				}
			}
		}
	}
}

// language is what differs in the address of an article or a picture.
var language = regexp.MustCompile(`/(en|zh)\b|-(en|zh)\.png`)

func count(all []string, x string) (n int) {
	for _, y := range all {
		if y == x {
			n++
		}
	}
	return n
}
