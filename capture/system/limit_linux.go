package system

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Where the kernel tells about groups of processes; the tests have their own.
var (
	ownGroups  = "/proc/self/cgroup"
	groupsRoot = "/sys/fs/cgroup"
)

// swapWindow is how long the traffic between memory and disk is watched.
const swapWindow = time.Second

// memoryLimit tells how much memory this person's programs may have together,
// where the system sets a limit (cgroups, both versions: shared computers,
// remote desktops), and how full it is. Cached files that can be dropped at
// once do not count.
func memoryLimit(ctx context.Context) (map[string]any, error) {
	raw, err := os.ReadFile(ownGroups)
	if err != nil {
		return nil, errNone
	}
	var tightest *group
	for _, l := range strings.Split(string(raw), "\n") {
		parts := strings.SplitN(l, ":", 3)
		if len(parts) != 3 {
			continue
		}
		for _, g := range groupsAbove(parts[1], parts[2]) {
			if tightest == nil || g.used/g.limit > tightest.used/tightest.limit {
				tightest = &g
			}
		}
	}
	if tightest == nil {
		return nil, errNone
	}
	total, err := totalMemory(ctx)
	if err != nil {
		return nil, err
	}
	if tightest.limit >= total { // no limit at all
		return nil, errNone
	}
	m := map[string]any{
		"mem_limit_mb":       round(tightest.limit/mib, 0),
		"mem_limit_used_pct": round(100*tightest.used/tightest.limit, 1),
	}
	m["_top_group"] = tightest.largest(ctx)
	return m, nil
}

var pagesMoved = "/proc/vmstat" // the tests have their own

// swapping tells how much memory goes out to the disk and comes back each
// second: of the two directions the lesser, because what only goes out is not
// missed, and what only comes back has an end. It stands in for the pressure
// where the kernel does not tell that: 4.19, on which UOS and Kylin stand.
func swapping(ctx context.Context) (map[string]any, error) {
	if _, err := os.Stat(pressureAll); err == nil {
		return nil, errNone
	}
	in, out, ok := moved()
	if !ok {
		return nil, errNone
	}
	start := time.Now()
	select {
	case <-time.After(swapWindow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	in2, out2, ok := moved()
	if !ok {
		return nil, errNone
	}
	pages := max(0, min(in2-in, out2-out))
	return map[string]any{"swapping_mb_s": round(pages*float64(os.Getpagesize())/mib/time.Since(start).Seconds(), 1)}, nil
}

// moved is how many pages have been read from and written to swap since the
// start.
func moved() (in, out float64, ok bool) {
	raw, err := os.ReadFile(pagesMoved)
	if err != nil {
		return 0, 0, false
	}
	found := 0
	for _, l := range strings.Split(string(raw), "\n") {
		key, value, _ := strings.Cut(l, " ")
		n, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
		case key == "pswpin":
			in, found = n, found+1
		case key == "pswpout":
			out, found = n, found+1
		}
	}
	return in, out, found == 2
}

func totalMemory(ctx context.Context) (float64, error) {
	m, err := memory(ctx)
	if err != nil {
		return 0, err
	}
	mb, _ := number(m["mem_total_mb"])
	return mb * mib, nil
}

// group is a group of processes with a limit, in bytes.
type group struct {
	controllers string // as in /proc/self/cgroup: empty for version 2
	name        string // its path there
	limit, used float64
}

// groupsAbove are the groups of this line that have a limit: the own one and all
// above it.
func groupsAbove(controllers, name string) (all []group) {
	v2 := controllers == ""
	if !v2 && !listed(controllers, "memory") {
		return nil
	}
	for _, root := range groupRoots(v2) {
		for at := path.Clean("/" + name); ; at = path.Dir(at) {
			if g, ok := readGroup(filepath.Join(root, at), v2); ok {
				g.controllers, g.name = controllers, at
				all = append(all, g)
			}
			if at == "/" {
				break
			}
		}
	}
	return all
}

func groupRoots(v2 bool) []string {
	if v2 {
		return []string{groupsRoot, filepath.Join(groupsRoot, "unified")}
	}
	return []string{filepath.Join(groupsRoot, "memory")}
}

func listed(list, name string) bool {
	for _, x := range strings.Split(list, ",") {
		if x == name {
			return true
		}
	}
	return false
}

func readGroup(dir string, v2 bool) (g group, ok bool) {
	limit, used, cached := "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
	if v2 {
		limit, used, cached = "memory.max", "memory.current", "inactive_file"
	}
	var ok1, ok2 bool
	g.limit, ok1 = figure(filepath.Join(dir, limit)) // "max" is no number
	g.used, ok2 = figure(filepath.Join(dir, used))
	if !ok1 || !ok2 || g.limit <= 0 {
		return g, false
	}
	raw, err := os.ReadFile(filepath.Join(dir, "memory.stat"))
	if err != nil {
		return g, false
	}
	for _, l := range strings.Split(string(raw), "\n") {
		if key, value, _ := strings.Cut(l, " "); key == cached {
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			g.used = max(0, g.used-n)
		}
	}
	return g, true
}

// largest is the program of the group that uses most.
func (g group) largest(ctx context.Context) []any {
	all, err := programs(ctx)
	if err != nil {
		return nil
	}
	amounts := map[string]float64{}
	for pid, p := range all {
		if closable(p.name) && g.holds(pid) {
			amounts[p.name] += p.private
		}
	}
	return heaviest(amounts, "mb", 0, 1)
}

func (g group) holds(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return false
	}
	for _, l := range strings.Split(string(raw), "\n") {
		parts := strings.SplitN(l, ":", 3)
		if len(parts) == 3 && parts[1] == g.controllers {
			return g.name == "/" || parts[2] == g.name || strings.HasPrefix(parts[2], g.name+"/")
		}
	}
	return false
}
