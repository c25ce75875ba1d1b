package versions

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"raisehand/assets/words"
)

func TestShippedTableSaysWhoSaysSo(t *testing.T) {
	all := Shipped()
	if len(all) < 8 {
		t.Fatalf("only %d lines: the table cannot be read", len(all))
	}
	number := regexp.MustCompile(`^\d+(\.\d+)*$`)
	seen := map[string]bool{}
	for _, f := range all {
		if seen[f.App] {
			t.Errorf("%s stands there twice", f.App)
		}
		seen[f.App] = true
		if words.In("en").Name("app."+f.App) == "app."+f.App {
			t.Errorf("%s has no name", f.App)
		}
		if _, err := time.Parse(time.DateOnly, f.Since); err != nil {
			t.Errorf("%s holds since %q, which is no day", f.App, f.Since)
		}
		if !strings.HasPrefix(f.Source, "https://") || f.Because == "" {
			t.Errorf("%s lacks its source or reason", f.App)
		}
		for _, v := range []string{f.Least, f.Linux, f.Windows, f.Darwin} {
			if v != "" && !number.MatchString(v) {
				t.Errorf("%s wants %q, which is no version", f.App, v)
			}
		}
		if f.Least == "" && f.Linux == "" && f.Windows == "" && f.Darwin == "" {
			t.Errorf("%s wants nothing", f.App)
		}
	}
}

func TestLeast(t *testing.T) {
	shipped := []Floor{{App: "zoom", Least: "6.0.2", Windows: "5.17.5"}, {App: "teams", Windows: "22"}, {App: "chrome", Least: "110"}}
	own := []Floor{{App: "chrome", Least: "120"}}
	for _, c := range []struct {
		goos  string
		lines []string
		want  map[string]string
	}{
		{"linux", nil, map[string]string{"zoom": "6.0.2", "chrome": "120"}},
		{"windows", nil, map[string]string{"zoom": "5.17.5", "teams": "22", "chrome": "120"}},
		{"linux", []string{"chrome = 131", "classin=5.0", "zoom=", "nonsense", "=3"}, map[string]string{"chrome": "131", "classin": "5.0"}},
	} {
		if got := Least(c.goos, c.lines, shipped, own); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %v: %v, want %v", c.goos, c.lines, got, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.json"), filepath.Join(dir, "bad.json")
	os.WriteFile(good, []byte(`[{"app":"zoom","least":"7"}]`), 0o600)
	os.WriteFile(bad, []byte(`{"zoom":7}`), 0o600)
	if got, err := Read(good); err != nil || len(got) != 1 || got[0].Least != "7" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Read(bad); err == nil {
		t.Error("a file of another form was read")
	}
	for _, none := range []string{"", filepath.Join(dir, "none.json")} {
		if got, err := Read(none); err != nil || got != nil {
			t.Errorf("%q: %v, %v", none, got, err)
		}
	}
}
