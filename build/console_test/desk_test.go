package consoletest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

const (
	technician = "li.na"
	password   = "right horse battery staple"
	team       = "信息中心"
)

// program is the desk's path, built once if nobody has built it before.
var program = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("RAISEHAND_BIN"); dir != "" {
		path, err := filepath.Abs(filepath.Join(dir, "raisehand-desk"))
		if _, statErr := os.Stat(path); err == nil && statErr == nil {
			return path, nil
		}
	}
	path := filepath.Join(scratch, "raisehand-desk")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, "raisehand/uploader/desk/raisehand-desk").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build the desk: %w\n%s", err, out)
	}
	return path, err
})

// Desk is a running desk with one technician, and a computer enrolled at it.
type Desk struct {
	t    *testing.T
	URL  string
	data string
	cmd  *exec.Cmd

	camera string // what the computer's camera is called
	*deskapi.Client
}

func startDesk(t *testing.T) *Desk {
	t.Helper()
	d := &Desk{t: t, data: t.TempDir(), camera: "罗技摄像头"}
	d.command(password+"\n", "user", "add", technician, "--role", "technician", "--password-stdin")
	d.command("", "contact", "set", "--name", team)
	key := strings.TrimSpace(d.command("", "enroll-key", "new"))
	d.start("127.0.0.1:0")
	token := ""
	d.Client = &deskapi.Client{Base: d.URL, Token: func() string { return token }}
	in, err := d.Enrol(t.Context(), deskapi.Enrol{Key: key, Computer: "PC-302-01", OS: "linux"})
	if err != nil {
		t.Fatal(err)
	}
	token = in.Token
	return d
}

// command runs one of the desk's commands on its data.
func (d *Desk) command(in string, args ...string) string {
	d.t.Helper()
	path, err := program()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(path, append(args, "--data", d.data)...)
	cmd.Stdin = strings.NewReader(in)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("raisehand-desk %s: %v\n%s", strings.Join(args, " "), err, &complaint)
	}
	return string(out)
}

// start serves until stop, and returns when the desk says where it listens.
func (d *Desk) start(listen string) {
	d.t.Helper()
	path, err := program()
	if err != nil {
		d.t.Fatal(err)
	}
	d.cmd = exec.Command(path, "serve", "--listen", listen, "--data", d.data)
	var log bytes.Buffer
	d.cmd.Stderr = &log
	out, err := d.cmd.StdoutPipe()
	if err == nil {
		err = d.cmd.Start()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := d.cmd
	d.t.Cleanup(func() { d.kill(cmd) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "listening on "); ok {
			d.URL = strings.TrimSpace(url)
			return
		}
	}
	cmd.Wait()
	d.t.Fatalf("the desk did not start:\n%s", &log)
}

// stop ends the desk; restart starts it again where it was.
func (d *Desk) stop() { d.kill(d.cmd) }

func (d *Desk) restart() { d.start(strings.TrimPrefix(d.URL, "http://")) }

func (d *Desk) kill(cmd *exec.Cmd) {
	if cmd.ProcessState != nil {
		return
	}
	cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	var ended *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &ended) {
		d.t.Log(err)
	}
}

// ask files a ticket; change may make it another one.
func (d *Desk) ask(change func(*deskapi.Ticket)) deskapi.Status {
	d.t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		d.t.Fatal(err)
	}
	now := time.Now().UTC()
	ticket := deskapi.Ticket{
		Schema: deskapi.Schema, ID: id.String(), CreatedAt: now,
		Person:   deskapi.Person{Role: "teacher", Name: "王丽华", Room: "三年二班"},
		Computer: "PC-302-01", Lang: "zh", Priority: report.P1, Proposed: report.P0, Reason: "reason.class_no_picture",
		Findings: []string{"camera.frozen"}, Words: "画面不动了，正在上课",
		Consent: deskapi.Consent{At: now, Wording: "2026-11 zh", How: "first_start"}, App: "0.1.0",
	}
	if change != nil {
		change(&ticket)
	}
	status, err := d.PostTicket(d.t.Context(), ticket)
	if err != nil {
		d.t.Fatal(err)
	}
	return status
}

// examined attaches a report; broken says whether the camera is.
func (d *Desk) examined(id string, version int, broken bool) {
	d.t.Helper()
	camera := report.Result{Check: "camera", Verdict: report.OK, Code: "camera.ok", TookMS: 412,
		Params: map[string]any{"device": d.camera, "width": 1280, "height": 720},
		Detail: map[string]any{"first_frame_ms": 121.4, "width": 1280, "height": 720, "identical_frames": 31}}
	r := report.Report{Schema: report.Schema, TakenAt: time.Now().UTC(), Proposed: report.None, Facts: facts()}
	if broken {
		camera.Verdict, camera.Code = report.Fail, "camera.frozen"
		r.Findings = []report.Finding{{Code: "camera.frozen", Weight: 90, Because: []string{"camera.frozen"}, Params: camera.Params, Symptom: "symptom.no_picture"},
			{Code: "system.memory_low", Weight: 46, Because: []string{"system.memory_low", "system.cpu_busy_many"}, Params: swaps().Params, Symptom: "symptom.stutters"}}
		r.Proposed, r.Reason = report.P0, "reason.class_no_picture"
	}
	r.Results = []report.Result{camera,
		{Check: "programs", Verdict: report.OK, Code: "programs.class", Params: map[string]any{"app": "@app.tencent_meeting", "apps": []string{"@app.tencent_meeting"}}, TookMS: 38},
		{Check: "screen", Verdict: report.Unknown, Code: "screen.wayland", TookMS: 3},
	}
	if broken {
		r.Results = append(r.Results, swaps())
	}
	if err := d.PutReport(d.t.Context(), id, version, r); err != nil {
		d.t.Fatal(err)
	}
}

// swaps is a computer without memory that is busy with that.
func swaps() report.Result {
	return report.Result{Check: "system", Verdict: report.Warn, Code: "system.memory_low", TookMS: 1210,
		Params: map[string]any{"program": "@app.tencent_meeting", "mb": 5210.0}, Detail: map[string]any{"mem_used_pct": 97.1, "cpu_load_pct": 96.0},
		Also: []report.Fault{{Verdict: report.Warn, Code: "system.cpu_busy_many", Params: map[string]any{"pct": 96.0}}}}
}

func facts() map[string]any {
	return map[string]any{
		"os": "统信", "os_version": "20", "uptime_h": 96.1, "mem_total_mb": 8192, "mem_available_mb": 312, "cpu_load_pct": 87.25,
		"clock_offset_ms": -1210, "on_battery": true,
		"displays":   []map[string]any{{"width": 1920, "height": 1080}},
		"top_memory": []map[string]any{{"name": "腾讯会议", "mb": 1843}, {"name": "浏览器", "mb": 1221}},
		"top_cpu":    []map[string]any{{"name": "腾讯会议", "pct": 61.3}},
	}
}

// picture attaches a screenshot.
func (d *Desk) picture(id, name string) {
	d.t.Helper()
	screen := image.NewRGBA(image.Rect(0, 0, 960, 540))
	for y := range 540 {
		for x := range 960 {
			screen.Set(x, y, color.RGBA{uint8(x / 4), uint8(y / 3), uint8(x / 60 * y / 60), 255})
		}
	}
	var data bytes.Buffer
	if err := png.Encode(&data, screen); err != nil {
		d.t.Fatal(err)
	}
	d.file(id, name, "image/png", data.Bytes())
}

func (d *Desk) file(id, name, kind string, data []byte) {
	d.t.Helper()
	sum := sha256.Sum256(data)
	info := deskapi.FileInfo{Name: name, Type: kind, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	err := d.Upload(d.t.Context(), info.SHA256, bytes.NewReader(data), info.Bytes, nil)
	if err == nil {
		err = d.PutFile(d.t.Context(), id, info)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// status is a ticket as its computer sees it.
func (d *Desk) status(id string) deskapi.Status {
	d.t.Helper()
	s, _, err := d.Ticket(context.WithoutCancel(d.t.Context()), id, "")
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}
