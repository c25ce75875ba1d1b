package console

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"raisehand/assets/words"
)

var (
	asked  = regexp.MustCompile(`\bt\("([^"]+)"( \+)?`)                                 // t("key"), t("beginning." + rest)
	either = regexp.MustCompile(`\bt\([^"]*(?:"[^".]*"[^"]*)?\? "([^"]+)" : "([^"]+)"`) // t(so ? "this.key" : "that.key")
)

// TestEveryWordThatThePagesAskForIsThere, in each language, and none is there
// that nobody asks for.
func TestEveryWordThatThePagesAskForIsThere(t *testing.T) {
	source := scripts(t)
	whole, begun := map[string]bool{}, map[string]bool{}
	for _, k := range asked.FindAllStringSubmatch(source, -1) {
		if k[2] != "" {
			begun["console."+k[1]] = true
		} else {
			whole["console."+k[1]] = true
		}
	}
	for _, k := range either.FindAllStringSubmatch(source, -1) {
		whole["console."+k[1]], whole["console."+k[2]] = true, true
	}
	if len(whole) < 100 || len(begun) < 5 {
		t.Fatalf("found only %d words and %d beginnings in the scripts: do the patterns still fit?", len(whole), len(begun))
	}
	for _, lang := range words.Langs {
		ui := words.In(lang).UI
		for k := range whole {
			if _, ok := ui[k]; !ok {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
		for b := range begun {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(ui)), func(k string) bool { return strings.HasPrefix(k, b) }) {
				t.Errorf("%s: no word begins with %s", lang, b)
			}
		}
		for k := range ui {
			own, ours := strings.CutPrefix(k, "console.")
			if !ours || strings.Contains(source, `"`+own+`"`) {
				continue
			}
			if !slices.ContainsFunc(slices.Collect(maps.Keys(begun)), func(b string) bool { return strings.HasPrefix(k, b) }) {
				t.Errorf("%s: nobody asks for %s", lang, k)
			}
		}
	}
}

// TestATechnicianIsNotSpokenToAsTheTeacher: a heading in the queue names what is
// wrong with somebody else's computer, so "your microphone" would be the reader's.
func TestATechnicianIsNotSpokenToAsTheTeacher(t *testing.T) {
	personal := regexp.MustCompile(`(?i)\b(you|your|yours|yourself|please)\b|[您你请]|对方`)
	examined := regexp.MustCompile(`^(mic|speaker|camera|network|system|apps|programs|screen|voice|logs|probe)\.`)
	for _, lang := range words.Langs {
		book, n := words.In(lang), 0
		headings := map[string]string{}
		for code, s := range book.Codes {
			if !examined.MatchString(code) {
				continue
			}
			n++
			title := s.Title
			if own, ok := book.UI["console.code."+code]; ok {
				title = own
			}
			if personal.MatchString(title) {
				t.Errorf("%s: %s is headed %q", lang, code, title)
			}
			headings[code] = title
		}
		if n < 100 {
			t.Fatalf("%s: only %d codes", lang, n)
		}
		for key := range book.UI {
			if code, ok := strings.CutPrefix(key, "console.code."); ok && headings[code] == "" {
				t.Errorf("%s: %s heads a code that nobody reports", lang, key)
			}
		}
		checks := map[string]string{}
		for key, name := range book.Names {
			if strings.HasPrefix(key, "check.") {
				if checks[name] != "" {
					t.Errorf("%s: %s and %s are both called %q", lang, key, checks[name], name)
				}
				checks[name] = key
			}
		}
	}
}

// TestThePagesNeedNoInlineCode: the policy under which they are served forbids it.
func TestThePagesNeedNoInlineCode(t *testing.T) {
	page, err := Files.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{` style=`, `<style`, ` onclick=`, ` onload=`, `javascript:`, `http:`, `https:`} {
		if strings.Contains(string(page), wrong) {
			t.Errorf("index.html holds %q", wrong)
		}
	}
	source := scripts(t)
	for _, wrong := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", `"style"`} {
		if strings.Contains(source, wrong) {
			t.Errorf("the scripts hold %q", wrong)
		}
	}
}

func scripts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	names, err := fs.Glob(Files, "js/*.js")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range names {
		raw, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	return all.String()
}

// TestTheConsoleAndTheAppCallAPriorityTheSame: teacher and technician speak of
// one ticket.
func TestTheConsoleAndTheAppCallAPriorityTheSame(t *testing.T) {
	for lang, want := range map[string][]string{"en": {"urgent", "high", "normal", "low"}, "zh": {"紧急", "较急", "普通", "建议"}} {
		book := words.In(lang)
		for i, word := range want {
			p := "p" + string(rune('0'+i))
			if app := book.Name("priority." + p); app != word {
				t.Errorf("%s: the app calls %s %q, want %q", lang, p, app, word)
			}
			if own := book.T("console.priority." + p); !strings.EqualFold(own, word) {
				t.Errorf("%s: a ticket calls %s %q, want %q", lang, p, own, word)
			}
			if channel := book.T("console.channel." + p); !strings.EqualFold(channel, strings.ToUpper(p)+" · "+word) {
				t.Errorf("%s: the queue calls %s %q", lang, p, channel)
			}
		}
	}
}
