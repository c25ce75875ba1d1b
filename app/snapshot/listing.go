package snapshot

import (
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"raisehand/capture/report"
)

// Wording is where a listing gets its words; assets/words has one for each
// language.
type Wording interface {
	T(key string, kv ...any) string
	Name(key string) string
	Value(v any) string
	Title(code string, params map[string]any) string
	Sentence(code string, params map[string]any) string
	When(t time.Time) string
}

// Entry is one line of a listing: a heading, or a name with its value.
type Entry struct {
	Heading string
	Name    string
	Value   string
	Image   bool // the value names a picture that can be shown
}

// List is everything that goes, in a person's words: readable and complete, as
// it leaves the computer. Every face shows the same.
func (o Outgoing) List(w Wording) []Entry {
	l := &listing{w: w}
	l.ticket(o)
	if o.Report != nil {
		l.report(*o.Report)
	}
	l.files(o)
	return l.entries
}

type listing struct {
	w       Wording
	entries []Entry
}

func (l *listing) heading(text string) { l.entries = append(l.entries, Entry{Heading: text}) }

func (l *listing) field(name, value string) {
	if value != "" {
		l.entries = append(l.entries, Entry{Name: name, Value: value})
	}
}

func (l *listing) ticket(o Outgoing) {
	w, t := l.w, o.Ticket
	l.heading(w.T("out.to", "to", o.To))
	l.field(w.T("out.when"), w.When(t.CreatedAt))
	role := ""
	if t.Person.Role != "" {
		role = w.T("welcome." + t.Person.Role)
	}
	l.field(w.T("out.person"), dots(role, t.Person.Name, t.Person.Room))
	l.field(w.T("out.computer"), t.Computer)
	l.field(w.T("out.priority"), l.priority(t.Priority))
	if t.Proposed != t.Priority {
		l.field(w.T("out.proposed"), l.priority(t.Proposed))
	}
	if t.Reason != "" {
		l.field(w.T("out.reason"), w.Sentence(t.Reason, nil))
	}
	for _, f := range t.Findings {
		l.field(w.T("out.finding"), l.code(f, nil))
	}
	l.field(w.T("out.words"), t.Words)
	if t.Lang != "" {
		l.field(w.T("out.lang"), w.T("lang."+t.Lang))
	}
	if !t.Consent.At.IsZero() {
		l.field(w.T("out.consent"), dots(w.When(t.Consent.At), t.Consent.Wording))
	}
	l.field(w.T("out.app"), t.App)
	l.field(w.T("out.id"), t.ID)
}

func (l *listing) priority(p report.Priority) string {
	if !p.Valid() {
		return ""
	}
	return l.w.Name("priority." + string(p))
}

// code is a code's title, and the code itself: that is what goes.
func (l *listing) code(code string, params map[string]any) string {
	title := l.w.Title(code, params)
	if title == code {
		return code
	}
	return title + " (" + code + ")"
}

func (l *listing) report(r report.Report) {
	w := l.w
	l.heading(w.T("out.results"))
	l.field(w.T("out.when"), w.When(r.TakenAt))
	for _, x := range r.Results {
		l.field(l.name("check."+x.Check), dots(l.code(x.Code, x.Params), w.T("out.took", "n", x.TookMS)))
		l.values("detail.", figures(x))
	}
	for _, f := range r.Findings {
		l.field(w.T("out.finding"), l.code(f.Code, f.Params))
	}
	if len(r.Facts) > 0 {
		l.heading(w.T("out.facts"))
		l.values("fact.", r.Facts)
	}
}

func (l *listing) values(kind string, m map[string]any) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		l.figure(kind, k, readable{l.w, kind}.of(k, m[k]))
	}
}

// figures are a result's parameters and details, each key once: what stands in
// both is said as the person reads it elsewhere, and exactly behind it.
func figures(x report.Result) map[string]any {
	all := map[string]any{}
	for k, v := range x.Detail {
		all[k] = v
	}
	for k, v := range x.Params {
		if exact, ok := all[k]; ok && !reflect.DeepEqual(exact, v) {
			v = []any{v, exact}
		}
		all[k] = v
	}
	return all
}

// units are the endings of a figure's key; "unit.ms" names one.
var units = map[string]bool{"ms": true, "s": true, "h": true, "hz": true, "db": true, "dbfs": true, "dbm": true, "pct": true,
	"mb": true, "gb": true, "kbps": true, "mbps": true, "c": true}

// figure is one figure with its unit, which stands in its name or behind it.
// A name for the whole key goes before one for what stands before the unit.
func (l *listing) figure(kind, key, value string) {
	bare, unit := cutLast(key)
	switch {
	case units[key]: // the figure that a sentence speaks of: "ms"
		bare, unit = key, key
	case !units[unit]:
		bare, unit = key, ""
	}
	for _, k := range []string{kind, "fact."} {
		switch whole, part := l.w.Name(k+key), l.w.Name(k+bare); {
		case whole != k+key:
			if unit != "" && !strings.ContainsAny(whole, "(（") {
				value += l.unit(unit)
			}
			l.field(whole, value)
			return
		case part != k+bare:
			l.field(part, value+l.unit(unit))
			return
		}
	}
	l.field(key, value)
}

func (l *listing) unit(unit string) string {
	if n := l.w.Name("unit." + unit); n != "unit."+unit {
		return " " + n
	}
	return ""
}

func cutLast(key string) (bare, unit string) {
	at := strings.LastIndexByte(key, '_')
	if at < 0 {
		return key, ""
	}
	return key[:at], key[at+1:]
}

// name is a thing's name, or its plain key.
func (l *listing) name(key string) string {
	if n := l.w.Name(key); n != key {
		return n
	}
	_, bare, _ := strings.Cut(key, ".")
	return bare
}

func (l *listing) files(o Outgoing) {
	l.heading(l.w.T("out.files"))
	if len(o.Files) == 0 {
		l.field("", l.w.T("out.no_files"))
	}
	for _, f := range o.Files {
		l.entries = append(l.entries, Entry{Name: f.Name, Value: dots(Size(f.Bytes), f.Type), Image: strings.HasPrefix(f.Type, "image/")})
	}
}

// Size writes a number of bytes as people read it.
func Size(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return strconv.FormatInt((n+512)>>10, 10) + " kB"
	}
	return strconv.FormatInt(n, 10) + " B"
}

func dots(parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}
