package system

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var speedLine = regexp.MustCompile(`CPU_Speed_Limit\s*=\s*(\d+)`)

// heat asks the system's own judgement: how hard it presses for coolness
// (0 none, 1 moderate, 2 heavy, from 3 it stops programs), and on Intel how far
// it has slowed the processor.
func heat(ctx context.Context) (map[string]any, error) {
	m := map[string]any{}
	out, err := exec.CommandContext(ctx, "/usr/bin/notifyutil", "-g", "com.apple.system.thermalpressurelevel").Output()
	if f := strings.Fields(string(out)); err == nil && len(f) == 2 {
		if level, err := strconv.Atoi(f[1]); err == nil {
			const heavy = 2
			m["_hot"] = level >= heavy
		}
	}
	if out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g", "therm").Output(); err == nil {
		if s := speedLine.FindSubmatch(out); s != nil {
			limit, _ := strconv.ParseFloat(string(s[1]), 64)
			m["cpu_limit_pct"] = limit
			m["_hot"] = m["_hot"] == true || limit <= hotLimitPct
		}
	}
	if len(m) == 0 {
		return nil, errors.New("the system does not say how hot it is")
	}
	return m, nil
}

var savingLine = regexp.MustCompile(`(?m)^\s*(?:lowpowermode|powermode)\s+(\d)`)

// powerSaving: low power mode is on for the source of power in use.
func powerSaving(ctx context.Context) (map[string]any, error) {
	out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g").Output()
	if err != nil {
		return nil, fmt.Errorf("read the power settings: %w", err)
	}
	m := savingLine.FindSubmatch(out)
	if m == nil {
		return nil, errNone
	}
	return map[string]any{"power_saving": string(m[1]) == "1"}, nil
}

// restart: only softwareupdate knows, and it takes a minute to say so.
func restart(context.Context) (map[string]any, error) {
	return nil, fmt.Errorf("ask whether a restart is wanted: %w", errors.ErrUnsupported)
}

// swapping is not asked for: what the system says of its memory is enough.
func swapping(context.Context) (map[string]any, error) { return nil, errNone }

// memoryLimit: no such thing here.
func memoryLimit(context.Context) (map[string]any, error) { return nil, errNone }

// memoryPressure is the system's own judgement, the colour of Activity Monitor:
// available memory says little here, because the system fills it on purpose.
func memoryPressure(context.Context) (map[string]any, error) {
	level, err := unix.SysctlUint32("kern.memorystatus_vm_pressure_level")
	if err != nil {
		return nil, fmt.Errorf("read memory pressure: %w", err)
	}
	names := map[uint32]string{1: "normal", 2: "warning", 4: "critical"}
	if names[level] == "" {
		return nil, fmt.Errorf("read memory pressure: level %d", level)
	}
	return map[string]any{"mem_pressure_level": names[level]}, nil
}
