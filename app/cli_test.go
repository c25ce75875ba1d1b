package app

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"raisehand/app/policy"
	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture"
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
	missing := report.Result{Check: "camera", Verdict: report.Skipped, Code: "camera.not_expected"}
	if got := p.nothing(report.Report{Results: []report.Result{ok, missing}}); got != said[0] {
		t.Errorf("without a camera that nobody expects: %q", got)
	}
	r := report.Report{Results: []report.Result{{Check: "mic", Verdict: report.Warn}, blind}, Findings: []report.Finding{{Code: "mic.muted"}}}
	var out strings.Builder
	p.printFindings(&out, r)
	if !strings.Contains(out.String(), "Camera") {
		t.Errorf("it keeps quiet about the camera: %q", out.String())
	}
}

func TestNothingMeasuredIsNotHealthy(t *testing.T) {
	saw, fault := report.Result{Check: "mic", Verdict: report.OK}, report.Result{Check: "mic", Verdict: report.Fail}
	unknown, left := report.Result{Check: "camera", Verdict: report.Unknown}, report.Result{Check: "camera", Verdict: report.Skipped, Code: "camera.in_use"}
	programs := report.Result{Check: scout, Verdict: report.OK}
	for i, x := range []struct {
		results []report.Result
		want    int
	}{
		{[]report.Result{saw}, exitOK},
		{[]report.Result{saw, unknown, programs}, exitOK},
		{[]report.Result{unknown}, exitUsage},
		{[]report.Result{unknown, programs}, exitUsage},
		{[]report.Result{left}, exitOK},
		{[]report.Result{unknown, fault}, exitFault},
		{[]report.Result{programs}, exitOK},
	} {
		if got := verdict(report.Report{Results: x.results}); got != x.want {
			t.Errorf("%d: exit %d, want %d", i, got, x.want)
		}
	}
}

// A request's lines are those of a check: in their order, none of them before
// it is sure, and then what to do.
func TestARequestsLines(t *testing.T) {
	p := &program{book: words.In("en")}
	var out strings.Builder
	ok := report.Result{Check: "mic", Verdict: report.OK, Code: "mic.ok"}
	none := report.Result{Check: "camera", Verdict: report.Warn, Code: "camera.none"}
	dark := report.Result{Check: "camera", Verdict: report.Warn, Code: "camera.black"}
	a := &asking{p: p, f: &flags{}, to: &out, lines: p.sheet(&out, capture.Plan{Rest: []string{"system", "camera", "mic"}}, nil)}
	rows := func(mic *report.Result, camera report.Result, running bool) snapshot.Help {
		return snapshot.Help{Rows: []snapshot.Row{{Check: "mic", Result: mic, Running: mic == nil}, {Check: "camera", Result: &camera, Running: running}}}
	}
	a.hearRows(rows(nil, dark, true))
	a.hearRows(rows(nil, none, false))
	if out.Len() != 0 {
		t.Errorf("printed before its time: %q", out.String())
	}
	a.hearRows(rows(&ok, none, false))
	found := []report.Finding{{Code: "camera.none"}}
	o := &snapshot.Outgoing{Report: &report.Report{Results: []report.Result{none, ok, {Check: scout, Verdict: report.OK, Code: "programs.ok"}}, Findings: found}}
	a.findings(o)
	a.findings(o)
	s := p.book.Of("camera.none", nil)
	want := "  ✓ Microphone  Microphone works\n  ! Camera      No camera found\n\n" + s.Says + "\n  → " + s.Do + "\n\n"
	if out.String() != want {
		t.Errorf("\n%s\nwant\n%s", out.String(), want)
	}
}

// What is said of a kept request does not promise that waiting helps where it
// does not, nor that it goes by itself when nothing runs.
func TestWhatAKeptRequestWaitsFor(t *testing.T) {
	for _, lang := range words.Langs {
		p := &program{book: words.In(lang)}
		said := map[string]bool{}
		for _, code := range []string{"desk.unreachable", "desk.key_wrong"} {
			for _, ours := range []bool{true, false} {
				text := p.keptWords(code, ours)
				if said[text] || strings.HasPrefix(text, "cli.") || ours != strings.Contains(text, "raisehand status") {
					t.Errorf("%s, our own session %v: %q", code, ours, text)
				}
				said[text] = true
			}
		}
		for _, code := range stuck {
			if _, ok := p.book.Codes[code]; !ok {
				t.Errorf("there is no code %s", code)
			}
		}
	}
}

func TestSecretsStayOutOfChildren(t *testing.T) {
	got := withoutSecrets([]string{"HOME=/h", "RAISEHAND_ENROLL_KEY=k", "RAISEHAND_HOME=/r"})
	if !reflect.DeepEqual(got, []string{"HOME=/h", "RAISEHAND_HOME=/r"}) {
		t.Errorf("%q", got)
	}
}

// Lines come in the order in which they are read, whatever came first, and
// what nobody needs to know has none.
func TestSixLines(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "  ✓ Microphone  Microphone works\n  ! Camera      No camera found\n  ✓ Computer    Computer fine\n",
		"zh": "  ✓ 麦克风      麦克风正常\n  ! 摄像头      没有找到摄像头\n  ✓ 电脑        电脑正常\n",
	} {
		var out strings.Builder
		p := &program{book: words.In(lang)}
		s := p.sheet(&out, capture.Plan{Rest: []string{"system", "camera", "mic"}}, nil)
		for _, r := range []report.Result{
			{Check: "screen", Verdict: report.Unknown, Code: "screen.no_display"},
			{Check: "system", Verdict: report.OK, Code: "system.ok"},
			{Check: "camera", Verdict: report.Warn, Code: "camera.none"},
			{Check: "mic", Verdict: report.OK, Code: "mic.ok"},
		} {
			if r.Check == "mic" && out.Len() != 0 {
				t.Errorf("printed before the first line was there: %q", out.String())
			}
			s.hear(r.Check, capture.Line{Result: &r})
		}
		s.end()
		if out.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", lang, out.String(), want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"one two three", 8, "one two|three"},
		{"这里没有找到声音服务。", 10, "这里没有找|到声音服|务。"},
		{"unbreakableword", 4, "unbr|eaka|blew|ord"},
		{"", 10, ""},
	} {
		if got := strings.Join(fold(c.text, c.columns), "|"); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

func TestThePolicyListIsATable(t *testing.T) {
	t.Setenv("RAISEHAND_ENROLL_KEY", "abc")
	t.Setenv("RAISEHAND_DESK", "")
	var out strings.Builder
	p := &program{book: words.In("en"), out: &out, err: &strings.Builder{}}
	f := newFlags(commands[0])
	if _, err := f.parse([]string{"--desk", "https://desk.school.example", "--home", t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if err := p.settings(f); err != nil {
		t.Fatal(err)
	}
	if _, err := p.policy(t.Context(), f, nil); err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`^([a-z_]+ +\S.*  \S| {17}\S)`)
	table, unset, _ := strings.Cut(out.String(), "\n\n")
	for _, line := range strings.Split(table, "\n") {
		if !row.MatchString(line) {
			t.Errorf("no row of a table: %q", line)
		}
	}
	if !strings.Contains(table, "command line --desk") || !strings.Contains(table, "environment RAISEHAND_ENROLL_KEY") || !strings.Contains(unset, "contact_name") {
		t.Error(out.String())
	}
}

// A student is not spoken to as a teacher, in the terminal either.
func TestAStudentIsSpokenToAsOne(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "settings.json"), []byte(`{"role":"student","lang":"zh"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &program{book: words.In("en"), out: io.Discard, err: io.Discard}
	if err := p.settings(&flags{home: home}); err != nil {
		t.Fatal(err)
	}
	teacher := words.In("zh").Of("mic.muted", nil).Says
	if said := p.book.Of("mic.muted", nil).Says; said == teacher || said == "" {
		t.Errorf("a student reads %q", said)
	}
}
