package programs

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/build/lab"
	"raisehand/capture"
)

// TestARealBrowserInAClass starts Chromium on a display of its own, with a
// page that is called like one within a class.
func TestARealBrowserInAClass(t *testing.T) {
	for _, name := range []string{"Xvfb", "openbox", "chromium"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("no browser on a display of its own:", err)
		}
	}
	dir := t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	begin(t, x)
	w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal("Xvfb has not started:", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
	t.Setenv("HOME", dir)
	begin(t, exec.Command("openbox", "--sm-disable"))

	page := filepath.Join(dir, "class.html")
	if err := os.WriteFile(page, []byte(`<!doctype html><meta charset="utf-8"><title>Meet – abc-defg-hij</title>`), 0o644); err != nil {
		t.Fatal(err)
	}
	begin(t, exec.Command("chromium", "--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+filepath.Join(dir, "profile"), "file://"+page))

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var class, browsers []capture.App
	err = lab.Until(ctx, "the class in the browser", func() bool {
		Check{Emit: func(l capture.Line) { class, browsers = l.Situation.Class, l.Situation.Browsers }}.Run(ctx)
		for _, a := range class {
			if a.Key == "google_meet" {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("%v; classes %v, browsers %v, windows %v", err, class, browsers, titles())
	}
}

// begin starts a program that ends with the test, its children too.
func begin(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait() })
}
