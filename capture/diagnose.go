package capture

import (
	"sort"

	"raisehand/capture/report"
)

// cause is one line of the table: what a faulty result means for a class.
type cause struct {
	of     string // a result's code, or a check's name for all its other faults
	broken int    // weight of a failure, 0–100
	weak   int    // weight of a warning; always below every failure of a device
	stops  string // why a class cannot go on with it broken; empty: it can
	small  bool   // a warning of it can wait until after class: P2
}

// causes, heaviest first. Sound comes before picture, because a class can be
// taught without a picture; a device before the computer, because the computer
// more often slows a class than stops it. Weights only order the findings. [E]
var causes = []cause{
	{of: "mic", broken: 95, weak: 48, stops: "reason.class_no_sound"},
	{of: "camera", broken: 90, weak: 44, stops: "reason.class_no_picture"},
	{of: "speaker", broken: 85, weak: 42, stops: "reason.class_not_heard"},
	{of: "network", broken: 80, weak: 40, stops: "reason.class_no_network"},
	{of: "system.memory_low", broken: 70, weak: 46},
	{of: "system.memory_low_many", broken: 70, weak: 46},
	{of: "system.cpu_busy", broken: 70, weak: 45},
	{of: "system.cpu_busy_many", broken: 70, weak: 45},
	{of: "system.disk_full", broken: 65, weak: 35},
	{of: "system.disk_files", broken: 65, weak: 35},
	{of: "system.clock_wrong", broken: 60, weak: 38},
	{of: "system.battery_low", broken: 60, weak: 36, small: true},
	{of: "system.disk_low", broken: 55, weak: 20, small: true},
	{of: "system", broken: 55, weak: 30},
	{of: "screen", broken: 30, weak: 10, small: true},
}

// anyOther is a check that the table does not know yet.
var anyOther = cause{broken: 50, weak: 25}

func causeOf(r report.Result) cause {
	for _, c := range causes {
		if c.of == r.Code {
			return c
		}
	}
	for _, c := range causes {
		if c.of == r.Check {
			return c
		}
	}
	return anyOther
}

// Diagnose fills in what the results mean: Findings, the likeliest cause
// first, and a proposed priority with its reason. Only measured faults become
// findings; what could not be measured or was left alone never does.
// Results and Facts are shared with r, not copied.
func Diagnose(r report.Report, s Situation) report.Report {
	r.Findings, r.Proposed, r.Reason = []report.Finding{}, report.None, "reason.nothing_found"
	broken, pressing := false, false
	stops, heaviest := "", 0
	for _, x := range r.Results {
		if !x.Fault() {
			continue
		}
		c := causeOf(x)
		weight := c.weak
		if x.Verdict == report.Fail {
			weight, broken = c.broken, true
			if c.stops != "" && weight > heaviest {
				stops, heaviest = c.stops, weight
			}
		} else if !c.small {
			pressing = true
		}
		r.Findings = append(r.Findings, report.Finding{
			Code: x.Code, Weight: weight, Because: []string{x.Code}, Params: x.Params,
		})
	}
	sort.SliceStable(r.Findings, func(i, j int) bool { return r.Findings[i].Weight > r.Findings[j].Weight })

	switch {
	case stops != "" && s.InClass():
		r.Proposed, r.Reason = report.P0, stops
	case broken:
		r.Proposed, r.Reason = report.P1, "reason.device_fault"
	case pressing:
		r.Proposed, r.Reason = report.P1, "reason.class_disturbed"
	case len(r.Findings) > 0:
		r.Proposed, r.Reason = report.P2, "reason.small_fault"
	}
	return r
}
