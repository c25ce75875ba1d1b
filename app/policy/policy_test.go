package policy

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func layer(s Source, kv ...any) Layer {
	l := Layer{Source: s, From: string(s), Values: map[string]any{}}
	for i := 0; i+1 < len(kv); i += 2 {
		l.Values[kv[i].(string)] = kv[i+1]
	}
	return l
}

func TestTheStrongerSourceWins(t *testing.T) {
	own, flag, env := layer(Own, "desk_url", "http://own"), layer(Flag, "desk_url", "http://flag"), layer(Environment, "desk_url", "http://env")
	school, hint := layer(Managed, "desk_url", "https://school"), layer(Recommended, "desk_url", "https://hint")
	for _, c := range []struct {
		layers []Layer
		want   string
		from   Source
	}{
		{nil, "", Default},
		{[]Layer{hint}, "https://hint", Recommended},
		{[]Layer{own, hint}, "http://own", Own},
		{[]Layer{env, own, hint}, "http://env", Environment},
		{[]Layer{hint, flag, own, env}, "http://flag", Flag},
		{[]Layer{own, flag, school, env, hint}, "https://school", Managed},
		{[]Layer{layer(Flag, "desk_url", ""), own}, "http://own", Own},
		{[]Layer{layer(Managed, "desk_url", "https://a"), layer(Managed, "desk_url", "https://b")}, "https://b", Managed},
	} {
		if got := Load(c.layers...).Get("desk_url"); got.Text != c.want || got.Source != c.from {
			t.Errorf("%v: %+v, want %q from %s", c.layers, got, c.want, c.from)
		}
	}
}

func TestAPersonCannotSetWhatIsTheSchools(t *testing.T) {
	s := Load(layer(Own, "hold_seconds", 3.0, "enroll_key", "stolen", "name", "李老师"))
	if s.Duration("hold_seconds") != 5*time.Second || s.Text("enroll_key") != "" || s.Text("name") != "李老师" {
		t.Errorf("%+v", s)
	}
	if s.Fixed("name") || !Load(layer(Managed, "name", "302")).Fixed("name") {
		t.Error("what the school has set is fixed, and nothing else")
	}
}

func TestAWrongValueIsNamedAndTheNextOneUsed(t *testing.T) {
	s := Load(layer(Managed, "hold_seconds", "soon", "lang", "fr", "screenshot_half", "maybe", "from_the_future", 1.0), layer(Recommended, "hold_seconds", 10.0))
	if s.Duration("hold_seconds") != 10*time.Second || s.Text("lang") != "" || s.On("screenshot_half") {
		t.Errorf("%+v", s)
	}
	if len(s.Problems) != 4 { // the unknown key is named too
		t.Errorf("problems %v", s.Problems)
	}
}

func TestAnEmptyVariableIsNotSet(t *testing.T) {
	s := Load(Layer{Source: Environment, From: "RAISEHAND_", Values: map[string]any{"ask_outside": "", "desk_url": ""}})
	if len(s.Problems) != 0 || !s.On("ask_outside") {
		t.Errorf("ask_outside %q, problems %v", s.Text("ask_outside"), s.Problems)
	}
}

func TestAListComesAsAnArrayOrAsOneText(t *testing.T) {
	keys := Keys
	defer func() { Keys = keys }()
	Keys = append(append([]Key{}, Keys...), Key{Name: "places", Kind: List, Default: "a,b"})
	for _, c := range []struct {
		value any
		want  []string
	}{
		{nil, []string{"a", "b"}},
		{[]any{"https://x", " https://y "}, []string{"https://x", "https://y"}},
		{"https://x, https://y\n", []string{"https://x", "https://y"}},
		{[]any{}, []string{}},
		{[]any{1.0}, []string{"a", "b"}},
	} {
		if got := Load(layer(Managed, "places", c.value)).List("places"); c.value != nil && !slices.Equal(got, c.want) || got == nil {
			t.Errorf("%v: %q, want %q", c.value, got, c.want)
		}
	}
	if p := Load(layer(Managed, "desk_url", []any{"x"})).Problems; len(p) != 1 {
		t.Errorf("a list where one text is wanted: %v", p)
	}
}

func TestAnUnreadableFileIsNamedWithItsLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	os.WriteFile(path, []byte("{\n  \"name\": \"Li\",\n  \"room\": 302,,\n}\n"), 0o600)
	_, err := ReadJSON(Own, path)
	var p Problem
	if !errors.As(err, &p) || p.Code != "settings.unreadable" || p.Params["line"] != 3.0 {
		t.Fatalf("%v", err)
	}
	if err := Save(path, map[string]any{"name": "Wang"}); err != nil {
		t.Fatal(err)
	}
	if l, err := ReadJSON(Own, path); err != nil || l.Values["name"] != "Wang" {
		t.Errorf("saved over it: %v %v", l.Values, err)
	}
	if kept, _ := os.ReadFile(path + ".broken"); len(kept) == 0 {
		t.Error("what could not be read is lost")
	}
}

func TestSavingKeepsTheRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "home", "settings.json")
	for _, change := range []map[string]any{{"name": "Li", "later": "unknown to this version"}, {"name": "Wang"}} {
		if err := Save(path, change); err != nil {
			t.Fatal(err)
		}
	}
	l, err := ReadJSON(Own, path)
	if err != nil || l.Values["name"] != "Wang" || l.Values["later"] != "unknown to this version" {
		t.Errorf("%v %v", l.Values, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
}
