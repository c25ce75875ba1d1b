package snapshot

import (
	"regexp"
	"sort"
	"strings"
)

// readable puts a figure's value into words: our own states ("green", true,
// "no answer") are translated, names of things and addresses stay.
type readable struct {
	w    Wording
	kind string // "detail." or "fact.": where the names of keys are
}

// lists are the keys whose lines hold a name, then states and figures.
var lists = map[string]bool{"links": true, "dns_servers": true, "services": true, "stun": true, "turn": true, "proxies": true}

func (r readable) of(key string, v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return r.w.T("out.yes")
		}
		return r.w.T("out.no")
	case string:
		switch {
		case strings.HasPrefix(v, "@"):
			return r.w.Value(v)
		case lists[key]:
			return r.line(v)
		}
		return r.told(v)
	case []string:
		parts := make([]any, len(v))
		for i := range v {
			parts[i] = v[i]
		}
		return r.of(key, parts)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = r.of(key, x)
		}
		return r.w.Value(parts)
	case map[string]any:
		if _, named := v["name"]; named && len(v) == 2 {
			return r.w.Value(v)
		}
		return r.pairs(v)
	}
	return r.w.Value(v)
}

func (r readable) pairs(m map[string]any) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	parts := make([]string, len(keys))
	for i, k := range keys {
		name := k
		for _, kind := range []string{r.kind, "check.", "fact.", ""} {
			if n := r.w.Name(kind + k); n != kind+k {
				name = n
				break
			}
		}
		parts[i] = name + " " + r.of(k, m[k])
	}
	return r.w.Value(parts)
}

// told words what a check reports as a state; anything else stays as it is.
func (r readable) told(v string) string {
	parts := strings.Split(v, "; ")
	for i, p := range parts {
		parts[i] = r.state(p, p)
	}
	return strings.Join(parts, "; ")
}

var notInKeys = regexp.MustCompile(`[^a-z0-9]+`)

func (r readable) state(v, otherwise string) string {
	key := "value." + notInKeys.ReplaceAllString(strings.ToLower(v), "_")
	if n := r.w.Name(key); n != key {
		return n
	}
	return otherwise
}

// together are states of more than one word in a line.
var together = strings.NewReplacer("no answer", "no_answer", "packet passed on: ", "packet_passed_on_", "answers: ", "answers_")

// line words what stands behind the name that a line begins with: "eth0 wired
// on 192.0.2.7".
func (r readable) line(v string) string {
	words := strings.Fields(together.Replace(v))
	for i, word := range words {
		if i == 0 {
			continue
		}
		bare := strings.TrimRight(word, ":,")
		mark := word[len(bare):]
		switch {
		case bare == "ms":
			words[i] = r.w.Name("unit.ms") + mark
		default:
			words[i] = r.state(bare, bare) + mark
		}
	}
	return strings.Join(words, " ")
}
