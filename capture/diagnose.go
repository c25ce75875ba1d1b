package capture

import (
	"slices"
	"sort"
	"strings"

	"raisehand/capture/report"
)

// cause is one line of the table: what a fault means for a class.
type cause struct {
	of      string // a code, a code with * for its ending, or a check's name for all its other faults
	broken  int    // weight of a failure, 0–100
	weak    int    // weight of a warning; always below every failure of a device
	symptom string // what people notice: a name of assets/words
	stops   string // why a class cannot go on with it broken; empty: it can
	small   bool   // a warning of it can wait until after class: P2
}

// causes, heaviest first within a check; the first line that fits counts. Sound
// comes before picture, because a class can be taught without a picture; a
// device before the computer, because the computer more often slows a class
// than stops it. Weights only order the findings. [E]
var causes = []cause{
	{of: "mic.quiet", broken: 95, weak: 48, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic.volume_low", broken: 95, weak: 48, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic.wrong_one", broken: 95, weak: 48, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic.clipped", broken: 94, weak: 47, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic.hum", broken: 94, weak: 47, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic.noisy", broken: 94, weak: 47, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic.dc", broken: 94, weak: 45, symptom: "symptom.bad_sound", stops: "reason.class_no_sound"},
	{of: "mic", broken: 95, weak: 48, symptom: "symptom.no_sound", stops: "reason.class_no_sound"},

	// Many computers never had one: whatever else is wrong comes first.
	{of: "camera.none", broken: 90, weak: 5, symptom: "symptom.no_picture", stops: "reason.class_no_picture"},
	{of: "camera", broken: 90, weak: 44, symptom: "symptom.no_picture", stops: "reason.class_no_picture"},

	{of: "speaker", broken: 85, weak: 42, symptom: "symptom.hears_nothing", stops: "reason.class_not_heard"},

	{of: "network.desk_*", broken: 20, weak: 15, small: true}, // the class goes on; the request waits
	{of: "network.wifi_weak", broken: 80, weak: 41, symptom: "symptom.stutters", stops: "reason.class_no_network"},
	{of: "network.unsteady", broken: 80, weak: 40, symptom: "symptom.stutters", stops: "reason.class_no_network"},
	{of: "network.jittery", broken: 80, weak: 40, symptom: "symptom.stutters", stops: "reason.class_no_network"},
	{of: "network.slow*", broken: 80, weak: 40, symptom: "symptom.stutters", stops: "reason.class_no_network"},
	{of: "network.udp_closed", broken: 80, weak: 37, symptom: "symptom.out_of_step", stops: "reason.class_no_network"},
	{of: "network.turn_closed", broken: 80, weak: 38, symptom: "symptom.out_of_step", stops: "reason.class_no_network"},
	{of: "network.nat_strict", broken: 80, weak: 26, symptom: "symptom.out_of_step", stops: "reason.class_no_network"},
	{of: "network.dns_slow", broken: 80, weak: 36, symptom: "symptom.cannot_enter", stops: "reason.class_no_network"},
	{of: "network.ipv6_broken", broken: 80, weak: 34, symptom: "symptom.cannot_enter", stops: "reason.class_no_network"},
	{of: "network", broken: 80, weak: 40, symptom: "symptom.cannot_enter", stops: "reason.class_no_network"},

	{of: "system.cpu_hot", broken: 70, weak: 46, symptom: "symptom.stutters"},
	{of: "system.memory_low*", broken: 70, weak: 46, symptom: "symptom.stutters"},
	{of: "system.many_tabs", broken: 70, weak: 46, symptom: "symptom.stutters"},
	{of: "system.cpu_busy*", broken: 70, weak: 45, symptom: "symptom.stutters"},
	{of: "system.disk_full", broken: 65, weak: 35, symptom: "symptom.programs_fail"},
	{of: "system.disk_files", broken: 65, weak: 35, symptom: "symptom.programs_fail"},
	{of: "system.disk_read_only", broken: 66, weak: 37, symptom: "symptom.programs_fail"},
	{of: "system.clock_wrong", broken: 60, weak: 38, symptom: "symptom.cannot_enter"},
	{of: "system.battery_low", broken: 60, weak: 36, symptom: "symptom.goes_off", small: true},
	{of: "system.disk_low", broken: 55, weak: 20, symptom: "symptom.programs_fail", small: true},
	{of: "system.power_saving", broken: 55, weak: 18, symptom: "symptom.stutters", small: true},
	{of: "system.restart_pending", broken: 55, weak: 14, small: true},
	{of: "system", broken: 55, weak: 30, symptom: "symptom.stutters"},

	{of: "apps.two_classes", broken: 60, weak: 39, symptom: "symptom.bad_sound"},
	{of: "apps.held", broken: 60, weak: 39, symptom: "symptom.no_sound"},
	{of: "apps.browser_old", broken: 55, weak: 24, symptom: "symptom.stutters", small: true},
	{of: "apps.class_old", broken: 55, weak: 24, symptom: "symptom.cannot_enter", small: true},
	{of: "apps", broken: 55, weak: 24},

	{of: "screen", broken: 30, weak: 10, small: true},
}

// anyOther is a check that the table does not know yet.
var anyOther = cause{broken: 50, weak: 25}

// chain is one line of the table of consequences: where the cause stands, what
// it explains is no finding of its own but proof of the cause.
type chain struct {
	cause    string
	explains []string
}

// chains, read from the top: what explains comes before what is explained.
var chains = []chain{
	// One sound system carries both ways.
	{"mic.server_hung", []string{"speaker.hung"}},
	{"mic.denied", []string{"speaker.denied"}},
	{"mic.no_manager", []string{"speaker.*"}},
	{"mic.no_pulse", []string{"speaker.*"}},
	// Who has taken it is already named.
	{"mic.busy", []string{"apps.held"}},
	{"camera.busy", []string{"apps.held"}},
	// What slows a computer down, from its root.
	{"system.battery_low", []string{"system.power_saving"}},
	{"system.cpu_hot", []string{"system.cpu_busy*"}},
	{"system.many_tabs", []string{"system.memory_low*", "system.cpu_busy*"}},
	{"system.memory_low*", []string{"system.cpu_busy*"}},
	// A slow computer answers late, whatever its network does.
	{"system.cpu_hot", slowAnswers},
	{"system.memory_low*", slowAnswers},
	{"system.cpu_busy*", slowAnswers},
	{"network.wifi_weak", slowAnswers},
	// A wrong clock makes every certificate look wrong.
	{"system.clock_wrong", []string{"network.clock_wrong", "network.desk_expired", "network.desk_unproven"}},
}

var slowAnswers = []string{"network.jittery", "network.unsteady", "network.slow*"}

// matches says whether a code is meant by a line of a table.
func matches(of, code string) bool {
	if stem, ok := strings.CutSuffix(of, "*"); ok {
		return strings.HasPrefix(code, stem)
	}
	return of == code
}

func causeOf(check, code string) cause {
	for _, c := range causes {
		if matches(c.of, code) || c.of == check {
			return c
		}
	}
	return anyOther
}

// suspect is a fault on its way to becoming a finding.
type suspect struct {
	report.Finding
	cause
	failed bool
}

// suspects are the faults that were measured, one each. What could not be
// measured or was left alone is none.
func suspects(results []report.Result) (all []suspect) {
	for _, r := range results {
		if !r.Fault() {
			continue
		}
		faults := append([]report.Fault{{Verdict: r.Verdict, Code: r.Code, Params: r.Params}}, r.Also...)
		for _, f := range faults {
			s := suspect{cause: causeOf(r.Check, f.Code), failed: f.Verdict == report.Fail}
			s.Finding = report.Finding{Code: f.Code, Weight: s.weak, Because: []string{f.Code}, Params: f.Params, Symptom: s.symptom}
			if s.failed {
				s.Weight = s.broken
			}
			all = append(all, s)
		}
	}
	return all
}

// explain leaves out what follows from something else, and counts it as proof.
func explain(all []suspect) []suspect {
	for _, c := range chains {
		at := slices.IndexFunc(all, func(s suspect) bool { return matches(c.cause, s.Code) })
		if at < 0 {
			continue
		}
		because := all[at].Because
		rest := all[:0:0]
		for i, s := range all {
			if i != at && slices.ContainsFunc(c.explains, func(of string) bool { return matches(of, s.Code) }) {
				because = append(because, s.Because...)
				continue
			}
			rest = append(rest, s)
		}
		all = rest
		at = slices.IndexFunc(all, func(s suspect) bool { return matches(c.cause, s.Code) })
		all[at].Because = because
	}
	return all
}

// Diagnose fills in what the results mean: Findings, the likeliest cause
// first, and a proposed priority with its reason. Only measured faults become
// findings; what could not be measured or was left alone never does.
// Results and Facts are shared with r, not copied.
func Diagnose(r report.Report, s Situation) report.Report {
	all := explain(suspects(r.Results))
	sort.SliceStable(all, func(i, j int) bool { return all[i].Weight > all[j].Weight })
	r.Findings = []report.Finding{}
	for _, x := range all {
		r.Findings = append(r.Findings, x.Finding)
	}
	r.Proposed, r.Reason = urgency(all, s.InClass())
	return r
}

// urgency is how urgent these faults are, the heaviest first, and why.
func urgency(all []suspect, inClass bool) (report.Priority, string) {
	broken, pressing := false, false
	for _, x := range all {
		if x.failed && x.stops != "" && inClass {
			return report.P0, x.stops
		}
		broken = broken || x.failed
		pressing = pressing || !x.small
	}
	switch {
	case broken:
		return report.P1, "reason.device_fault"
	case pressing:
		return report.P1, "reason.class_disturbed"
	case len(all) > 0:
		return report.P2, "reason.small_fault"
	}
	return report.None, "reason.nothing_found"
}
