package system

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
)

// top is how many programs are named.
const top = 5

// program is what one process has used.
type program struct {
	name    string
	cpu     float64 // seconds of one core, since it started
	private float64 // MB that it shares with nobody, as near as the system tells
	tab     bool    // it draws web pages for a browser
}

// load measures over loadWindow, and once more where that looks busy: what is
// over by then was no fault. It names the programs that used most.
func load(ctx context.Context) (map[string]any, error) {
	m, err := measure(ctx, loadWindow, 3, 4)
	if err != nil || !suspicious(m) {
		return m, err
	}
	again, err := measure(ctx, againWindow, 9, 10)
	if err != nil { // no time is left: not seen for long enough to be called busy
		delete(m, "_cpu_others_pct")
		return m, nil
	}
	return again, nil
}

// suspicious says whether others may be keeping the computer busy: what
// Raisehand itself uses while it looks, they cannot.
func suspicious(m map[string]any) bool {
	others, ok := number(m["_cpu_others_pct"])
	own, _ := number(m["cpu_own_pct"])
	return ok && own < 100 && 100*others/(100-own) >= busyPct
}

// measure looks twice, a window apart, which is at most the part of the time
// left that is given as a fraction.
func measure(ctx context.Context, window time.Duration, part, of time.Duration) (map[string]any, error) {
	if end, ok := ctx.Deadline(); ok {
		window = min(window, time.Until(end)*part/of)
	}
	if window < leastWindow {
		return nil, fmt.Errorf("measure the processor's load: %w", context.DeadlineExceeded)
	}
	before, err := cpu.TimesWithContext(ctx, false)
	if err != nil || len(before) == 0 {
		return nil, fmt.Errorf("read the processor's load: %w", errors.Join(err, ctx.Err()))
	}
	earlier, listErr := programs(ctx)
	select {
	case <-time.After(window):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after, err := cpu.TimesWithContext(ctx, false)
	if err != nil || len(after) == 0 {
		return nil, fmt.Errorf("read the processor's load: %w", errors.Join(err, ctx.Err()))
	}
	later, err := programs(ctx)
	m := map[string]any{}
	busy, all := used(before[0], after[0])
	if all > 0 {
		m["cpu_load_pct"] = round(100*busy/all, 1)
	}
	if listErr != nil || err != nil || all <= 0 {
		if all > 0 { // without the list our own share is not known: nothing is left out
			m["_cpu_others_pct"] = 100 * busy / all
		}
		return m, nil
	}
	rank(m, earlier, later, busy, all)
	return m, nil
}

// rank adds the programs that used most. Shares are of all cores together.
func rank(m map[string]any, earlier, later map[int]program, busy, all float64) {
	share, memory := map[string]float64{}, map[string]float64{}
	others, large := map[string]float64{}, map[string]float64{} // the same of what a person could close
	systems := map[string]float64{}                             // and of what belongs to the system
	own := 0.0
	for pid, p := range later {
		memory[p.name] += p.private
		was, ok := earlier[pid]
		if !ok || was.name != p.name {
			was.cpu = 0 // began within the window
		}
		pct := 100 * max(0, p.cpu-was.cpu) / all
		share[p.name] += pct
		if ours(p.name) {
			own += pct
		}
		switch {
		case closable(p.name):
			others[p.name] += pct
			large[p.name] += p.private
		case !ours(p.name):
			systems[p.name] += pct
		}
	}
	m["cpu_own_pct"] = round(own, 1)
	m["_cpu_others_pct"] = max(0, 100*busy/all-own)
	m["_top_others"] = heaviest(others, "pct", 1, 1)
	m["_top_memory"] = heaviest(large, "mb", 0, 1)
	m["top_cpu"] = heaviest(share, "pct", 1, top)
	m["top_memory"] = heaviest(memory, "mb", 0, top)
	m["processes"] = len(later)
	m["_top_system"] = heaviest(systems, "pct", 1, 1)
	tabs := 0
	for _, p := range later {
		if p.tab {
			tabs++
		}
	}
	m["web_pages"] = tabs
}

// ours says whether the program belongs to Raisehand: an examination must not
// find itself.
func ours(name string) bool { return strings.HasPrefix(strings.ToLower(name), "raisehand") }

// closable says whether a person could be asked to close the program: not the
// system's own, and not Raisehand.
func closable(name string) bool {
	return !ours(name) && !systemPrograms[strings.ToLower(strings.TrimSuffix(name, ".exe"))] && !strings.Contains(name, "/")
}

// heaviest lists the n programs with the largest amounts, those that round to
// nothing left out.
func heaviest(amounts map[string]float64, key string, digits, n int) []any {
	names := make([]string, 0, len(amounts))
	for name := range amounts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if a, b := amounts[names[i]], amounts[names[j]]; a != b {
			return a > b
		}
		return names[i] < names[j]
	})
	list := []any{}
	for _, name := range names[:min(n, len(names))] {
		if x := round(amounts[name], digits); x > 0 {
			list = append(list, map[string]any{"name": name, key: x})
		}
	}
	return list
}

// used is the time that all cores worked, and all the time there was, in
// seconds. Guest time is already counted as user time.
func used(a, b cpu.TimesStat) (busy, all float64) {
	work := func(t cpu.TimesStat) float64 {
		return t.User + t.Nice + t.System + t.Irq + t.Softirq + t.Steal
	}
	busy = math.Max(0, work(b)-work(a))
	return busy, busy + math.Max(0, b.Idle+b.Iowait-a.Idle-a.Iowait)
}
