//go:build !windows

package logs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Links, pipes and other people's files: nothing that is not a log of this
// person's own is opened, and nothing hangs.
func TestWhatIsNotOurs(t *testing.T) {
	home := teacher(t, map[string]string{"secret/diary.txt": "dear diary\n"})
	outside := filepath.Join(filepath.Dir(home), "colleague")
	write(t, outside, map[string]string{"marks.log": "marks of the class\n"})
	dir := theZoom(t)
	write(t, dir, map[string]string{"good.log": "a good line\n"})
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
		if err := os.Chown(filepath.Join(dir, "theirs.log"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
	} else {
		t.Log("not root: a file of another person cannot be made here")
	}
	got, _ := run(t, Check{Globs: []string{"~/linked/*.log", filepath.Join(dir, "..", "logs", "*.log")}})
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

// A program that never ends is not waited for, and what it says is bounded.
func TestTheSystemTalksWithoutEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	text, err := output(ctx, "sh", "-c", "yes a line of the log")
	if err == nil || len(text) == 0 || len(text) > maxSystem || !strings.HasPrefix(string(text), "a line of the log\n") {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
