package app

import (
	"context"
	"testing"

	"raisehand/app/policy"
	"raisehand/capture/report"
)

type said struct{ code string }

func (said) Name() string { return "camera" }
func (s said) Run(context.Context) report.Result {
	return report.Result{Verdict: report.Warn, Code: s.code}
}

// A camera that a school does not expect may be missing; one that is there and
// does not work is a fault all the same.
func TestUnexpectedDevice(t *testing.T) {
	for _, x := range []struct{ devices, code, want string }{
		{"microphone, speaker, camera", "camera.none", "camera.none"},
		{"microphone", "camera.none", "camera.not_expected"},
		{"microphone", "camera.black", "camera.black"},
	} {
		p := &program{set: policy.Load(policy.Layer{Source: policy.Managed, Values: map[string]any{"devices": x.devices}})}
		r := p.expected("camera", said{x.code}).Run(context.Background())
		if r.Code != x.want || (r.Verdict == report.Skipped) != (x.want == "camera.not_expected") {
			t.Errorf("devices %q: %s became %s %s, want %s", x.devices, x.code, r.Verdict, r.Code, x.want)
		}
	}
	s := policy.Load(policy.Layer{Source: policy.Managed, Values: map[string]any{"devices": "kamera"}})
	if len(s.Problems) != 1 || len(s.List("devices")) != 3 {
		t.Errorf("a mistyped device: %v, %v", s.Problems, s.List("devices"))
	}
}
