// Package programs tells in which programs a class may be running:
// process names → class apps with their processes, before any device is touched.
package programs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// limit bounds the look, because the other checks wait for it. It takes 2 ms
// on a quiet computer; on a busy one a late answer is still better than having
// to assume a class.
const limit = 300 * time.Millisecond

// Check looks for class apps. The zero value works; Emit may be nil.
type Check struct {
	Situation capture.Situation  // what is known already; sent on with the class apps filled in
	Emit      func(capture.Line) // receives the new Situation

	// Recording lists the processes that record from a microphone: a browser
	// among them is in a class. May be nil.
	Recording func(context.Context) ([]int, error)
}

// Name is the check's name in reports and words.
func (Check) Name() string { return "programs" }

// Run lists the processes. When it cannot, or not in time, the result is
// Unknown and no Situation is emitted: whoever asked must assume a class.
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	type answer struct {
		all []process
		err error
	}
	got := make(chan answer, 1)
	signs := c.signs(ctx) // while the processes are listed
	go func() {
		all, err := list(ctx)
		got <- answer{all, err}
	}()

	r := report.Result{Check: c.Name()}
	select {
	case a := <-got:
		r = c.judge(a.all, <-signs, a.err)
	case <-ctx.Done():
		r = c.judge(nil, signals{}, fmt.Errorf("list processes: %w", ctx.Err()))
	}
	r.TookMS = time.Since(start).Milliseconds()
	return r
}

func (c Check) judge(all []process, seen signals, err error) report.Result {
	r := report.Result{Check: c.Name()}
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("list processes: none visible")
	}
	if err != nil {
		r.Verdict, r.Code = report.Unknown, "programs.not_measured"
		r.Detail = map[string]any{"error": err.Error()}
		return r
	}

	class, browsers := match(all)
	class = append(class, inBrowsers(browsers, all, seen)...)
	if c.Emit != nil {
		s := c.Situation
		s.Class, s.Browsers, s.ClassAssumed = class, browsers, false
		c.Emit(capture.Line{Situation: &s})
	}

	r.Verdict, r.Code = report.OK, "programs.none"
	r.Detail = map[string]any{"processes": len(all)}
	if len(browsers) > 0 {
		r.Detail["browsers"] = keys(browsers)
	}
	if len(class) > 0 {
		names, pids := []string{}, map[string]any{}
		for _, a := range class {
			names = append(names, capture.Name("app."+a.Key))
			pids[a.Key] = a.PIDs
		}
		r.Code = "programs.class"
		r.Params = map[string]any{"apps": names}
		r.Detail["pids"] = pids
	}
	return r
}

// process is one running program with every name it goes by: what the kernel
// calls it, its file, its first argument.
type process struct {
	pid, parent int
	names       []string
	truncated   int    // the system cuts the first name to this many bytes; 0: it does not
	page        string // the address that a browser was started to show as a program of its own
}

// match finds the table's apps among all processes, in the table's order. A
// process started by a class app, at any depth, belongs to it, up to the
// first one that is an app or a browser itself.
func match(all []process) (class, browsers []capture.App) {
	own := map[int]*app{}
	parent := map[int]int{}
	for _, p := range all {
		parent[p.pid] = p.parent
		if a := identify(p); a != nil {
			own[p.pid] = a
		}
	}
	pids := map[*app][]int{}
	for _, p := range all {
		if a := owner(p.pid, own, parent); a != nil {
			pids[a] = append(pids[a], p.pid)
		}
	}
	for i := range table {
		a := &table[i]
		switch {
		case len(pids[a]) == 0:
		case a.browser:
			browsers = append(browsers, capture.App{Key: a.key, PIDs: pids[a]})
		default:
			class = append(class, capture.App{Key: a.key, PIDs: pids[a]})
		}
	}
	return class, browsers
}

// owner walks up from pid to the nearest process that is in the table.
func owner(pid int, own map[int]*app, parent map[int]int) *app {
	for range 64 { // deeper than any real tree; a list read while it changes may even hold a circle
		if a := own[pid]; a != nil {
			return a
		}
		up, ok := parent[pid]
		if !ok || up == pid || up <= 1 {
			return nil
		}
		pid = up
	}
	return nil
}

// identify finds the process in the table.
func identify(p process) *app {
	for i, name := range p.names {
		name = plain(name)
		if a := index[name]; a != nil {
			return a
		}
		if i == 0 && p.truncated > 0 && len(name) >= p.truncated {
			if a := indexCut[name]; a != nil {
				return a
			}
		}
	}
	return nil
}

// index is the table by plain process name for the system this is built for;
// indexCut holds the names that the kernel shows only in part.
var index, indexCut = build()

func build() (whole, cut map[string]*app) {
	whole, cut = map[string]*app{}, map[string]*app{}
	for i := range table {
		a := &table[i]
		for _, name := range here(a) {
			name = plain(name)
			whole[name] = a
			if nameLimit > 0 && len(name) > nameLimit {
				cut[name[:nameLimit]] = a
			}
		}
	}
	return whole, cut
}

// plain is a process name as it is compared: the file's name alone, in lower
// case, without ".exe". Wine's processes carry paths with backslashes.
func plain(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".exe")
}
