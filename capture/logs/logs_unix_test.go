//go:build !windows

package logs

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// Links, pipes and other people's files: nothing that is not a log of this
// person's own is opened, and nothing hangs.
func TestWhatIsNotOurs(t *testing.T) {
	home := teacher(t, map[string]string{"secret/diary.txt": "dear diary\n"})
	outside := filepath.Join(filepath.Dir(home), "colleague")
	write(t, outside, map[string]string{"marks.log": "marks of the class\n"})
	dir := theZoom(t)
	write(t, dir, map[string]string{"good.log": "a good line\n"})
	theirs := func(path string) {
		if os.Getuid() != 0 {
			t.Logf("not root: %s cannot be given to another person here", path)
		} else if err := os.Chown(path, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	theirs(outside)
	links := map[string]string{
		filepath.Join(dir, "outside.log"): filepath.Join(outside, "marks.log"),
		filepath.Join(dir, "diary.log"):   filepath.Join(home, "secret", "diary.txt"),
		filepath.Join(home, "linked"):     outside,
	}
	for link, to := range links {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.log"), 0o644); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		write(t, dir, map[string]string{"theirs.log": "theirs\n"})
		theirs(filepath.Join(dir, "theirs.log"))
	}
	globs := []string{filepath.Join(dir, "..", "logs", "*.log")}
	if os.Getuid() == 0 {
		globs = append(globs, "~/linked/*.log")
	}
	got, _ := run(t, Check{Globs: globs})
	for name, text := range got {
		for _, not := range []string{"diary", "marks", "theirs\n"} {
			if strings.Contains(text, not) {
				t.Errorf("%s holds %q", name, text)
			}
		}
	}
	if !strings.Contains(got["logs-zoom-1.txt"], "a good line") {
		t.Errorf("got %q", got)
	}
	// Read by name, as if it had been exchanged after it was listed.
	for _, name := range []string{"outside.log", "diary.log", "pipe.log"} {
		if text, _, err := read(file{base: dir, rel: name}, maxFile); err == nil {
			t.Errorf("%s was read: %q", name, text)
		}
	}
}

// A folder beside the home that belongs to the same person is theirs: only
// another's is refused, and that is then said, rather than that there is
// nothing.
func TestAFolderOfTheirOwnBesideTheHome(t *testing.T) {
	home := teacher(t, map[string]string{"a.txt": "a\n"})
	classes := filepath.Join(filepath.Dir(home), "classes")
	write(t, classes, map[string]string{"board.log": "a line of the board\n"})
	t.Setenv("PATH", t.TempDir()) // no journal
	c := Check{Globs: []string{filepath.Join(classes, "*.log")}}
	if got, r := run(t, c); r.Code != "logs.ok" || !strings.Contains(got["logs-school-1.txt"], "a line of the board") {
		t.Errorf("%+v, %q", r, got)
	}
	if os.Getuid() != 0 {
		t.Skip("not root: no folder can be given to another person here")
	}
	if err := os.Chown(classes, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if got, r := run(t, c); r.Code != "logs.not_read" || r.Verdict != report.Unknown || len(got) != 0 {
		t.Errorf("somebody else's: %+v, %q", r, got)
	}
}

// The whole folder of a program's logs is a link to somewhere else.
func TestTheFolderIsALink(t *testing.T) {
	home := teacher(t, nil)
	outside := filepath.Join(filepath.Dir(home), "colleague")
	write(t, outside, map[string]string{"marks.log": "marks of the class\n"})
	dir := theZoom(t)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, dir); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(home, "state")
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "marks.log"), filepath.Join(state, "raisehand.log")); err != nil {
		t.Fatal(err)
	}
	if got, _ := run(t, Check{Home: state}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// A program that never ends is not waited for, and what it says is bounded.
func TestTheSystemTalksWithoutEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	text, err := output(ctx, "sh", "-c", "yes a line of the log")
	if err == nil || len(text) == 0 || len(text) > maxSystem || !strings.HasPrefix(string(text), "a line of the log\n") {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// A stand-in for the system's journal says what it was asked; the answer is
// bounded and goes along as one file.
func TestTheJournal(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the journal is systemd's")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"asked $*\"\nyes 'a warning' | head -c 400000\necho the last\n"
	if err := os.WriteFile(filepath.Join(dir, "journalctl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	text, err := journal(context.Background())
	if err != nil || len(text) > maxSystem || !strings.HasSuffix(string(text), "the last\n") {
		t.Errorf("%d bytes, %v: … %.60q", len(text), err, text[max(0, len(text)-60):])
	}
	var files []string
	c := Check{Emit: func(l capture.Line) { files = append(files, l.Picture.Name) }}
	teacher(t, nil)
	if r := c.Run(context.Background()); r.Code != "logs.ok" || !slices.Equal(files, []string{"logs-system.txt"}) {
		t.Errorf("%+v, %v", r, files)
	}
	// Without it, its absence is told, not taken for a fault.
	t.Setenv("PATH", t.TempDir())
	if r := (Check{}).Run(context.Background()); r.Verdict != report.Unknown || r.Code != "logs.none" {
		t.Errorf("%+v", r)
	}
}
