package system

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Where the kernel tells these things; the tests have their own.
var (
	dmiDir      = "/sys/class/dmi/id"
	treeModel   = "/proc/device-tree/model"
	powerDir    = "/sys/class/power_supply"
	pressureAll = "/proc/pressure/memory"
	cpuInfo     = "/proc/cpuinfo"
)

// systemVolume is where the system writes: "/" itself may be a sealed image,
// which is always full.
func systemVolume() string {
	if _, err := os.Stat("/var"); err == nil {
		return "/var"
	}
	return "/"
}

func machine(context.Context) (maker, name string, err error) {
	if name = line(dmiDir, "product_name"); name != "" {
		// Lenovo writes a number there and the name that people know here.
		if v := line(dmiDir, "product_version"); strings.HasPrefix(v, "ThinkPad") || strings.HasPrefix(v, "ThinkCentre") {
			name = v + " (" + name + ")"
		}
		return line(dmiDir, "sys_vendor"), name, nil
	}
	if raw, err := os.ReadFile(treeModel); err == nil { // boards without DMI
		return "", strings.TrimRight(string(raw), "\x00\n"), nil
	}
	return "", "", nil
}

func processorName(context.Context) (string, error) {
	f, err := os.Open(cpuInfo)
	if err != nil {
		return "", fmt.Errorf("read the processor's name: %w", err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		key, value, _ := strings.Cut(s.Text(), ":")
		switch strings.TrimSpace(key) {
		case "model name", "Model Name", "Hardware", "cpu model":
			return strings.TrimSpace(value), nil
		}
	}
	return "", nil
}

// memoryPressure reads how much of the last 10 s some program stood still for
// want of memory. Kernels before 4.20, and some since, do not tell.
func memoryPressure(context.Context) (map[string]any, error) {
	raw, err := os.ReadFile(pressureAll)
	if err != nil {
		return nil, errNone
	}
	for _, l := range strings.Split(string(raw), "\n") {
		rest, ok := strings.CutPrefix(l, "some avg10=")
		if !ok {
			continue
		}
		text, _, _ := strings.Cut(rest, " ")
		pct, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("read memory pressure: %w", err)
		}
		return map[string]any{"mem_pressure_pct": pct}, nil
	}
	return nil, errNone
}

// battery reads the computer's own batteries; those of mice and pens say
// "Device" as their scope.
func battery(context.Context) (map[string]any, error) {
	supplies, err := os.ReadDir(powerDir)
	if err != nil {
		return nil, errNone
	}
	sum, n, plugged, discharging := 0.0, 0, false, false
	for _, s := range supplies {
		dir := filepath.Join(powerDir, s.Name())
		switch line(dir, "type") {
		case "Mains", "USB":
			plugged = plugged || line(dir, "online") == "1"
		case "Battery":
			pct, err := strconv.ParseFloat(line(dir, "capacity"), 64)
			if err != nil || line(dir, "scope") == "Device" || line(dir, "present") == "0" {
				continue
			}
			sum, n = sum+pct, n+1
			discharging = discharging || line(dir, "status") == "Discharging"
		}
	}
	if n == 0 {
		return nil, errNone
	}
	return map[string]any{"battery_pct": round(sum/float64(n), 0), "on_battery": discharging && !plugged}, nil
}

func locale(context.Context) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// line reads a file of one line, empty if there is none.
func line(dir, name string) string {
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}
