package logs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"raisehand/capture"
	"raisehand/capture/report"
)

// teacher makes a home with files in it.
func teacher(t *testing.T, files map[string]string) (home string) {
	t.Helper()
	home = filepath.Join(t.TempDir(), "people", "teacher")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("APPDATA", filepath.Join(home, "AppData", "Roaming"))
	t.Setenv("LOCALAPPDATA", filepath.Join(home, "AppData", "Local"))
	write(t, home, files)
	return home
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// run gathers, and returns the files by name; the system's own log, which is
// the computer's affair, is left out.
func run(t *testing.T, c Check) (map[string]string, report.Result) {
	t.Helper()
	got := map[string]string{}
	c.Emit = func(l capture.Line) {
		if l.Picture == nil || l.Picture.Type != Type {
			t.Errorf("emitted %+v", l)
			return
		}
		got[l.Picture.Name] = string(l.Picture.Data)
	}
	r := c.Run(context.Background())
	delete(got, "logs-system.txt")
	return got, r
}

// theZoom is where Zoom logs on this system, beneath the home of the test.
func theZoom(t *testing.T) (dir string) {
	t.Helper()
	for _, p := range places {
		if p.key == "zoom" {
			base, _ := folder(p.patterns[0].base)
			return filepath.Join(base, filepath.FromSlash(filepath.Dir(p.patterns[0].glob)))
		}
	}
	t.Fatal("no place for Zoom")
	return ""
}

func TestOwnAndClassPrograms(t *testing.T) {
	home := teacher(t, nil)
	write(t, home, map[string]string{"state/raisehand.log": "2026 send: no route\n", "state/crash.log": "", "state/settings.json": "{}"})
	write(t, theZoom(t), map[string]string{"a.log": "old words\n", "b.log": "audio device lost\n", "c.dmp": "not a log\n"})
	if err := os.Chtimes(filepath.Join(theZoom(t), "a.log"), time.Time{}, time.Now().Add(-25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, r := run(t, Check{Home: filepath.Join(home, "state")})
	if len(got) != 2 || !strings.Contains(got["logs-raisehand-1.txt"], "no route") || !strings.Contains(got["logs-zoom-1.txt"], "audio device lost") {
		t.Errorf("got %q", got)
	}
	if r.Code != "logs.ok" || r.Verdict != report.OK {
		t.Errorf("got %+v", r)
	}
	if all := strings.Join([]string{got["logs-raisehand-1.txt"], got["logs-zoom-1.txt"]}, ""); strings.Contains(all, home) {
		t.Errorf("a head names the person's folder:\n%s", all)
	}
}

func TestNothing(t *testing.T) {
	teacher(t, nil)
	c := Check{}
	g := &gathering{left: maxAll, skipped: map[string]any{}}
	if all := c.programs(); len(all) != 0 {
		t.Errorf("found %v in an empty home", all)
	}
	g.files(context.Background(), "raisehand", c.own(), maxOwn)
	if g.sent != 0 || len(g.skipped) != 0 {
		t.Errorf("sent %d, skipped %v", g.sent, g.skipped)
	}
}

// The newest part of a long file goes, from the beginning of a line.
func TestLongFile(t *testing.T) {
	teacher(t, nil)
	line := strings.Repeat("x", 99) + "\n"
	write(t, theZoom(t), map[string]string{"long.log": "the first\n" + strings.Repeat(line, 5000) + "the last\n"})
	got, _ := run(t, Check{})
	text := got["logs-zoom-1.txt"]
	head, body, _ := strings.Cut(text, "\n")
	if len(body) > maxFile || len(body) < maxFile-200 || !strings.HasSuffix(body, "\nthe last\n") || strings.Contains(body, "the first") || !strings.HasPrefix(body, line) {
		t.Errorf("%d bytes: %.200q … %.200q", len(body), body, body[max(0, len(body)-150):])
	}
	if !strings.Contains(head, "of 500019 bytes") {
		t.Errorf("head %q", head)
	}
}

func TestTogether(t *testing.T) {
	teacher(t, nil)
	big := strings.Repeat(strings.Repeat("y", 99)+"\n", 4000)
	var globs []string
	home, _ := os.UserHomeDir()
	for _, d := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		write(t, home, map[string]string{"more/" + d + ".log": big})
		globs = append(globs, "~/more/"+d+".log")
	}
	got, r := run(t, Check{Globs: globs})
	sum := 0
	for _, text := range got {
		sum += len(text)
	}
	if sum > maxAll+200*len(got) || sum < maxAll/2 {
		t.Errorf("%d bytes in %d files", sum, len(got))
	}
	if not, _ := r.Detail["not_read"].(map[string]any); len(not) < 2 {
		t.Errorf("what found no room is not named: %v", r.Detail)
	}
}

func TestWhatIsWrittenHow(t *testing.T) {
	const words = "2026-11-22 麦克风没有声音\nline two\n"
	wide := []byte{0xFF, 0xFE}
	for _, r := range words {
		wide = append(wide, byte(r), byte(r>>8))
	}
	chinese, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(words))
	if err != nil {
		t.Fatal(err)
	}
	cipher := make([]byte, 4096)
	for i := range cipher { // bytes as they come out of a cipher: each as often as any other
		cipher[i] = byte(i*167 + i/256*31)
	}
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"UTF-8", []byte(words), words},
		{"UTF-8 with line ends of Windows", []byte(strings.ReplaceAll(words, "\n", "\r\n")), words},
		{"colours of a terminal", []byte("\x1b[31mbad\x1b[0m\n"), "[31mbad[0m\n"},
		{"UTF-16", wide, words},
		{"GB 18030", chinese, words},
		{"a database", []byte("SQLite format 3\x00\x10\x00"), ""},
		{"encrypted", cipher, ""},
		{"encrypted without a zero", bytes.ReplaceAll(cipher, []byte{0}, []byte{1}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode(c.raw)
			if (err != nil) != (c.want == "") || string(got) != c.want {
				t.Errorf("got %.60q, %v", got, err)
			}
		})
	}
}

// The newest part of a file in UTF-16 is still read as that.
func TestLongWideFile(t *testing.T) {
	wide := []byte{0xFF, 0xFE}
	for i := range 3000 {
		for _, r := range "line " + string(rune('一'+i%50)) + "\n" {
			wide = append(wide, byte(r), byte(r>>8))
		}
	}
	raw, err := newest(bytes.NewReader(wide), int64(len(wide)), 1001)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(raw)
	if err != nil || !bytes.HasPrefix(got, []byte("line ")) || !bytes.HasSuffix(got, []byte("\n")) || len(got) < 500 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestManagedPlaces(t *testing.T) {
	home := teacher(t, map[string]string{"board/today.log": "the board speaks\n", "board/old.log": "long ago\n"})
	long := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(filepath.Join(home, "board/old.log"), long, long); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	write(t, elsewhere, map[string]string{"x/1.log": "of the system\n"})
	write(t, filepath.Dir(home), map[string]string{"colleague/private.log": "not yours\n"})
	if err := os.Chown(filepath.Join(filepath.Dir(home), "colleague"), 12345, 12345); err != nil && runtime.GOOS != "windows" {
		t.Skipf("only root can give a folder to another person: %v", err)
	}
	got, r := run(t, Check{Globs: []string{
		"~/board/*.log", filepath.Join(elsewhere, "*", "*.log"), "relative/*.log",
		filepath.Join(filepath.Dir(home), "colleague", "*.log"), filepath.Join(filepath.Dir(home), "*", "private.log"), "~/../colleague/*.log",
	}})
	var texts []string
	for _, text := range got {
		texts = append(texts, text)
	}
	all := strings.Join(texts, "")
	if len(got) != 2 || !strings.Contains(all, "the board speaks") || !strings.Contains(all, "of the system") {
		t.Errorf("got %q", got)
	}
	if not, _ := r.Detail["not_read"].(map[string]any); len(not) != 4 {
		t.Errorf("not read: %v", r.Detail)
	}
}

// The programs that run now come first, whatever was written later.
func TestRunningFirst(t *testing.T) {
	teacher(t, nil)
	write(t, theZoom(t), map[string]string{"a.log": "zoom\n"})
	was := places
	t.Cleanup(func() { places = was })
	base, _ := folder("home")
	write(t, base, map[string]string{"webex-logs/a.log": "webex\n"})
	places = append(slices.Clone(places), at("webex", "home", "webex-logs/*.log"))
	before := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(base, "webex-logs/a.log"), before, before); err != nil {
		t.Fatal(err)
	}
	order := func(running ...capture.App) (keys []string) {
		for _, p := range (Check{Situation: capture.Situation{Class: running}}).programs() {
			keys = append(keys, p.key)
		}
		return keys
	}
	if got := order(); !slices.Equal(got, []string{"zoom", "webex"}) {
		t.Errorf("nothing runs: %v", got)
	}
	if got := order(capture.App{Key: "webex"}); !slices.Equal(got, []string{"webex", "zoom"}) {
		t.Errorf("Webex runs: %v", got)
	}
}
