// Package words holds every sentence the project shows, in every language:
// code + parameters → title, what is wrong, what to do.
package words

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"sync"
	"time"
)

//go:embed en.json zh.json
var files embed.FS

// Langs are the languages there are.
var Langs = []string{"en", "zh"}

// Says are a code's words: a short title, one sentence that says what is
// wrong, one that says what to do.
type Says struct {
	Title string `json:"title"`
	Says  string `json:"says"`
	Do    string `json:"do"`

	// The same for a student, where what is said to a teacher would be wrong;
	// empty where it is right for both.
	TitleStudent string `json:"title.student,omitempty"`
	SaysStudent  string `json:"says.student,omitempty"`
	DoStudent    string `json:"do.student,omitempty"`
}

// Book is one language.
type Book struct {
	Lang  string
	Codes map[string]Says   `json:"codes"` // result, finding and error codes
	Names map[string]string `json:"names"` // things with a name: "app.zoom", "check.mic", "fact.os"
	UI    map[string]string `json:"ui"`    // everything else a face shows

	student bool // speaks to a student
}

// For returns the book that speaks to a person with this role. Codes may have
// words of their own for a student ("says.student"), and so may names and a
// face's words ("help.p0.student"); what has none is said as to a teacher.
func (b *Book) For(role string) *Book {
	if role != "student" || b.student {
		return b
	}
	c := *b
	c.student = true
	return &c
}

// mine is what a key says to this person.
func (b *Book) mine(from map[string]string, key string) (string, bool) {
	if b.student {
		if s, ok := from[key+".student"]; ok {
			return s, true
		}
	}
	s, ok := from[key]
	return s, ok
}

var load = sync.OnceValue(func() map[string]*Book {
	books := map[string]*Book{}
	for _, lang := range Langs {
		b := &Book{Lang: lang}
		raw, err := files.ReadFile(lang + ".json")
		if err == nil {
			err = json.Unmarshal(raw, b)
		}
		if err != nil { // a test reads both files, so this cannot ship; still no panic on a teacher's computer
			b.UI = map[string]string{}
		}
		books[lang] = b
	}
	return books
})

// In returns the words of a language, English for one that there is not.
func In(lang string) *Book {
	if b := load()[Pick(lang)]; b != nil {
		return b
	}
	return &Book{Lang: "en"}
}

// Raw returns a language's file as it is, nil for one that there is not.
func Raw(lang string) []byte {
	raw, err := files.ReadFile(lang + ".json")
	if err != nil {
		return nil
	}
	return raw
}

// Pick turns a locale ("zh_CN.UTF-8", "zh-Hans", "en_GB", "C") into a language.
func Pick(locale string) string {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return "zh"
	}
	return "en"
}

// Of returns a code's words with their parameters filled in. A code without
// words is shown as itself.
func (b *Book) Of(code string, params map[string]any) Says {
	s, ok := b.Codes[code]
	if !ok {
		return Says{Title: code, Says: code}
	}
	if b.student {
		s.Title, s.Says, s.Do = cmp.Or(s.TitleStudent, s.Title), cmp.Or(s.SaysStudent, s.Says), cmp.Or(s.DoStudent, s.Do)
	}
	return Says{Title: b.fill(s.Title, params), Says: b.fill(s.Says, params), Do: b.fill(s.Do, params)}
}

// Title is a code's title, the code itself if it has none.
func (b *Book) Title(code string, params map[string]any) string { return b.Of(code, params).Title }

// Sentence is what a code says.
func (b *Book) Sentence(code string, params map[string]any) string { return b.Of(code, params).Says }

// When is a day and a time on this computer's own clock; empty for no time.
func (b *Book) When(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case b.Lang == "zh":
		return t.Local().Format("1月2日 15:04")
	}
	return t.Local().Format("2 Jan 15:04")
}

// T returns a face's own words, parameters given as name, value, name, value.
func (b *Book) T(key string, kv ...any) string {
	s, ok := b.mine(b.UI, key)
	if !ok {
		return key
	}
	if len(kv) == 0 {
		return s
	}
	params := map[string]any{}
	for i := 0; i+1 < len(kv); i += 2 {
		params[fmt.Sprint(kv[i])] = kv[i+1]
	}
	return b.fill(s, params)
}

// Say is T with its parameters in a map.
func (b *Book) Say(key string, params map[string]any) string { return b.fill(b.T(key), params) }

// Name returns the name of a thing, the key itself if it has none.
func (b *Book) Name(key string) string {
	if s, ok := b.mine(b.Names, key); ok {
		return s
	}
	return key
}

// fill puts parameters into {places}. A place without its parameter becomes an
// ellipsis: a sentence with a hole is better than none.
func (b *Book) fill(s string, params map[string]any) string {
	var out strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(s[open:], '}')
		if end < 0 {
			break
		}
		out.WriteString(s[:open])
		if v, ok := params[s[open+1:open+end]]; ok {
			out.WriteString(b.Value(v))
		} else {
			out.WriteString("…")
		}
		s = s[open+end+1:]
	}
	out.WriteString(s)
	return out.String()
}

// Value words one parameter: names are translated, numbers shortened, lists
// joined as the language joins them.
func (b *Book) Value(v any) string {
	switch v := v.(type) {
	case nil:
		return "…"
	case string:
		if key, ok := strings.CutPrefix(v, "@"); ok {
			return b.Name(key)
		}
		return v
	case float64:
		if v == math.Trunc(v) || math.Abs(v) >= 100 {
			return fmt.Sprintf("%.0f", v)
		}
		return fmt.Sprintf("%.1f", v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = b.Value(x)
		}
		return b.join(parts)
	case []string:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = b.Value(x)
		}
		return b.join(parts)
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		if name, ok := v["name"]; ok && len(v) == 2 { // a program and its share
			for _, k := range keys {
				if k != "name" {
					return b.Value(name) + " " + b.Value(v[k]) + units[k]
				}
			}
		}
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = b.Name(k) + " " + b.Value(v[k])
		}
		return b.join(parts)
	}
	return fmt.Sprint(v)
}

// units are what a share is counted in, by its key.
var units = map[string]string{"mb": " MB", "pct": " %"}

func (b *Book) join(parts []string) string {
	if b.Lang == "zh" {
		return strings.Join(parts, "、")
	}
	return strings.Join(parts, ", ")
}
