package system

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// systemVolume is where everything that changes lives; "/" is read-only and
// shares its room.
func systemVolume() string { return "/System/Volumes/Data" }

func machine(context.Context) (maker, name string, err error) {
	name, err = unix.Sysctl("hw.model")
	return "Apple", name, err
}

func processorName(context.Context) (string, error) { return unix.Sysctl("machdep.cpu.brand_string") }

// systemPrograms are the desktop itself and what keeps it running.
var systemPrograms = map[string]bool{
	"kernel_task": true, "launchd": true, "windowserver": true, "finder": true, "dock": true, "loginwindow": true, "coreaudiod": true,
	"mds": true, "mds_stores": true, "mdworker_shared": true, "systemuiserver": true, "controlcenter": true, "backupd": true,
	"softwareupdated": true, "photoanalysisd": true, "bird": true, "cloudd": true, "trustd": true, "syspolicyd": true, "xprotectservice": true,
}

var batteryLine = regexp.MustCompile(`\t(\d+)%;`)

func battery(ctx context.Context) (map[string]any, error) {
	out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g", "batt").Output()
	if err != nil {
		return nil, fmt.Errorf("read the battery: %w", err)
	}
	m := batteryLine.FindSubmatch(out)
	if m == nil {
		return nil, errNone
	}
	pct, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		return nil, fmt.Errorf("read the battery: %w", err)
	}
	return map[string]any{"battery_pct": pct, "on_battery": strings.Contains(string(out), "'Battery Power'")}, nil
}

func locale(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "-g", "AppleLocale").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
