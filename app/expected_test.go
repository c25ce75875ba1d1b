package app

import (
	"context"
	"path/filepath"
	"testing"

	"raisehand/app/policy"
	"raisehand/capture/report"
)

type said struct {
	code   string
	params map[string]any
}

func (said) Name() string { return "camera" }
func (s said) Run(context.Context) report.Result {
	return report.Result{Verdict: report.Warn, Code: s.code, Params: s.params}
}

// A camera that a school does not expect may be missing; one that is there and
// does not work is a fault all the same.
func TestUnexpectedDevice(t *testing.T) {
	for _, x := range []struct{ devices, code, want string }{
		{"microphone, speaker, camera", "camera.none", "camera.none"},
		{"microphone", "camera.none", "camera.not_expected"},
		{"microphone", "camera.black", "camera.black"},
	} {
		p := &program{home: t.TempDir(), set: policy.Load(policy.Layer{Source: policy.Managed, Values: map[string]any{"devices": x.devices}})}
		r := p.expected("camera", said{x.code, nil}).Run(context.Background())
		if r.Code != x.want || (r.Verdict == report.Skipped) != (x.want == "camera.not_expected") {
			t.Errorf("devices %q: %s became %s %s, want %s", x.devices, x.code, r.Verdict, r.Code, x.want)
		}
	}
	s := policy.Load(policy.Layer{Source: policy.Managed, Values: map[string]any{"devices": "kamera"}})
	if len(s.Problems) != 1 || len(s.List("devices")) != 3 {
		t.Errorf("a mistyped device: %v, %v", s.Problems, s.List("devices"))
	}
}

// A computer that never had a camera is another matter than one whose camera
// is gone.
func TestACameraThatWasHereIsMissed(t *testing.T) {
	p := &program{home: t.TempDir(), set: policy.Load()}
	for i, x := range []struct {
		code   string
		device any
		want   string
	}{
		{"camera.none", nil, "camera.none"},
		{"camera.ok", "Logitech C270", "camera.ok"},
		{"camera.none", nil, "camera.gone"},
		{"camera.black", "USB Camera", "camera.black"},
		{"camera.none", nil, "camera.gone"},
	} {
		r := p.expected("camera", said{x.code, map[string]any{"device": x.device}}).Run(context.Background())
		if r.Code != x.want {
			t.Errorf("look %d: %s became %s, want %s", i, x.code, r.Code, x.want)
		}
		if i == 4 && r.Params["device"] != "USB Camera" {
			t.Errorf("it misses %v, not the one seen last", r.Params)
		}
	}
	p.home = filepath.Join(t.TempDir(), "not", "there")
	if r := p.expected("camera", said{"camera.ok", map[string]any{"device": "X"}}).Run(context.Background()); r.Code != "camera.ok" {
		t.Errorf("without a home it says %s", r.Code)
	}
}
