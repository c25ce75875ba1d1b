package snapshot_test

import (
	"testing"

	"raisehand/app/snapshot"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

func TestADeskThatIsAwayIsNotANetworkThatIsAway(t *testing.T) {
	row := func(code string) *snapshot.Help {
		r := report.Result{Code: code, Params: map[string]any{"name": "desk.school.example"}}
		return &snapshot.Help{Rows: []snapshot.Row{{Check: "mic"}, {Check: "network", Result: &r}}}
	}
	for _, c := range []struct {
		name string
		desk string
		help *snapshot.Help
		want snapshot.Away
	}{
		{"all is well", "", row("network.ok"), snapshot.Near},
		{"nobody has looked", "desk.unreachable", &snapshot.Help{Rows: []snapshot.Row{{Check: "network", Running: true}}}, snapshot.DeskAway},
		{"the check has just reached it", "desk.unreachable", row("network.ok"), snapshot.Near},
		{"the check does not reach it", "", row("network.desk_unreachable"), snapshot.DeskAway},
		{"its name is not known", "", row("network.name_unknown"), snapshot.DeskAway},
		{"no cable", "desk.unreachable", row("network.no_link"), snapshot.NetworkAway},
		{"no cable, and no attempt yet", "", row("network.no_link"), snapshot.NetworkAway},
		{"a slow network", "desk.unreachable", row("network.slow"), snapshot.DeskAway},
		{"a wrong key", "desk.key_wrong", row("network.ok"), snapshot.Barred},
		{"no form is open", "desk.unreachable", nil, snapshot.DeskAway},
	} {
		s := snapshot.Snapshot{Desk: snapshot.DeskState{URL: "https://desk.school.example:8470", Code: c.desk}, Help: c.help}
		if got := s.Away(); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}

	waits := func(code string, findings ...string) snapshot.Away {
		x := snapshot.Ticket{Status: deskapi.Status{State: deskapi.Queued}, Code: code}
		for _, f := range findings {
			x.Findings = append(x.Findings, report.Finding{Code: f})
		}
		return x.Away()
	}
	for _, c := range []struct{ got, want snapshot.Away }{
		{waits(""), snapshot.Near},
		{waits("desk.unreachable", "mic.muted"), snapshot.DeskAway},
		{waits("desk.unreachable", "mic.muted", "network.wifi_off"), snapshot.NetworkAway},
		{waits("desk.key_wrong", "network.wifi_off"), snapshot.Barred},
	} {
		if c.got != c.want {
			t.Errorf("a ticket waits for %q, not %q", c.got, c.want)
		}
	}
}
