package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/app/policy"
	"raisehand/build/lab"
	"raisehand/build/sound"
	"raisehand/capture"
	"raisehand/capture/programs"
	"raisehand/capture/report"
)

// TestARealBrowserThatRecords: Chromium takes the microphone in a process of
// its own, deep below its windows. The scout calls it a class all the same,
// and the class apps' check finds it to be in order.
func TestARealBrowserThatRecords(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("no browser to record with:", err)
	}
	s := sound.Start(t)
	for _, e := range s.Env() {
		k, v, _ := strings.Cut(e, "=")
		t.Setenv(k, v)
	}
	dir, err := os.MkdirTemp("", "browser") // its children may still write when the test is over
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "class.html")
	if err := os.WriteFile(page, []byte(`<!doctype html><title>x</title><script>navigator.mediaDevices.getUserMedia({audio: true}).then(s => window.kept = s)</script>`), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--remote-debugging-port=0", "file://"+page)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait(); os.RemoveAll(dir) })

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var seen capture.Situation
	isClass := func() bool {
		programs.Check{Recording: recorders, Emit: func(l capture.Line) { seen = *l.Situation }}.Run(ctx)
		a, ok := seen.Holder(cmd.Process.Pid)
		return ok && a.Key == "chromium"
	}
	if err := lab.Until(ctx, "the browser to record", isClass); err != nil {
		found, _ := recorders(ctx)
		t.Fatalf("%v; recording are %v, browsers %v, classes %v\n%s", err, found, seen.Browsers, seen.Class, s.Pactl("list", "source-outputs"))
	}
	p := &program{set: policy.Load()}
	r := p.appsCheck(seen, nil).Run(ctx)
	if holds, _ := r.Detail["microphone"].([]string); r.Verdict != report.OK || !slices.Equal(holds, []string{"@app.chromium"}) {
		t.Errorf("got %s %s %v %v", r.Verdict, r.Code, r.Params, r.Detail)
	}
}

// TestWhatTheSchoolSaysOfVersions: its lines before its file, its file before
// the shipped table.
func TestWhatTheSchoolSaysOfVersions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "versions.json")
	if err := os.WriteFile(file, []byte(`[{"app":"chrome","least":"130"},{"app":"firefox","least":"128"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &program{set: policy.Load(policy.Layer{Source: policy.Managed, Values: map[string]any{
		"versions_file": file, "min_versions": []any{"chrome=140", "zoom="}, "recorders": "LectureCapture"}})}
	c := p.appsCheck(capture.Situation{}, nil)
	_, zoom := c.Least["zoom"]
	if c.Least["chrome"] != "140" || c.Least["firefox"] != "128" || c.Least["edge"] == "" || zoom {
		t.Errorf("least are %v", c.Least)
	}
	if !slices.Equal(c.Recorders, []string{"LectureCapture"}) {
		t.Errorf("recorders are %v", c.Recorders)
	}
}
