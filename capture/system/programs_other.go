//go:build !linux

package system

import (
	"context"
	"fmt"
	"strings"

	"github.com/shirou/gopsutil/v3/process"
)

// programs asks the system about each process; those of other users that may
// not be looked at are left out.
func programs(ctx context.Context) (map[int]program, error) {
	list, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	all := map[int]program{}
	for _, p := range list {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list processes: %w", err)
		}
		name, err := p.NameWithContext(ctx)
		if err != nil || p.Pid == 0 {
			continue // 0 is the system's idle time
		}
		t, err := p.TimesWithContext(ctx)
		if err != nil {
			continue
		}
		one := program{name: strings.TrimSuffix(name, ".exe"), cpu: t.User + t.System}
		if m, err := p.MemoryInfoWithContext(ctx); err == nil {
			one.private = float64(m.RSS) / mib
		}
		one.name, one.tab = page(p.Pid, one.name)
		all[int(p.Pid)] = one
	}
	return all, nil
}
