// Package system asks what shape the computer itself is in:
// facts, each bounded in time → the worst trouble among them.
package system

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// How long things may take.
const (
	loadWindow  = 1200 * time.Millisecond // over which the load is measured, while the other checks run
	againWindow = 1300 * time.Millisecond // and once more: what takes two seconds, as a small program to be built, fills not both
	factLimit   = 1500 * time.Millisecond // one fact; measured under 25 ms, slow on Windows and on dead network drives

	leastWindow = 300 * time.Millisecond  // a load measured over less says nothing
	clockLimit  = 2500 * time.Millisecond // one question to the desk
	reserve     = 150 * time.Millisecond  // kept before ctx's deadline for the verdict
)

// Check looks at the computer. The zero value works; Emit and Clock may be nil.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line)

	// Home is Raisehand's own folder: without room on its disk no request can be
	// kept. Empty: not looked at.
	Home string

	// Clock tells how far this computer's clock is ahead of the desk's;
	// negative: behind. Nil: the offset stays unknown.
	Clock func(context.Context) (time.Duration, error)
}

// Name is the check's name in reports and words.
func (Check) Name() string { return "system" }

// Run gathers the facts side by side, emits each as it comes, and judges what
// is known when the slowest has come or its time is up. A fact that is late is
// left out and named in Detail "not_measured".
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-reserve))
		defer cancel()
	}
	known, missing := gather(ctx, c.facts(), func(m map[string]any) {
		if c.Emit != nil {
			c.Emit(capture.Line{Facts: m})
		}
	})
	r := judge(known)
	r.Check = c.Name()
	if len(missing) > 0 {
		r.Detail["not_measured"] = missing
	}
	r.TookMS = time.Since(start).Milliseconds()
	return r
}

// fact is one thing to find out. What it returns is keyed by fact, with the
// unit in the key; keys that begin with "_" are for the judge alone.
type fact struct {
	name  string
	limit time.Duration
	find  func(context.Context) (map[string]any, error)
}

// errNone is returned where a computer simply has no such thing: a desktop has
// no battery, and that is not a measurement that failed.
var errNone = errors.New("this computer has none")

// gather finds all facts at the same time, each within its limit, and tells
// seen about each as it comes, one at a time.
func gather(ctx context.Context, facts []fact, seen func(map[string]any)) (known map[string]any, missing map[string]any) {
	type found struct {
		name string
		m    map[string]any
		err  error
	}
	all := make(chan found, len(facts))
	for _, f := range facts {
		go func() {
			ctx, cancel := context.WithTimeout(ctx, f.limit)
			defer cancel()
			one := make(chan found, 1) // find may never come back; then this goroutine still does
			go func() {
				m, err := f.find(ctx)
				one <- found{f.name, m, err}
			}()
			select {
			case x := <-one:
				all <- x
			case <-ctx.Done():
				all <- found{name: f.name, err: ctx.Err()}
			}
		}()
	}
	known, missing = map[string]any{}, map[string]any{}
	for range facts {
		x := <-all
		if x.err != nil {
			if !errors.Is(x.err, errNone) {
				missing[x.name] = x.err.Error()
			}
			continue
		}
		shown := map[string]any{}
		for k, v := range x.m {
			known[k] = v
			if k[0] != '_' {
				shown[k] = v
			}
		}
		if len(shown) > 0 {
			seen(shown)
		}
	}
	return known, missing
}

func (c Check) facts() []fact {
	return []fact{
		{"os", factLimit, operatingSystem},
		{"model", factLimit, model},
		{"cpu", factLimit, processor},
		{"memory", factLimit, memory},
		{"memory_pressure", factLimit, memoryPressure},
		{"memory_limit", factLimit, memoryLimit},
		{"swapping", factLimit, swapping},
		{"disk_home", factLimit, homeDisk},
		{"disk_system", factLimit, systemDisk},
		{"disk_temporary", factLimit, temporaryDisk},
		{"disk_raisehand", factLimit, c.ownDisk},
		{"battery", factLimit, battery},
		{"power_saving", factLimit, powerSaving},
		{"heat", factLimit, heat},
		{"restart", factLimit, restart},
		{"language", factLimit, language},
		{"load", loadWindow + againWindow + 500*time.Millisecond, load},
		{"clock", clockLimit, c.clock},
	}
}

func (c Check) clock(ctx context.Context) (map[string]any, error) {
	if c.Clock == nil {
		return nil, errors.New("no desk to compare the clock with")
	}
	offset, err := c.Clock(ctx)
	if err != nil {
		return nil, fmt.Errorf("compare the clock with the desk's: %w", err)
	}
	return map[string]any{"clock_offset_ms": offset.Milliseconds()}, nil
}

// trouble is one thing that is wrong.
type trouble struct {
	code    string
	verdict report.Verdict
	params  map[string]any
}

// judge names the worst trouble; the others stand in Also.
func judge(known map[string]any) report.Result {
	all := troubles(known)
	sort.SliceStable(all, func(i, j int) bool {
		return all[i].verdict == report.Fail && all[j].verdict != report.Fail
	})
	detail := map[string]any{}
	for _, k := range []string{"cpu_load_pct", "cpu_own_pct", "mem_used_pct", "mem_pressure_pct", "swap_used_pct", "swapping_mb_s",
		"mem_limit_mb", "mem_limit_used_pct", "mem_commit_pct", "mem_pressure_level", "disk_free_gb", "system_disk_free_gb",
		"clock_offset_ms", "battery_pct", "on_battery", "power_saving", "cpu_temp_c", "cpu_limit_pct", "throttled_pct",
		"restart_pending", "uptime_h", "web_pages"} {
		if v, ok := known[k]; ok {
			detail[k] = v
		}
	}
	if len(all) == 0 {
		r := report.Result{Verdict: report.OK, Code: "system.ok", Detail: detail}
		if len(detail) == 0 {
			r.Verdict, r.Code = report.Unknown, "system.not_measured"
		}
		return r
	}
	r := report.Result{Verdict: all[0].verdict, Code: all[0].code, Params: all[0].params, Detail: detail}
	for _, t := range all[1:] {
		r.Also = append(r.Also, report.Fault{Verdict: t.verdict, Code: t.code, Params: t.params})
	}
	return r
}
