package help

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"raisehand/assets/words"
)

var langs = []string{"en", "zh"}

// TestEveryFaultHasAnArticle reads the checks' sources. A code counts as a
// fault unless each place where it stands says that it is none.
func TestEveryFaultHasAnArticle(t *testing.T) {
	faults := faultCodes(t)
	if len(faults) < 30 {
		t.Fatalf("only %d faults were found, this test no longer sees them: %v", len(faults), faults)
	}
	for _, code := range faults {
		name := Article(code)
		if name == "" {
			t.Errorf("%s can be found by a check, but no article explains it", code)
			continue
		}
		for _, lang := range langs {
			if _, _, ok := Text(lang, name); !ok {
				t.Errorf("%s leads to %s, which is not there in %s", code, name, lang)
			}
		}
	}
}

func TestTheSourcesAreReadRight(t *testing.T) {
	faults := faultCodes(t)
	for code, want := range map[string]bool{
		"mic.muted": true, "mic.quiet": true, "camera.none": true, "camera.denied": true,
		"system.clock_wrong": true, "system.disk_low": true,
		"mic.ok": false, "mic.in_use": false, "mic.no_voice": false, "camera.ok": false,
		"camera.not_taken": false, "system.ok": false, "system.not_measured": false, "programs.class": false,
	} {
		if slices.Contains(faults, code) != want {
			t.Errorf("%s is a fault: %v, want %v", code, !want, want)
		}
	}
}

// faultCodes are the codes that a check can return as Warn or Fail.
func faultCodes(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("../../capture/*/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal("there are no checks to read:", err)
	}
	codes := words.In("en").Codes
	found := map[string]bool{}
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		check := filepath.Base(filepath.Dir(file))
		var above []ast.Node
		ast.Inspect(tree, func(n ast.Node) bool {
			if n == nil {
				above = above[:len(above)-1]
				return true
			}
			above = append(above, n)
			text, ok := literal(n)
			switch _, known := codes[text]; {
			case !ok:
			case known && strings.HasPrefix(text, check+".") && !harmless(above):
				found[text] = true
			case part(above): // add("disk_full", …): the check's name is put before it
				if _, known := codes[check+"."+text]; known && !harmless(above) {
					found[check+"."+text] = true
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(found))
}

// harmless says whether the nearest thing around a code that names a verdict (a
// call, a Result{…}, an assignment, at last the function) names none that is a
// fault.
func harmless(above []ast.Node) bool {
	for i := len(above) - 2; i >= 0; i-- {
		switch n := above[i].(type) {
		case *ast.CallExpr, *ast.CompositeLit, *ast.AssignStmt, *ast.ReturnStmt, *ast.KeyValueExpr, *ast.FuncDecl:
			if fault, none := verdicts(n); fault || none {
				return none && !fault
			}
		}
	}
	return false
}

// part says whether a text stands where a check names a trouble by the second
// half of its code: add("x", …), trouble{"x", …}.
func part(above []ast.Node) bool {
	if len(above) < 2 {
		return false
	}
	of := ""
	switch n := above[len(above)-2].(type) {
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok {
			of = id.Name
		}
	case *ast.CompositeLit:
		if id, ok := n.Type.(*ast.Ident); ok {
			of = id.Name
		}
	}
	return of == "add" || of == "trouble"
}

func verdicts(n ast.Node) (fault, none bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if of, ok := sel.X.(*ast.Ident); ok && of.Name == "report" {
			switch sel.Sel.Name {
			case "Warn", "Fail":
				fault = true
			case "OK", "Unknown", "Skipped":
				none = true
			}
		}
		if strings.EqualFold(sel.Sel.Name, "fail") || strings.EqualFold(sel.Sel.Name, "warn") {
			fault = true // x.fail("mic.none")
		}
		if strings.EqualFold(sel.Sel.Name, "unknown") {
			none = true // c.unknown("screen.failed", err)
		}
		return true
	})
	return fault, none
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil && s != ""
}

func TestEveryCodeThatHasAnArticleIsACode(t *testing.T) {
	for code, name := range causes {
		if _, ok := words.In("en").Codes[code]; !ok {
			t.Errorf("%s has the article %s, but there is no such code", code, name)
		}
		if _, _, ok := Text("en", name); !ok {
			t.Errorf("%s leads to %s, which is not there", code, name)
		}
	}
}

func TestEveryArticleIsListedOnceAndInBothLanguages(t *testing.T) {
	for _, lang := range langs {
		var listed []string
		for _, e := range List(lang) {
			listed = append(listed, e.Name)
		}
		slices.Sort(listed)
		if once := slices.Compact(slices.Clone(listed)); len(once) != len(listed) {
			t.Errorf("%s: an article is listed twice: %v", lang, listed)
		}
		found, err := fs.Glob(files, lang+"/*.md")
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range found {
			found[i] = strings.TrimSuffix(path.Base(f), ".md")
		}
		if !slices.Equal(listed, found) {
			t.Errorf("%s: listed\n%v\nbut there are\n%v", lang, listed, found)
		}
	}
}

func TestListHasEveryNameOfTheTable(t *testing.T) {
	n := 0
	for _, a := range articles {
		n += len(a.names)
	}
	for _, lang := range langs {
		if got := len(List(lang)); got != n {
			t.Errorf("%s: %d articles, the table names %d", lang, got, n)
		}
	}
}

func TestALanguageThatThereIsNotIsEnglish(t *testing.T) {
	want, _, _ := Text("en", "echo")
	if got, _, ok := Text("fr", "echo"); !ok || got != want || got == "" {
		t.Errorf("fr: %q, %v", got, ok)
	}
	if _, _, ok := Text("en", "no-such-article"); ok {
		t.Error("an article that there is not was found")
	}
	if got := Article("mic.ok"); got != "" {
		t.Errorf("mic.ok is explained by %s", got)
	}
}

// each calls f for every article in every language.
func each(t *testing.T, f func(lang string, e Entry, text string)) {
	t.Helper()
	for _, lang := range langs {
		for _, e := range List(lang) {
			_, md, _ := Text(lang, e.Name)
			f(lang, e, string(md))
		}
	}
}

func TestArticlesAreShortAndBuiltAlike(t *testing.T) {
	const most, mostForIT = 60, 150 // lines: what a person in front of a class can take in; a table of settings is looked things up in
	each(t, func(lang string, e Entry, text string) {
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		if !strings.HasPrefix(lines[0], "# ") || e.Title == "" {
			t.Errorf("%s/%s does not begin with its title: %q", lang, e.Name, lines[0])
		}
		if len(lines) > mostForIT || len(lines) > most && e.Kind != IT {
			t.Errorf("%s/%s has %d lines, too many", lang, e.Name, len(lines))
		}
		if n := len(heading.FindAllString(bare(text), -1)); (e.Kind == Fault || e.Kind == FAQ) && n != 5 {
			t.Errorf("%s/%s has %d headings; title, try this, if not, meanwhile, ask", lang, e.Name, n)
		}
		if len(lines) < 3 || strings.HasPrefix(lines[2], "#") || lines[2] == "" {
			t.Errorf("%s/%s does not say in a sentence what is wrong before it begins", lang, e.Name)
		}
	})
}

var heading = regexp.MustCompile(`(?m)^#+ `)

func TestBothLanguagesHaveTheSameParts(t *testing.T) {
	parts := regexp.MustCompile(`(?m)^(#+|\d+\.|   -|-|\||` + "```" + `)`)
	for _, e := range List("en") {
		_, en, _ := Text("en", e.Name)
		_, zh, _ := Text("zh", e.Name)
		a, b := parts.FindAllString(string(en), -1), parts.FindAllString(string(zh), -1)
		if !slices.Equal(a, b) {
			t.Errorf("%s: the parts differ\nen %v\nzh %v", e.Name, a, b)
		}
		a, b = targets(string(en)), targets(string(zh))
		if !slices.Equal(a, b) {
			t.Errorf("%s: the links differ\nen %v\nzh %v", e.Name, a, b)
		}
	}
}

var link = regexp.MustCompile(`\[[^\]]+\]\(([^)]+)\)`)

func targets(text string) (all []string) {
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// TestLinksLeadToAnArticle: in the app there is nothing else to lead to.
func TestLinksLeadToAnArticle(t *testing.T) {
	each(t, func(lang string, e Entry, text string) {
		for _, to := range targets(text) {
			if strings.HasPrefix(to, "../pictures/") {
				continue
			}
			name, ok := strings.CutSuffix(to, ".md")
			if _, _, there := Text(lang, name); !ok || !there || name == e.Name {
				t.Errorf("%s/%s leads to %s, which is no other article", lang, e.Name, to)
			}
		}
	})
}

// TestEveryCauseIsReachedFromWhatAPersonNotices: whoever knows only what they
// see or hear finds each cause from there. A screenshot is not missed by a class.
func TestEveryCauseIsReachedFromWhatAPersonNotices(t *testing.T) {
	reached := map[string]bool{"screenshot": true}
	for _, e := range List("en") {
		if e.Kind == FAQ {
			_, md, _ := Text("en", e.Name)
			for _, to := range targets(string(md)) {
				reached[strings.TrimSuffix(to, ".md")] = true
			}
		}
	}
	for _, e := range List("en") {
		if e.Kind == Fault && !reached[e.Name] {
			t.Errorf("no article about what a person notices leads to %s", e.Name)
		}
	}
}

// TestEveryArticleHasItsPicture: whoever is frightened looks before reading. A
// picture holds no words, so one serves both languages; what it shows is said
// beside it in each.
func TestEveryArticleHasItsPicture(t *testing.T) {
	picture := regexp.MustCompile(`!\[([^\]]*)\]\(\.\./pictures/([^)]+)\)`)
	shown := map[string]bool{}
	each(t, func(lang string, e Entry, text string) {
		found := picture.FindAllStringSubmatch(text, -1)
		if len(found) == 0 && e.Kind != IT {
			t.Errorf("%s/%s has no picture", lang, e.Name)
		}
		for _, m := range found {
			shown[m[2]] = true
			svg, ok := Picture(m[2])
			if !ok || bytes.Contains(svg, []byte("<text")) {
				t.Errorf("%s/%s shows %s, which is not there or holds words", lang, e.Name, m[2])
			}
			if m[1] == "" {
				t.Errorf("%s/%s does not say what %s shows", lang, e.Name, m[2])
			}
		}
	})
	all, _ := filepath.Glob("pictures/*.svg")
	for _, path := range all {
		if !shown[filepath.Base(path)] {
			t.Errorf("no article shows %s", path)
		}
	}
}

// TestWhatIsBoldIsALabelOfOurs: an article names a button as it stands there.
func TestWhatIsBoldIsALabelOfOurs(t *testing.T) {
	bold := regexp.MustCompile(`\*\*([^*]+)\*\*`)
	n := 0
	each(t, func(lang string, e Entry, text string) {
		for _, m := range bold.FindAllStringSubmatch(text, -1) {
			n++
			if !slices.Contains(slices.Collect(maps.Values(words.In(lang).UI)), m[1]) {
				t.Errorf("%s/%s names %q, but nothing in the program is called that", lang, e.Name, m[1])
			}
		}
	})
	if n == 0 {
		t.Error("no label was found: this test no longer sees them")
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "../../app/policy/policy.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	ast.Inspect(tree, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "Name" {
				if s, ok := literal(kv.Value); ok {
					keys = append(keys, s)
				}
			}
		}
		return true
	})
	if len(keys) < 10 {
		t.Fatalf("only %v were found, this test no longer sees them", keys)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|")
	for _, lang := range langs {
		_, md, _ := Text(lang, "it-settings")
		var told []string
		for _, m := range row.FindAllStringSubmatch(string(md), -1) {
			told = append(told, m[1])
		}
		for _, k := range keys {
			if !slices.Contains(told, k) {
				t.Errorf("%s/it-settings does not tell of %s", lang, k)
			}
		}
		for _, k := range told {
			if !slices.Contains(keys, k) {
				t.Errorf("%s/it-settings tells of %s, which is no setting", lang, k)
			}
		}
	}
}

// TestEveryPlaceElsewhereIsDocumented: a school's firewall hears of a host from
// us before it sees it.
func TestEveryPlaceElsewhereIsDocumented(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "../../app/policy/policy.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	host := regexp.MustCompile(`^http://([^/]+)/|^([0-9.]+):53$`)
	n := 0
	ast.Inspect(tree, func(node ast.Node) bool {
		s, _ := literal(node)
		if m := host.FindStringSubmatch(s); m != nil {
			n++
			for _, lang := range langs {
				if _, md, _ := Text(lang, "it-network"); !strings.Contains(string(md), "`"+m[1]+m[2]+"`") {
					t.Errorf("%s/it-network does not tell of %s%s", lang, m[1], m[2])
				}
			}
		}
		return true
	})
	if n == 0 {
		t.Error("no place was found: this test no longer sees them")
	}
}

// bare leaves out what is the same in every language: code, and where links
// lead.
func bare(text string) string {
	text = regexp.MustCompile("(?s)```.*?```").ReplaceAllString(text, "")
	text = regexp.MustCompile("`[^`\n]*`").ReplaceAllString(text, "")
	return regexp.MustCompile(`\]\([^)]*\)`).ReplaceAllString(text, "]")
}

func TestChineseIsWrittenAsChinese(t *testing.T) {
	halfWidth := regexp.MustCompile(`[\p{Han}”》\]] ?[,;?!:()]|[,;?!:()] ?[\p{Han}“《]|\p{Han} ?\.(\s|$)|"`)
	sentence := regexp.MustCompile(`[A-Za-z']+( [A-Za-z']+){3,}`)
	for _, e := range List("zh") {
		_, md, _ := Text("zh", e.Name)
		for i, line := range strings.Split(bare(string(md)), "\n") {
			if m := halfWidth.FindString(line); m != "" {
				t.Errorf("zh/%s: European punctuation %q in: %s", e.Name, m, line)
			}
			if m := sentence.FindString(line); m != "" {
				t.Errorf("zh/%s: %q is English, in: %s", e.Name, m, line)
			}
			if i == 0 && !strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("zh/%s has the title %q", e.Name, line)
			}
			for _, w := range regexp.MustCompile(`[A-Za-z][A-Za-z-]*`).FindAllString(line, -1) {
				if e.Kind != IT && !slices.Contains(known, w) {
					t.Errorf("zh/%s holds the word %q: %s", e.Name, w, line)
				}
			}
		}
	}
}

// known are the names that stand on Chinese computers as they are.
var known = strings.Fields(`Windows macOS Linux GNOME KDE Wi-Fi USB USB-C VPN CPU GB DNS IPv Internet G X Xorg Monitor Control Ctrl Shift Esc Option Command Chrome Edge Firefox Safari Google Microsoft`)

func TestEnglishHoldsNoChinese(t *testing.T) {
	for _, e := range List("en") {
		_, md, _ := Text("en", e.Name)
		for _, r := range string(md) {
			if unicode.Is(unicode.Han, r) || strings.ContainsRune("，。；：？！", r) {
				t.Errorf("en/%s holds %q", e.Name, r)
				break
			}
		}
	}
}

// TestPicturesStay: the README shows them from here.
func TestPicturesStay(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\(assets/help/([^)]+)\)`).FindAllStringSubmatch(string(readme), -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("the README shows %s: %v", m[1], err)
		}
	}
}
