//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
	"raisehand/capture/screen"
)

// rest watches the program doing nothing: after its start, and after it has
// been used.
func (o *office) rest(p plan, t *table) error {
	if _, err := o.face.wait("the desk to know this computer", func(s snapshot.Snapshot) bool { return s.Contact.Name != "" }); err != nil {
		return err
	}
	if err := o.watch("since its start", p, t); err != nil {
		return err
	}
	for range 3 {
		if _, err := o.click(true); err != nil {
			return err
		}
		if err := o.leave(); err != nil {
			return err
		}
	}
	if err := o.watch("after three requests", p, t); err != nil {
		return err
	}
	if _, err := o.send(); err != nil {
		return err
	}
	if err := o.empty(); err != nil {
		return err
	}
	return o.watch("with an open ticket, its window closed", p, t)
}

// settled is how long a program may take to come to rest: what it frees goes
// back to the system a little later.
const settled = 10 * time.Second

func (o *office) watch(when string, p plan, t *table) error {
	pid := o.app.Process.Pid
	<-time.After(settled)
	before, err := ticks(pid)
	if err != nil {
		return err
	}
	<-time.After(p.rest)
	after, err := ticks(pid)
	if err != nil {
		return err
	}
	m, err := memory(pid)
	if err != nil {
		return err
	}
	t.add(row{what: "resident, " + when + ": memory (PSS)", values: []float64{m["Pss"] / 1024}, unit: "MB", target: "≤ 30 MB", misses: most(30)})
	cpu := row{what: fmt.Sprintf("resident, %s: CPU in %v", when, p.rest), values: []float64{after - before}, unit: "ticks"}
	if o.face.last.Active() == nil { // a countdown that runs has a snapshot a minute
		cpu.target, cpu.misses = "0 ticks", most(0)
	}
	t.add(cpu)
	t.note("Resident %s: PSS %.1f MB, of it anonymous %.1f MB, private and dirty %.1f MB.", when, m["Pss"]/1024, m["Pss_Anon"]/1024, m["Private_Dirty"]/1024)
	return nil
}

// ticks are what the process has used of the processor, in hundredths of a
// second, its threads together.
func ticks(pid int) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // its name may hold anything
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: %q", pid, raw)
	}
	user, err := strconv.ParseFloat(f[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(f[12], 64)
	return user + system, err
}

// memory reads smaps_rollup, in kB.
func memory(pid int) (map[string]float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return nil, err
	}
	m := map[string]float64{}
	for line := range strings.Lines(string(raw)) {
		name, rest, ok := strings.Cut(line, ":")
		if f := strings.Fields(rest); ok && len(f) == 2 {
			m[name], _ = strconv.ParseFloat(f[0], 64)
		}
	}
	return m, nil
}

// screenshots measures the check itself: reading the screen and packing it.
func screenshots(p plan, t *table) error {
	for _, c := range []struct {
		what          string
		width, height int
		half          bool
		limit         float64
	}{
		{"screenshot, captured and encoded, 1080p", 1920, 1080, false, 0},
		{"screenshot, captured and encoded, 4K", 3840, 2160, false, 350},
		{"screenshot, captured and encoded, 4K halved", 3840, 2160, true, 250},
	} {
		o := &office{}
		r, size, err := shots(o, max(3, p.runs/3), c.width, c.height, c.half)
		o.clear()
		if err != nil {
			return err
		}
		r.what = c.what
		if c.limit > 0 {
			r.target, r.misses = fmt.Sprintf("≤ %.0f ms", c.limit), most(c.limit)
		}
		t.add(r)
		t.note("%s: %.1f MB of PNG.", c.what, float64(size)/1e6)
	}
	return nil
}

func shots(o *office, n, width, height int, half bool) (r row, size int, err error) {
	o.env = os.Environ()
	if o.x, err = o.startDisplay(width, height); err != nil {
		return r, 0, err
	}
	if err := os.Setenv("DISPLAY", o.x.name); err != nil {
		return r, 0, err
	}
	for range n {
		size = 0
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		start := time.Now()
		got := screen.Check{Pictures: true, Halve: half, Emit: func(l capture.Line) {
			if l.Picture != nil && strings.HasPrefix(l.Picture.Name, "screen-") {
				size += len(l.Picture.Data)
			}
		}}.Run(ctx)
		r.values = append(r.values, ms(time.Since(start)))
		cancel()
		if got.Verdict != report.OK || size == 0 {
			return r, 0, fmt.Errorf("screenshot: %s %v", got.Code, got.Detail)
		}
	}
	return r, size, nil
}
