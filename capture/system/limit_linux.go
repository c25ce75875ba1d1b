package system

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Where the kernel tells about groups of processes; the tests have their own.
var (
	ownGroups  = "/proc/self/cgroup"
	groupsRoot = "/sys/fs/cgroup"
)

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
