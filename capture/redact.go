package capture

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/user"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"raisehand/capture/report"
)

// What stands where something was hidden: the kind of thing, so that a
// technician still understands the line.
const (
	hidSecret = "[secret]"
	hidUser   = "[user]"
	hidName   = "[name]"
	hidMail   = "[mail]"
	hidPhone  = "[phone]"
	hidID     = "[id number]"
)

// Redact returns the report with everything personal or secret hidden in what
// was collected: all of Params, Detail and Facts, at any depth, keys included.
// It is the one choke point: nothing is stored or sent that has not passed
// here. The report handed in is not changed.
func Redact(r report.Report) report.Report {
	hide := hider{here(), rules()}
	r.Results = slices.Clone(r.Results)
	for i, x := range r.Results {
		r.Results[i].Params, r.Results[i].Detail = hide.fields(x.Params), hide.fields(x.Detail)
		r.Results[i].Also = slices.Clone(x.Also)
		for j, f := range x.Also {
			r.Results[i].Also[j].Params = hide.fields(f.Params)
		}
	}
	r.Findings = slices.Clone(r.Findings)
	for i, x := range r.Findings {
		r.Findings[i].Params, r.Findings[i].Because = hide.fields(x.Params), slices.Clone(x.Because)
	}
	r.Facts = hide.fields(r.Facts)
	return r
}

// RedactText hides in one text what Redact hides in a report. Doing it twice
// changes nothing more.
func RedactText(s string) string { return hider{here(), rules()}.text(s) }

// owner is whom this computer's session belongs to.
type owner struct {
	login string // as it stands in paths
	name  string // the person's own
}

// generic are logins that tell nobody who it is.
var generic = wordSet("root admin administrator user users guest student teacher pi ubuntu debian system public shared default")

var here = sync.OnceValue(func() owner {
	u, err := user.Current()
	if err != nil {
		return owner{}
	}
	login := u.Username[strings.LastIndex(u.Username, `\`)+1:] // DOMAIN\login
	o := owner{login: login, name: strings.TrimSpace(u.Name)}
	if generic[strings.ToLower(o.login)] || len(o.login) < 2 {
		o.login = ""
	}
	if generic[strings.ToLower(o.name)] || len(o.name) < 4 || strings.EqualFold(o.name, login) {
		o.name = "" // a word so short would be found everywhere
	}
	return o
})

// hider hides what the rules find, and what tells whose computer it is.
type hider struct {
	owner owner
	rules []rule
}

// text hides in a text of any length, line by line: most rules have nothing to
// do on most lines, and know it at once.
func (h hider) text(s string) string {
	if strings.Contains(s, "PRIVATE KEY") { // the one secret of many lines
		s = privateKey().ReplaceAllString(s, hidSecret)
	}
	if !strings.Contains(s, "\n") {
		return h.line(s)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = h.line(l)
	}
	return strings.Join(lines, "\n")
}

// line applies every rule, in the table's order.
func (h hider) line(s string) string {
	if s == "" {
		return s
	}
	lower := strings.ToLower(s)
	for _, r := range h.rules {
		if !r.concerns(lower) {
			continue
		}
		if t := replace(r, s); t != s {
			s, lower = t, strings.ToLower(t)
		}
	}
	if h.owner.login != "" {
		s = hidePart(s, h.owner.login)
	}
	if h.owner.name != "" {
		s = strings.ReplaceAll(s, h.owner.name, hidName)
	}
	return s
}

// fields copies a map, hiding as it goes. Two keys that become the same are
// told apart by a number: nothing is lost.
func (h hider) fields(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		key := h.text(k)
		for n := 2; ; n++ {
			if _, taken := out[key]; !taken {
				break
			}
			key = fmt.Sprintf("%s #%d", h.text(k), n)
		}
		out[key] = h.value(k, m[k])
	}
	return out
}

// value copies one value of the map's key, hiding as it goes.
func (h hider) value(key string, v any) any {
	switch v := v.(type) {
	case nil, bool, int, int64, float64, time.Time, time.Duration, report.Verdict, report.Priority:
		return v
	case string:
		if secretKey().MatchString(key) && v != "" && !harmless(v) {
			return hidSecret
		}
		return h.text(v)
	case map[string]any:
		return h.fields(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = h.value(key, x)
		}
		return out
	case []string:
		out := make([]string, len(v))
		for i, x := range v {
			out[i], _ = h.value(key, x).(string)
		}
		return out
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32:
		return v
	}
	return h.other(key, v)
}

// other takes a value of any further type as JSON has it, which is how it would
// be stored and sent. What has no JSON has no place in a report.
func (h hider) other(key string, v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return hidSecret
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return hidSecret
	}
	return h.value(key, plain)
}

// hidePart hides a login where it stands between path separators, in either
// direction.
func hidePart(s, login string) string {
	for i := 0; ; {
		at := strings.Index(s[i:], login)
		if at < 0 {
			return s
		}
		at += i
		end := at + len(login)
		if at > 0 && strings.ContainsRune(`/\~`, rune(s[at-1])) && (end == len(s) || strings.ContainsRune(`/\ :;,"')]}`, rune(s[end]))) {
			s = s[:at] + hidUser + s[end:]
			end = at + len(hidUser)
		}
		i = end
	}
}

// rule is one line of the table.
type rule struct {
	hides string   // what, in words
	hint  []string // the text holds one of these, in lower case, or the rule is not tried; none: always
	find  *regexp.Regexp
	with  func(m match) string // what to write for it; the match itself leaves it as it is
}

// match is a place that a rule found: its groups, and what stands around it.
type match struct {
	g             []string
	before, after string
}

func (r rule) concerns(lower string) bool {
	if len(r.hint) == 0 {
		return true
	}
	return slices.ContainsFunc(r.hint, func(h string) bool { return strings.Contains(lower, h) })
}

func replace(r rule, s string) string {
	var out strings.Builder
	last := 0
	for _, at := range r.find.FindAllStringSubmatchIndex(s, -1) {
		m := match{before: s[:at[0]], after: s[at[1]:]}
		for i := 0; i < len(at); i += 2 {
			if at[i] < 0 {
				m.g = append(m.g, "")
			} else {
				m.g = append(m.g, s[at[i]:at[i+1]])
			}
		}
		out.WriteString(s[last:at[0]])
		out.WriteString(r.with(m))
		last = at[1]
	}
	if last == 0 {
		return s
	}
	out.WriteString(s[last:])
	return out.String()
}

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
