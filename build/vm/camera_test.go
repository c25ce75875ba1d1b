// Package vm_test runs the camera check against real cameras of the kernel's
// making, in a machine of their own: the product's own program as an ordinary
// user, one boot for all cases.
package vm_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"raisehand/assets/words"
	"raisehand/build/vm/said"
	"raisehand/capture/report"
)

// want is what a case must say. A parameter "*" only has to be there.
type want struct {
	verdict report.Verdict
	code    string
	params  map[string]string
	also    func(*testing.T, said.Case, report.Result)
}

var wants = map[string]want{
	"ok":                             {report.OK, "camera.ok", map[string]string{"device": "vivid", "width": "640", "height": "480", "ms": "*"}, oneCamera},
	"ok, nothing moves but noise":    {report.OK, "camera.ok", map[string]string{"device": "vivid"}, nil},
	"sensor without processing":      {report.Unknown, "camera.unsupported", map[string]string{"device": "vivid", "reason": "@camera.reason.raw"}, nil},
	"black":                          {report.Fail, "camera.black", map[string]string{"device": "vivid"}, dark},
	"frozen":                         {report.Fail, "camera.frozen", map[string]string{"device": "vivid"}, still},
	"no frames":                      {report.Fail, "camera.no_frames", map[string]string{"device": "vivid"}, nil},
	"does not start":                 {report.Fail, "camera.failed", map[string]string{"device": "vivid"}, nil},
	"denied":                         {report.Fail, "camera.denied", map[string]string{"device": "*"}, nil},
	"denied in class":                {report.Fail, "camera.denied", map[string]string{"device": "*"}, nil},
	"first broken, second fine":      {report.Fail, "camera.no_frames", map[string]string{"device": "vivid", "other": "vivid"}, secondTried},
	"busy":                           {report.Fail, "camera.busy", map[string]string{"device": "vivid", "program": "cheese"}, undisturbed},
	"busy, holder hidden":            {report.Fail, "camera.busy_unknown", map[string]string{"device": "vivid"}, undisturbed},
	"in use by class":                {report.Skipped, "camera.in_use", map[string]string{"device": "vivid", "app": "@app.zoom"}, undisturbed},
	"in use by class's child":        {report.Skipped, "camera.in_use", map[string]string{"device": "vivid", "app": "@app.zoom"}, undisturbed},
	"in use by class, whole program": {report.Skipped, "camera.in_use", map[string]string{"device": "vivid", "app": "@app.zoom"}, undisturbed},
	"busy, whole program":            {report.Fail, "camera.busy", map[string]string{"device": "vivid", "program": "cheese"}, undisturbed},
	"in use, class assumed":          {report.Skipped, "camera.in_use", map[string]string{"device": "vivid", "app": "cheese"}, undisturbed},
	"busy during class":              {report.Fail, "camera.busy", map[string]string{"device": "vivid", "program": "cheese"}, undisturbed},
	"class without camera":           {report.Skipped, "camera.not_taken", map[string]string{"device": "vivid"}, untouched},
	"class assumed, camera free":     {report.Skipped, "camera.not_taken", map[string]string{"device": "vivid"}, untouched},
	"unplugged":                      {report.Fail, "camera.unplugged", map[string]string{"device": "vivid"}, nil},
	"breaks down":                    {report.Fail, "camera.failed", map[string]string{"device": "vivid"}, nil},
	"shown live":                     {report.OK, "camera.ok", map[string]string{"device": "vivid"}, shown},
	"shown live, then dark":          {report.Fail, "camera.black", map[string]string{"device": "vivid"}, shown},
	"shown live, unplugged":          {report.Fail, "camera.unplugged", map[string]string{"device": "vivid"}, shown},
	"none":                           {report.Warn, "camera.none", nil, nil},
}

func TestCamera(t *testing.T) {
	cases := boot(t)
	for name, w := range wants {
		t.Run(name, func(t *testing.T) {
			c, ok := cases[name]
			if !ok {
				t.Fatal("the guest did not come to this case")
			}
			delete(cases, name)
			if c.Trouble != "" {
				t.Fatal(c.Trouble)
			}
			w.check(t, c)
		})
	}
	for name := range cases {
		t.Errorf("case %q is run, but nothing is expected of it", name)
	}
}

func (w want) check(t *testing.T, c said.Case) {
	t.Helper()
	if len(c.Lines) == 0 || c.Lines[len(c.Lines)-1].Result == nil {
		t.Fatalf("no result as the last line: %+v", c.Lines)
	}
	r := *c.Lines[len(c.Lines)-1].Result
	all, _ := json.Marshal(r)
	t.Logf("%s", all)
	if r.Check != "camera" || r.Verdict != w.verdict || r.Code != w.code {
		t.Errorf("said %s %s %s, want camera %s %s", r.Check, r.Verdict, r.Code, w.verdict, w.code)
	}
	for key, value := range w.params {
		if got, ok := r.Params[key]; !ok || value != "*" && fmt.Sprint(got) != value {
			t.Errorf("param %s = %v, want %s", key, got, value)
		}
	}
	if _, ok := w.params["other"]; !ok && r.Params["other"] != nil {
		t.Errorf("names another camera, %v, where there is none", r.Params["other"])
	}
	for _, lang := range words.Langs {
		s := words.In(lang).Of(r.Code, r.Params)
		if s.Title == r.Code || strings.ContainsAny(s.Title+s.Says+s.Do, "{}…@") {
			t.Errorf("in %s it reads %+v", lang, s)
		}
	}
	if w.also != nil {
		w.also(t, c, r)
	}
}

func detail(r report.Result, key string) float64 {
	v, _ := r.Detail[key].(float64)
	return v
}

// oneCamera: the node that carries only metadata is not taken for a second.
func oneCamera(t *testing.T, _ said.Case, r report.Result) {
	if got := fmt.Sprint(r.Detail["cameras"]); got != "[vivid]" {
		t.Errorf("cameras %s, want one", got)
	}
	if r.Detail["format"] != "YUYV" || detail(r, "fps") <= 0 || detail(r, "luma_mean") < 24 {
		t.Errorf("detail %v", r.Detail)
	}
}

func dark(t *testing.T, _ said.Case, r report.Result) {
	if m, sd := detail(r, "luma_mean"), detail(r, "luma_sd"); m < 1 || m >= 24 || sd >= 4 {
		t.Errorf("black with a mean of %v and a deviation of %v", m, sd)
	}
}

func still(t *testing.T, _ said.Case, r report.Result) {
	if n := detail(r, "identical_frames"); n < 10 {
		t.Errorf("frozen after %v identical frames", n)
	}
}

// undisturbed: whoever had the camera still gets frames.
func undisturbed(t *testing.T, c said.Case, _ report.Result) {
	if c.HolderFrames < 5 {
		t.Errorf("the holder got %d more frames", c.HolderFrames)
	}
}

func untouched(t *testing.T, c said.Case, _ report.Result) {
	if c.Touched {
		t.Error("the camera was taken")
	}
}

func secondTried(t *testing.T, c said.Case, r report.Result) {
	if len(c.Lines) != 3 || len(c.Lines[0].Devices) != 2 || c.Lines[1].Interim == nil || c.Lines[1].Interim.Code != "camera.no_frames" {
		t.Errorf("no interim verdict while the second camera is tried: %+v", c.Lines)
	}
	if others, _ := r.Detail["others"].(map[string]any); len(others) != 1 || others["/dev/video2"] != "camera.ok" {
		t.Errorf("others %v", r.Detail["others"])
	}
}

// shown: pictures came, small and not too many, and the camera was free as soon
// as the asker had gone.
func shown(t *testing.T, c said.Case, r report.Result) {
	m, kind, err := image.DecodeConfig(bytes.NewReader(c.Preview))
	if err != nil || kind != "jpeg" || m.Width != 240 || m.Height != 180 {
		t.Errorf("a picture of %d×%d, %s: %v", m.Width, m.Height, kind, err)
	}
	if c.Pictures < 5 || int64(c.Pictures) > c.ShownMS/100+1 {
		t.Errorf("%d pictures in %d ms", c.Pictures, c.ShownMS)
	}
	if c.Held {
		t.Error("the camera was not let go")
	}
	if dir := os.Getenv("RAISEHAND_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "preview-"+r.Code+".jpeg"), c.Preview, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// boot builds the machine if need be, runs all cases in it and returns what
// each said.
func boot(t *testing.T) map[string]said.Case {
	t.Helper()
	need(t, "qemu-system-x86_64", "busybox", "cpio", "v4l2-ctl")
	run(t, "./build.sh")
	dir := t.TempDir()
	compile(t, filepath.Join(dir, "run"), "./guest", "CGO_ENABLED=0")
	product := filepath.Join(dir, "raisehand")
	if bin := os.Getenv("RAISEHAND_BIN"); bin != "" {
		install(t, filepath.Join(bin, "raisehand"), product)
	} else {
		compile(t, product, "../..")
	}
	root := t.TempDir()
	libraries(t, product, root)
	out := run(t, "./run.sh", dir, root)
	cases := map[string]said.Case{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		line, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), said.Mark)
		if !ok {
			continue
		}
		var c said.Case
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Errorf("guest's line %q: %v", line, err)
		}
		cases[c.Case] = c
	}
	return cases
}

// need skips, loudly, on a machine that cannot run another; never in CI.
func need(t *testing.T, programs ...string) {
	t.Helper()
	why := ""
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		why = "the machine inside is a PC with Linux, as this one would have to be"
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil && why == "" {
			why = p + " is missing: apt-get install -y --no-install-recommends qemu-system-x86 busybox-static cpio kmod xz-utils v4l-utils"
		}
	}
	if testing.Short() {
		why = "a virtual machine takes its time, and -short was asked for"
	}
	switch {
	case why == "":
	case os.Getenv("CI") == "true":
		t.Fatal("no camera was tested: " + why)
	default:
		fmt.Fprintln(os.Stderr, "SKIPPED: no camera was tested: "+why)
		t.Skip("no camera was tested: " + why)
	}
}

func compile(t *testing.T, to, pkg string, env ...string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", to, pkg)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
}

// libraries copies what a program is linked with to where it looks for them.
func libraries(t *testing.T, program, root string) {
	t.Helper()
	out, err := exec.Command("ldd", program).CombinedOutput()
	if err != nil {
		t.Fatalf("ldd: %v\n%s", err, out)
	}
	for _, word := range strings.Fields(string(out)) {
		if !filepath.IsAbs(word) {
			continue
		}
		install(t, word, filepath.Join(root, word))
	}
}

func install(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, script string, args ...string) []byte {
	t.Helper()
	out, err := exec.Command(script, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
	return out
}
