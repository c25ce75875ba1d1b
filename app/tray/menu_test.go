package tray

import (
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

func TestTheMenuHasALineForEveryState(t *testing.T) {
	left := 23*time.Minute + 10*time.Second
	ticket := snapshot.Ticket{Status: deskapi.Status{ID: "x", Number: 1042, State: deskapi.Received, Agent: "李伟"}, Left: &left}
	lines := map[string]snapshot.State{}
	for _, state := range []snapshot.State{snapshot.Idle, snapshot.Checking, snapshot.Waiting, snapshot.Answered, snapshot.Overdue, snapshot.Offline} {
		for _, lang := range words.Langs {
			s := snapshot.Snapshot{Lang: lang, State: state}
			if state != snapshot.Idle && state != snapshot.Checking {
				s.Tickets = []snapshot.Ticket{ticket}
			}
			line := StatusLine(s)
			if line == "" || strings.Contains(line, "tray.") || strings.Contains(line, "…") && state != snapshot.Checking {
				t.Errorf("%s in %s: %q", state, lang, line)
			}
			if other, twice := lines[line]; twice {
				t.Errorf("%s and %s say the same: %q", state, other, line)
			}
			lines[line] = state
		}
	}
}

func TestTheCountdownIsInTheTooltip(t *testing.T) {
	left := 23*time.Minute + 10*time.Second
	s := snapshot.Snapshot{Lang: "en", State: snapshot.Waiting, Tickets: []snapshot.Ticket{{Status: deskapi.Status{Number: 1042, State: deskapi.Received}, Left: &left}}}
	if got := StatusLine(s); !strings.Contains(got, "24 min") || !strings.Contains(got, "1042") {
		t.Errorf("%q", got)
	}
}

func TestTheFirstLineOpensTheOpenTicket(t *testing.T) {
	idle := Menu(snapshot.Snapshot{Lang: "zh"})
	if idle[0].Verb.Do != "" {
		t.Errorf("with nothing open the status line does %q", idle[0].Verb.Do)
	}
	open := Menu(snapshot.Snapshot{Lang: "zh", State: snapshot.Waiting, Tickets: []snapshot.Ticket{
		{Status: deskapi.Status{ID: "new", State: deskapi.Solved}}, {Status: deskapi.Status{ID: "old", State: deskapi.Received}}}})
	if open[0].Verb.Do != snapshot.OpenTicket || open[0].Verb.Ticket != "old" {
		t.Errorf("%+v", open[0])
	}
}

func TestAMinuteThatPassesKeepsTheLines(t *testing.T) {
	at := func(left time.Duration, state snapshot.State) []Item {
		return Menu(snapshot.Snapshot{Lang: "en", State: state, Tickets: []snapshot.Ticket{{Status: deskapi.Status{ID: "x", Number: 1, State: deskapi.Received}, Left: &left}}})
	}
	if a, b := at(10*time.Minute, snapshot.Waiting), at(9*time.Minute, snapshot.Waiting); a[0].Label == b[0].Label || !sameShape(a, b) {
		t.Errorf("%q, %q", a[0].Label, b[0].Label)
	}
	zh := Menu(snapshot.Snapshot{Lang: "zh"})
	if sameShape(Menu(snapshot.Snapshot{Lang: "en"}), zh) {
		t.Error("another language ticks another line: the menu is made anew")
	}
}

func TestTheIconBlamesWhatIsAway(t *testing.T) {
	waits := func(code string, findings ...report.Finding) string {
		x := snapshot.Ticket{Status: deskapi.Status{State: deskapi.Queued}, Code: code, Findings: findings}
		return StatusLine(snapshot.Snapshot{Lang: "en", State: snapshot.Offline, Tickets: []snapshot.Ticket{x}})
	}
	if got := waits("desk.unreachable"); strings.Contains(got, "etwork") {
		t.Errorf("only the desk is away: %q", got)
	}
	if got := waits("desk.unreachable", report.Finding{Code: "network.no_link"}); !strings.Contains(got, "etwork") {
		t.Errorf("the network is away: %q", got)
	}
	if got := waits("desk.key_wrong"); !strings.Contains(got, "sign up") {
		t.Errorf("the key is wrong: %q", got)
	}
	late := snapshot.Snapshot{Lang: "en", State: snapshot.Overdue, Tickets: []snapshot.Ticket{{}}, Contact: deskapi.Contact{Phone: "8001"}}
	if got := StatusLine(late); !strings.Contains(got, "8001") {
		t.Errorf("nobody says whom to call: %q", got)
	}
}
