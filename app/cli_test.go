package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"raisehand/app/policy"
	"raisehand/assets/words"
	"raisehand/capture/report"
)

func TestOptionsMayStandBeforeTheCommand(t *testing.T) {
	for typed, want := range map[string]string{
		"check --json":               "check --json",
		"--lang zh check --json":     "check --lang zh --json",
		"--lang=zh status 1001":      "status --lang=zh 1001",
		"--desk http://d --home h":   "--desk http://d --home h", // the tray
		"--home check status":        "status --home check",      // a folder named like a command
		"--version":                  "version",
		"get-help --say check --yes": "get-help --say check --yes",
	} {
		if got := strings.Join(commandFirst(strings.Fields(typed)), " "); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

func TestTheDeskUsedLastIsGoneOnWith(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"RAISEHAND_DESK", "RAISEHAND_HOME"} {
		t.Setenv(name, "")
	}
	os.WriteFile(filepath.Join(home, "device.json"), []byte(`{"desks":{"https://desk.school.example":{"device":"1","token":"t"}},"last":"https://desk.school.example"}`), 0o600)
	desk := func(args ...string) policy.Value {
		p := &program{book: words.In("en"), err: &strings.Builder{}}
		f := newFlags(commands[0])
		if _, err := f.parse(append(args, "--home", home)); err != nil {
			t.Fatal(err)
		}
		if err := p.settings(f); err != nil {
			t.Fatal(err)
		}
		return p.set.Get("desk_url")
	}
	if got := desk(); got.Text != "https://desk.school.example" || got.Source != policy.Remembered {
		t.Errorf("%+v", got)
	}
	if got := desk("--desk", "https://other.example"); got.Text != "https://other.example" {
		t.Errorf("said otherwise: %+v", got)
	}
}

func TestNothingFoundIsNotTheSameAsNothingSeen(t *testing.T) {
	p := &program{book: words.In("en")}
	ok, blind := report.Result{Check: "mic", Verdict: report.OK}, report.Result{Check: "camera", Verdict: report.Unknown}
	var said []string
	for _, r := range [][]report.Result{{ok}, {ok, blind}, {blind}} {
		said = append(said, p.nothing(report.Report{Results: r}))
	}
	if said[0] == said[1] || said[1] == said[2] || !strings.Contains(said[1], "Camera") {
		t.Errorf("%q", said)
	}
}

func TestSecretsStayOutOfChildren(t *testing.T) {
	got := withoutSecrets([]string{"HOME=/h", "RAISEHAND_ENROLL_KEY=k", "RAISEHAND_HOME=/r"})
	if !reflect.DeepEqual(got, []string{"HOME=/h", "RAISEHAND_HOME=/r"}) {
		t.Errorf("%q", got)
	}
}
