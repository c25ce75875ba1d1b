//go:build linux

package bare

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"raisehand/assets/words"
	"raisehand/build/lab"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// root is a folder that becomes the whole computer: the program, the libraries
// it is linked with, /proc, /dev/null, /tmp.
type root struct {
	t    *testing.T
	dir  string
	desk *lab.Desk
}

func newRoot(t *testing.T) *root {
	t.Helper()
	program, err := lab.Program("raisehand")
	if err != nil {
		t.Fatal(err)
	}
	r := &root{t: t, dir: t.TempDir()}
	for _, d := range []string{"proc", "dev", "tmp", "etc", "home"} {
		if err := os.MkdirAll(filepath.Join(r.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.put("dev/null", nil)
	r.put("etc/resolv.conf", []byte("nameserver 127.0.0.1\n"))
	r.copy(program, "raisehand")
	for _, library := range linked(t, program) {
		r.copy(library, library)
	}
	r.desk = startDesk(t)
	key, err := os.ReadFile(r.desk.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	r.put("key", key)
	return r
}

func startDesk(t *testing.T) *lab.Desk {
	t.Helper()
	d, err := lab.StartDesk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return d
}

// linked are the libraries without which the program does not start, and none
// of them may be one that a computer without a screen or sound lacks.
func linked(t *testing.T, program string) (paths []string) {
	t.Helper()
	out, err := exec.Command("ldd", program).CombinedOutput()
	if err != nil {
		t.Fatalf("ldd: %v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		for _, never := range []string{"libGL", "libEGL", "libX", "libxcb", "libwayland", "libasound", "libpulse", "libdbus", "not found"} {
			if strings.Contains(line, never) {
				t.Errorf("the program is linked with %s", strings.TrimSpace(line))
			}
		}
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "/") {
				paths = append(paths, word)
			}
		}
	}
	if len(paths) == 0 {
		t.Fatalf("ldd names no library: %s", out)
	}
	return paths
}

func (r *root) put(name string, data []byte) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), data, 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *root) copy(from, to string) {
	r.t.Helper()
	to = filepath.Join(r.dir, to)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		r.t.Fatal(err)
	}
	src, err := os.Open(from)
	if err != nil {
		r.t.Fatal(err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err == nil {
		_, err = io.Copy(dst, src)
		err = errors.Join(err, dst.Close())
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// enter makes the folder the root of a mount namespace of its own, which goes
// away with the command.
const enter = `mount --rbind /proc "$1/proc" && mount --bind /dev/null "$1/dev/null" || exit 97
root=$1; shift; exec chroot "$root" /raisehand "$@"`

// run runs the program inside, in an environment that names nothing.
func (r *root) run(lang string, args ...string) lab.Answer {
	r.t.Helper()
	unshare := []string{"--mount", "--propagation", "private"}
	if os.Getuid() != 0 {
		unshare = append(unshare, "--user", "--map-root-user")
	}
	cmd := exec.Command("unshare", append(append(unshare, "sh", "-c", enter, "sh", r.dir), args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/home", "RAISEHAND_ASK_OUTSIDE=false", "LANG=" + map[string]string{"en": "en_GB.UTF-8", "zh": "zh_CN.UTF-8"}[lang]}
	a, err := lab.Run(cmd)
	if err != nil {
		r.t.Fatal(err)
	}
	if a.Code == 97 || strings.Contains(a.Err, "unshare") {
		if os.Getenv("CI") != "" {
			r.t.Fatalf("a root of its own cannot be made, and this must run in CI: %s", a.Err)
		}
		r.t.Skipf("a root of its own cannot be made here: %s", a.Err)
	}
	civil(r.t, a)
	return a
}

var logLine = regexp.MustCompile(`(?m)^\d{4}/\d\d/\d\d `)

// civil: whatever happens, a person never reads where a program stood.
func civil(t *testing.T, a lab.Answer) {
	t.Helper()
	for _, word := range []string{"panic", "goroutine ", "runtime error", ".go:", "%!", "\ufffd", "<nil>"} {
		if strings.Contains(a.Out+a.Err, word) {
			t.Errorf("it says %q:\n%s%s", word, a.Out, a.Err)
		}
	}
	if logLine.MatchString(a.Err) {
		t.Errorf("a log stands on the terminal:\n%s", a.Err)
	}
}

// document reads the one JSON document on standard output, refusing fields
// that the contract does not name.
func document(t *testing.T, out string, into any, fields ...string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(out))
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, out)
	}
	if rest, _ := io.ReadAll(d.Buffered()); len(bytes.TrimSpace(rest)) > 0 {
		t.Errorf("more than one document: %s", rest)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		if _, ok := all[f]; !ok {
			t.Errorf("%q is missing: %s", f, raw)
		}
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
}

// deaf is what could not be looked at here, with the reason.
var deaf = map[string]string{"mic": "mic.no_server", "screen": "screen.no_display"}

// unfolded is a text without spaces and line breaks.
func unfolded(text string) string { return strings.Join(strings.Fields(text), "") }

func TestWithoutAnythingAroundItItSaysWhatItCouldNotLookAt(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) {
			r.t = t
			book := words.In(lang)
			a := r.run(lang, "check", "--json", "--desk", r.desk.URL)
			var got report.Report
			document(t, a.Out, &got, "schema", "taken_at", "results", "findings", "proposed_priority", "facts")
			r.results(got)
			failed := false
			for _, x := range got.Results {
				failed = failed || x.Verdict == report.Fail
				said := book.Of(x.Code, x.Params).Title
				if x.Verdict == report.Unknown || x.Verdict == report.Skipped {
					said = book.Of(x.Code, x.Params).Says
				}
				line := x.Check != "programs" && x.Check != "screen"
				if said == "" || line && !strings.Contains(unfolded(a.Err), unfolded(said)) {
					t.Errorf("%s is not said in words, %q:\n%s", x.Code, said, a.Err)
				}
			}
			if want := map[bool]int{false: 0, true: 1}[failed]; a.Code != want {
				t.Errorf("exit %d, want %d", a.Code, want)
			}
			if strings.Contains(a.Out, "/home") {
				t.Errorf("a path of the person in what people paste: %s", a.Out)
			}
		})
	}
}

func (r *root) results(got report.Report) {
	r.t.Helper()
	if got.Schema != report.Schema || time.Since(got.TakenAt).Abs() > time.Minute {
		r.t.Errorf("schema %d, taken at %v", got.Schema, got.TakenAt)
	}
	for _, name := range []string{"mic", "camera", "system", "screen", "programs"} {
		x, ok := got.Find(name)
		if !ok {
			r.t.Errorf("no result of %s", name)
			continue
		}
		if code := deaf[name]; code != "" && (x.Verdict != report.Unknown || x.Code != code) {
			r.t.Errorf("%s: %s %s, want unknown %s", name, x.Verdict, x.Code, code)
		}
		// No folder for devices at all: none was seen, and none was held back.
		if name == "camera" && x.Code != "camera.none" {
			r.t.Errorf("camera: %s %s", x.Verdict, x.Code)
		}
		if name == "system" && (x.Verdict == report.Unknown || x.Verdict == report.Skipped) {
			r.t.Errorf("system: %s %s: the computer itself can be looked at", x.Verdict, x.Code)
		}
	}
	for _, f := range got.Findings {
		for _, because := range f.Because {
			if because == deaf["mic"] || because == deaf["screen"] {
				r.t.Errorf("%s is blamed on what could not be looked at", f.Code)
			}
		}
	}
	for _, fact := range []string{"os", "cores", "mem_total_mb", "uptime_h"} {
		if got.Facts[fact] == nil {
			r.t.Errorf("no fact %q in %v", fact, got.Facts)
		}
	}
}

// ticket is what get-help and status print.
type ticket struct {
	ID       string             `json:"id"`
	Number   int64              `json:"number"`
	Priority report.Priority    `json:"priority"`
	State    deskapi.State      `json:"state"`
	Due      *time.Time         `json:"response_due"`
	Source   string             `json:"deadline_source"`
	Now      *time.Time         `json:"server_time"`
	Findings []string           `json:"findings"`
	Sent     []deskapi.FileInfo `json:"sent"`
	Waiting  string             `json:"waiting_because"`
}

func TestWithoutAnythingAroundItTheRequestArrivesAndIsFollowed(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	at := []string{"--json", "--desk", r.desk.URL, "--enroll-key-file", "/key", "--home", "/home/rh"}
	fields := []string{"id", "number", "priority", "state", "response_due", "deadline_source", "server_time", "findings", "sent"}
	a := r.run("zh", append([]string{"get-help", "--yes", "--priority", "p0", "--say", "没有声音", "--name", "李老师", "--role", "teacher", "--room", "三年二班", "--screenshot"}, at...)...)
	var got ticket
	document(t, a.Out, &got, fields...)
	if a.Code != 0 || got.State != deskapi.Received || got.Number == 0 || got.Priority != report.P0 || got.Source != "local" {
		t.Fatalf("exit %d: %s%s", a.Code, a.Out, a.Err)
	}
	if got.Due == nil || got.Now == nil || got.Due.Sub(*got.Now).Round(time.Minute) != 30*time.Minute {
		t.Errorf("due %v at %v", got.Due, got.Now)
	}
	if len(got.Sent) != 1 || got.Sent[0].Name != "report-1.json" || len(got.Sent[0].SHA256) != 64 {
		t.Errorf("sent %+v", got.Sent)
	}
	technician, err := r.desk.SignIn()
	if err != nil {
		t.Fatal(err)
	}
	page, err := technician.Page(got.ID)
	if err != nil || page.Ticket.Words != "没有声音" || page.Ticket.Lang != "zh" || page.Ticket.Consent.How != "terminal" || len(page.Reports) != 1 {
		t.Fatalf("at the desk: %+v, %v", page, err)
	}
	var arrived report.Report
	if err := json.Unmarshal(page.Reports[0].Report, &arrived); err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]string{"mic": deaf["mic"], "camera": "camera.none"} {
		if x, ok := arrived.Find(name); !ok || x.Code != code {
			t.Errorf("the technician reads of %s: %+v", name, x)
		}
	}

	a = r.run("en", append([]string{"status"}, at...)...)
	var again ticket
	document(t, a.Out, &again, fields...)
	if a.Code != 0 || again.ID != got.ID || again.Number != got.Number || again.State != deskapi.Received {
		t.Errorf("status: exit %d: %s%s", a.Code, a.Out, a.Err)
	}

	a = r.run("en", append([]string{"policy"}, at...)...)
	var settings map[string]struct{ Value, Source, From string }
	document(t, a.Out, &settings, "desk_url", "enroll_key", "hold_seconds", "lang")
	if s := settings["desk_url"]; a.Code != 0 || s.Value != r.desk.URL || s.Source != "flag" || settings["hold_seconds"].Source != "default" {
		t.Errorf("policy: exit %d: %s", a.Code, a.Out)
	}
	key, _ := os.ReadFile(r.desk.KeyFile)
	if strings.Contains(a.Out, strings.TrimSpace(string(key))) {
		t.Error("policy shows the enrolment key")
	}
}

func TestWithoutADisplayTheTraySaysWhatToTypeInstead(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	for _, lang := range words.Langs {
		a := r.run(lang, "--home", "/home/rh")
		said := words.In(lang).Of("cli.no_display", nil)
		if a.Code != 2 || a.Out != "" || !strings.Contains(a.Err, said.Says) || !strings.Contains(a.Err, said.Do) || strings.Count(a.Err, "\n") != 1 {
			t.Errorf("exit %d: %s%s", a.Code, a.Out, a.Err)
		}
	}
}
