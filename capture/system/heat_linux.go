package system

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// More of the kernel's places; the tests have their own.
var (
	cpuDir     = "/sys/devices/system/cpu"
	thermalDir = "/sys/class/thermal"
)

// heatWindow is how long the processor's own record of its slowing down is
// watched.
const heatWindow = time.Second

// heat tells whether the processor slows itself down because it is too hot,
// by the three places where Linux says so: the processor's record, a zone above
// its passive trip point while the speed is limited, and the desktop's power
// service.
func heat(ctx context.Context) (map[string]any, error) {
	m := map[string]any{}
	before, counted := throttled()
	if counted {
		window := heatWindow
		if end, ok := ctx.Deadline(); ok {
			window = min(window, time.Until(end)/2)
		}
		start := time.Now()
		select {
		case <-time.After(window):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		after, _ := throttled()
		m["throttled_pct"] = round(min(100, max(0, 100*(after-before).Seconds()/time.Since(start).Seconds())), 0)
	}
	limit, limited := speedLimit()
	if limited {
		m["cpu_limit_pct"] = round(limit, 0)
	}
	degrees, tripped := hottest()
	if degrees > 0 {
		m["cpu_temp_c"] = round(degrees, 0)
	}
	m["_hot"] = tripped && (limited && limit <= hotLimitPct || cooling())
	if len(m) == 1 && m["_hot"] == false {
		return nil, errNone
	}
	return m, nil
}

// throttled is how long the processor has been slowed for heat since the start,
// of the core where it was longest (Intel, from Linux 5.6).
func throttled() (longest time.Duration, counted bool) {
	for _, kind := range []string{"package", "core"} {
		paths, _ := filepath.Glob(filepath.Join(cpuDir, "cpu[0-9]*/thermal_throttle", kind+"_throttle_total_time_ms"))
		for _, path := range paths {
			if ms, ok := figure(path); ok {
				longest, counted = max(longest, time.Duration(ms)*time.Millisecond), true
			}
		}
	}
	return longest, counted
}

// speedLimit is the lowest of all cores' highest allowed speed, in percent of
// what the core can do.
func speedLimit() (pct float64, known bool) {
	pct = 100
	policies, _ := filepath.Glob(filepath.Join(cpuDir, "cpufreq/policy[0-9]*"))
	if len(policies) == 0 {
		policies, _ = filepath.Glob(filepath.Join(cpuDir, "cpu[0-9]*/cpufreq"))
	}
	for _, dir := range policies {
		allowed, ok1 := figure(filepath.Join(dir, "scaling_max_freq"))
		able, ok2 := figure(filepath.Join(dir, "cpuinfo_max_freq"))
		if ok1 && ok2 && able > 0 {
			pct, known = min(pct, 100*allowed/able), true
		}
	}
	return pct, known
}

// hottest is the temperature of the hottest zone that has a point from which on
// the system slows the processor, and whether one is beyond it. Points below
// 50 °C are a maker's leftovers.
func hottest() (degrees float64, tripped bool) {
	zones, _ := filepath.Glob(filepath.Join(thermalDir, "thermal_zone[0-9]*"))
	for _, zone := range zones {
		now, ok := figure(filepath.Join(zone, "temp"))
		if !ok {
			continue
		}
		trips, _ := filepath.Glob(filepath.Join(zone, "trip_point_*_type"))
		for _, trip := range trips {
			kind := line(zone, filepath.Base(trip))
			at, ok := figure(strings.TrimSuffix(trip, "type") + "temp")
			if !ok || kind != "passive" && kind != "hot" || at < 50_000 {
				continue
			}
			degrees = max(degrees, now/1000)
			tripped = tripped || now >= at
		}
	}
	return degrees, tripped
}

// cooling says whether the system holds the processor back to cool it.
func cooling() bool {
	devices, _ := filepath.Glob(filepath.Join(thermalDir, "cooling_device[0-9]*"))
	for _, dir := range devices {
		kind := line(dir, "type")
		state, ok := figure(filepath.Join(dir, "cur_state"))
		if ok && state > 0 && (kind == "Processor" || strings.HasPrefix(kind, "cpufreq") || strings.Contains(kind, "thermal-cpufreq")) {
			return true
		}
	}
	return false
}

// figure reads a file that holds one number.
func figure(path string) (float64, bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(string(raw)), 64)
	return x, err == nil
}
