//go:build linux

package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// table is what was measured.
type table struct {
	rows          []row
	notes         []string
	before, after string // load average
}

// row is one thing measured, in milliseconds unless it says otherwise.
type row struct {
	what   string
	values []float64
	unit   string
	target string
	misses func(r row) bool
}

func (t *table) add(r row)                  { t.rows = append(t.rows, r) }
func (t *table) note(f string, args ...any) { t.notes = append(t.notes, fmt.Sprintf(f, args...)) }
func ms(d time.Duration) float64            { return float64(d.Microseconds()) / 1000 }
func most(limit float64) func(r row) bool   { return func(r row) bool { return r.at(50) > limit } }
func (r row) at(percent int) float64        { return percentile(r.values, percent) }

// percentile is the nearest rank: one of the values that were measured.
func percentile(values []float64, percent int) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	return v[max(0, (len(v)*percent+99)/100-1)]
}

func (t *table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| measured (%s, %d cores, load %s → %s) | n | p50 | p95 | target | |\n|---|---|---|---|---|---|\n",
		cpu(), runtime.NumCPU(), t.before, cmp.Or(t.after, load()))
	for _, r := range t.rows {
		met := ""
		if r.misses != nil {
			met = "✓"
			if r.misses(r) {
				met = "✕"
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s |\n", r.what, len(r.values), r.show(50), r.show(95), r.target, met)
	}
	for _, n := range t.notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	return b.String()
}

func (r row) show(percent int) string {
	if r.unit == "" {
		return fmt.Sprintf("%.0f ms", r.at(percent))
	}
	return fmt.Sprintf("%.1f %s", r.at(percent), r.unit)
}

// load is how much the computer had to do, over one and five minutes.
func load() string {
	raw, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(raw) + " ? ?")
	return f[0] + "/" + f[1]
}

func cpu() string {
	raw, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(raw)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t: \n")
		}
	}
	return runtime.GOARCH
}
