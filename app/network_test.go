package app

import (
	"testing"

	"raisehand/app/policy"
	"raisehand/capture"
)

// Public places hear of this computer only after the notice was agreed to, or
// when somebody typed the command that checks; never against the school's word.
func TestNobodyOutsideIsAskedBeforeAnybodyAgreed(t *testing.T) {
	for _, c := range []struct {
		name, agreed, ask string
		typed, want       bool
	}{
		{"a click before any consent", "", "true", false, false},
		{"agreed", "2026-11-22T08:00:00Z", "true", false, true},
		{"typed", "", "true", true, true},
		{"agreed and typed, but the school says no", "2026-11-22T08:00:00Z", "false", true, false},
	} {
		p := &program{home: t.TempDir(), typed: c.typed, set: policy.Load(policy.Layer{Source: policy.Managed, Values: map[string]any{"consent_at": c.agreed, "ask_outside": c.ask}})}
		child := p.child("network", capture.Ask{}, nil)
		n := p.networkCheck(child.Ask, nil)
		if got := len(n.Beacons)+len(n.Outside) > 0; got != c.want {
			t.Errorf("%s: asked %v, want %v", c.name, got, c.want)
		}
		if n.Beacons == nil || n.Outside == nil {
			t.Errorf("%s: nil stands for the usual places", c.name)
		}
	}
}
