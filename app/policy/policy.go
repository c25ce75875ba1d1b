// Package policy is what the school, the command line and the person have set:
// typed keys → values, each with where it came from.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/natefinch/atomic"
)

// Kind is a key's type.
type Kind string

const (
	Text    Kind = "text"
	Number  Kind = "number"
	Switch  Kind = "switch"
	Choice  Kind = "choice"
	Seconds Kind = "seconds"
	List    Kind = "list" // several texts: a JSON array, or one text with commas or line breaks between
)

// Key is one setting.
type Key struct {
	Name    string
	Kind    Kind
	Default string
	Choices []string
	Min     int  // Number and Seconds
	Max     int  //
	Secret  bool // its value is never shown
	Own     bool // the person may set it for themselves, in settings.json
}

// Keys are all the settings there are; the words for each are the names
// "policy.<key>" in assets/words.
var Keys = []Key{
	{Name: "desk_url", Kind: Text, Own: true},
	{Name: "enroll_key", Kind: Text, Secret: true},
	{Name: "allow_http", Kind: Switch, Default: "false"}, // may the desk be spoken to without encryption
	{Name: "lang", Kind: Choice, Choices: []string{"", "en", "zh"}, Own: true},
	{Name: "role", Kind: Choice, Choices: []string{"", "teacher", "student"}, Own: true},
	{Name: "name", Kind: Text, Own: true},
	{Name: "room", Kind: Text, Own: true},
	{Name: "consent_at", Kind: Text, Own: true},      // when the notice was agreed to, RFC 3339
	{Name: "consent_wording", Kind: Text, Own: true}, // and in which version and language
	{Name: "notice_seen", Kind: Text, Own: true},     // when the first start's page was answered
	{Name: "hold_seconds", Kind: Seconds, Default: "5", Min: 3, Max: 60},
	{Name: "contact_name", Kind: Text},
	{Name: "contact_phone", Kind: Text},
	{Name: "contact_mail", Kind: Text},
	{Name: "contact_chat", Kind: Text},
	{Name: "screenshot_half", Kind: Switch, Default: "false"},
	{Name: "log_globs", Kind: List},     // more logs that go along when somebody ticks them
	{Name: "min_versions", Kind: List},  // "chrome=120": older ones are too old for a class
	{Name: "versions_file", Kind: Text}, // a table of such versions, in the form of the shipped one
	{Name: "recorders", Kind: List},     // programs that may use microphone and camera beside a class
	{Name: "devices", Kind: List, Default: "microphone, speaker, camera", Choices: []string{"microphone", "speaker", "camera"}}, // that a computer should have
	{Name: "screen_speakers", Kind: Switch, Default: "false"},                                                                   // is sound on a screen, by HDMI or DisplayPort, as it should be
	{Name: "services", Kind: List},                                  // what classes need, addresses
	{Name: "ask_outside", Kind: Switch, Default: "true", Own: true}, // may public places be asked when the desk is silent
	{Name: "outside_places", Kind: List, Default: outsidePlaces},
	{Name: "stun_servers", Kind: List}, // the school's own; none are asked by themselves
	{Name: "turn_servers", Kind: List}, // turn: and turns: addresses
	{Name: "turn_user", Kind: Text},
	{Name: "turn_password", Kind: Text, Secret: true},
	{Name: "net_rtt_ms", Kind: Number, Default: "400", Min: 50, Max: 10000},
	{Name: "net_jitter_ms", Kind: Number, Default: "100", Min: 10, Max: 5000},
	{Name: "net_loss_percent", Kind: Number, Default: "5", Min: 1, Max: 50},
	{Name: "net_up_kbps", Kind: Number, Default: "300", Min: 20, Max: 100000},
	{Name: "net_down_kbps", Kind: Number, Default: "300", Min: 20, Max: 100000},
}

// outsidePlaces tell a dead line from an absent desk: pages that phone makers
// keep for this very question, inside and outside of China, and public name
// servers by number, reachable without any name.
var outsidePlaces = strings.Join([]string{
	"http://connect.rom.miui.com/generate_204",
	"http://connectivitycheck.platform.hicloud.com/generate_204",
	"http://connectivitycheck.gstatic.com/generate_204",
	"223.5.5.5:53",
	"119.29.29.29:53",
	"1.1.1.1:53",
}, "\n")

// Source says where a value came from, the strongest first.
type Source string

const (
	Managed     Source = "managed"     // the school's device management; wins over everything
	Flag        Source = "flag"        // the command line
	Environment Source = "environment" // RAISEHAND_…
	Own         Source = "settings"    // the person's own settings.json
	Recommended Source = "recommended" // the school's suggestion or the installer's value
	Remembered  Source = "remembered"  // what was used last, when nobody says otherwise
	Default     Source = "default"
)

var strength = []Source{Managed, Flag, Environment, Own, Recommended, Remembered, Default}

// Value is a setting in force.
type Value struct {
	Text   string
	Source Source
	From   string // the file, flag or variable
}

// Set is every setting in force.
type Set struct {
	values   map[string]Value
	Problems []Problem // what could not be read; the rest is in force
}

// Problem is something in a settings file that cannot be used. It is a
// sentence of assets/words: Code with Params.
type Problem struct {
	Code   string // "settings.unreadable", "settings.wrong_value", "settings.unsafe"
	Params map[string]any
}

func (p Problem) Error() string { return fmt.Sprint(p.Code, " ", p.Params) }

// Layer is one place where settings come from.
type Layer struct {
	Source Source
	From   string
	Values map[string]any
}

// Load merges layers into the settings in force: the stronger source wins, and
// within one source the later layer. A value of the wrong kind is a Problem
// and the next weaker one is used.
func Load(layers ...Layer) Set {
	s := Set{values: map[string]Value{}}
	for _, k := range Keys {
		s.values[k.Name] = Value{k.Default, Default, ""}
	}
	for i := len(strength) - 1; i >= 0; i-- {
		for _, l := range layers {
			if l.Source == strength[i] {
				s.add(l)
			}
		}
	}
	return s
}

func (s *Set) add(l Layer) {
	names := make([]string, 0, len(l.Values))
	for n := range l.Values {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		k, ok := find(n)
		if !ok && (l.Source == Managed || l.Source == Recommended) { // mistyped, or of a newer version: whoever wrote it must hear of it
			s.Problems = append(s.Problems, Problem{"settings.unknown_key", map[string]any{"key": n, "file": l.From}})
		}
		if !ok || l.Source == Own && !k.Own || l.Source == Environment && l.Values[n] == "" {
			continue // a variable that is empty is one that is not set
		}
		text, err := k.read(l.Values[n])
		if err != nil {
			s.Problems = append(s.Problems, Problem{"settings.wrong_value", map[string]any{"key": n, "file": l.From, "value": fmt.Sprint(l.Values[n])}})
			continue
		}
		if text != "" || l.Source == Managed {
			s.values[n] = Value{text, l.Source, l.From}
		}
	}
}

func find(name string) (Key, bool) {
	for _, k := range Keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// Valid says whether a value fits a key.
func Valid(name, value string) bool {
	k, ok := find(name)
	if !ok || value == "" {
		return false
	}
	_, err := k.read(value)
	return err == nil
}

// read turns a value from JSON, the registry or a flag into its text.
func (k Key) read(v any) (string, error) {
	text := ""
	switch v := v.(type) {
	case string:
		text = strings.TrimSpace(v)
	case bool:
		text = strconv.FormatBool(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case uint64:
		text = strconv.FormatUint(v, 10)
	case []any:
		var all []string
		for _, one := range v {
			item, ok := one.(string)
			if !ok || k.Kind != List {
				return "", errors.New("not a list of texts")
			}
			all = append(all, item)
		}
		text = strings.Join(all, "\n")
	case nil:
		return "", nil
	default:
		return "", errors.New("neither text nor number")
	}
	switch k.Kind {
	case Number, Seconds:
		n, err := strconv.Atoi(text)
		if err != nil || n < k.Min || n > k.Max {
			return "", fmt.Errorf("not a number from %d to %d", k.Min, k.Max)
		}
	case List:
		for _, item := range items(text) {
			if len(k.Choices) > 0 && !slices.Contains(k.Choices, item) {
				return "", fmt.Errorf("%s is not one of %v", item, k.Choices)
			}
		}
		text = strings.Join(items(text), "\n")
	case Switch:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "", err
		}
		text = strconv.FormatBool(b)
	case Choice:
		for _, c := range k.Choices {
			if c == text {
				return text, nil
			}
		}
		return "", fmt.Errorf("not one of %v", k.Choices)
	}
	return text, nil
}

func items(text string) (list []string) {
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' }) {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// Get returns a setting with its source.
func (s Set) Get(name string) Value { return s.values[name] }

// Text returns a setting's value.
func (s Set) Text(name string) string { return s.values[name].Text }

// On returns a switch.
func (s Set) On(name string) bool { return s.values[name].Text == "true" }

// List returns a list; never nil, so that an empty one is not taken for "not said".
func (s Set) List(name string) []string { return append([]string{}, items(s.values[name].Text)...) }

// Int returns a number.
func (s Set) Int(name string) int {
	n, _ := strconv.Atoi(s.values[name].Text)
	return n
}

// Duration returns a setting that counts seconds.
func (s Set) Duration(name string) time.Duration {
	n, _ := strconv.Atoi(s.values[name].Text)
	return time.Duration(n) * time.Second
}

// Fixed says whether the school has set it, so that the person cannot.
func (s Set) Fixed(name string) bool { return s.values[name].Source == Managed }

// ReadJSON reads a settings file. One that does not exist is an empty layer;
// one that is not JSON is a Problem that names the line.
func ReadJSON(source Source, path string) (Layer, error) {
	l := Layer{Source: source, From: path, Values: map[string]any{}}
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return l, nil
	}
	if err != nil {
		return l, Problem{"settings.denied", map[string]any{"file": path}}
	}
	if err := json.Unmarshal(raw, &l.Values); err != nil {
		l.Values = map[string]any{}
		return l, Problem{"settings.unreadable", map[string]any{"file": path, "line": float64(lineOf(raw, err))}}
	}
	return l, nil
}

// lineOf finds the line, from 1, at which JSON stopped making sense.
func lineOf(raw []byte, err error) int {
	at := int64(len(raw))
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		at = syntax.Offset
	} else if errors.As(err, &kind) {
		at = kind.Offset
	}
	return 1 + strings.Count(string(raw[:min(at, int64(len(raw)))]), "\n")
}

// ReadFolder reads every *.json of a folder in the order of their names.
func ReadFolder(source Source, dir string) (layers []Layer, problems []Problem) {
	paths, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	sort.Strings(paths)
	for _, path := range paths {
		if err := trusted(path); err != nil {
			problems = append(problems, Problem{"settings.unsafe", map[string]any{"file": path}})
			continue
		}
		l, err := ReadJSON(source, path)
		var p Problem
		if errors.As(err, &p) {
			problems = append(problems, p)
		}
		layers = append(layers, l)
	}
	return layers, problems
}

// Save changes the person's own settings; what it does not name stays. An
// unreadable file is kept beside the new one as settings.json.broken.
func Save(path string, change map[string]any) error {
	l, err := ReadJSON(Own, path)
	if err != nil {
		if err := os.Rename(path, path+".broken"); err != nil {
			return fmt.Errorf("keep the unreadable settings: %w", err)
		}
	}
	for k, v := range change {
		l.Values[k] = v
	}
	raw, err := json.MarshalIndent(l.Values, "", "  ")
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the settings folder: %w", err)
	}
	if err := atomic.WriteFile(path, strings.NewReader(string(raw)+"\n")); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return os.Chmod(path, 0o600)
}
