package system

import (
	"math"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// When the computer is in trouble. [E] marks an estimate of our own.
const (
	busyPct = 90.0 // of all cores, our own programs left out [E]

	// From this share of the whole on, one program is named as the cause; below
	// it, closing it would not help. [E]
	culpritPct = 25.0

	// Memory and swap both this full: where systemd-oomd begins to end programs
	// (oomd.conf(5), SwapUsedLimit=90%).
	memUsedPct, swapUsedPct = 90.0, 90.0
	memFreePct              = 4.0  // available memory, with or without swap [E]
	memStallPct             = 20.0 // of the last 10 s some program stood still for memory (PSI "some") [E]

	fullMB             = 500.0       // nothing can be saved, programs fail to start [E]
	fullPct, fullTopMB = 2.0, 1024.0 // the same for small disks; 2 % of a large one is plenty [E]
	lowMB              = 2048.0      // updates and recordings fail [E]
	lowPct, lowTopMB   = 5.0, 8192.0
	fullInodesPct      = 99.0 // no file can be made though bytes are free

	// Sign-in by Kerberos fails beyond 5 minutes (RFC 4120 §8.2 and the default
	// of Active Directory); certificates and tickets are refused soon after.
	clockOff = 5 * time.Minute
	// A certificate's first and last day are wrong: no secure page opens. [E]
	clockBroken = 24 * time.Hour

	batteryLowPct = 10.0 // Windows' default for its own low battery warning
)

// troubles lists what is wrong, the likelier to stop a class first. What is
// not known is not judged.
func troubles(known map[string]any) []trouble {
	var all []trouble
	add := func(code string, v report.Verdict, params map[string]any) {
		all = append(all, trouble{"system." + code, v, params})
	}

	place, free, verdict := worstDisk(known)
	if verdict == report.Fail {
		add("disk_full", report.Fail, map[string]any{"place": place, "free_mb": math.Round(free)})
	}
	for _, d := range volumes {
		if vol, ok := known[d.key].(volume); ok && vol.inodesUsedPct >= fullInodesPct {
			add("disk_files", report.Fail, map[string]any{"place": capture.Name(d.place)})
			break
		}
	}
	if memoryLow(known) {
		name, mb, ok := first(known["_top_memory"], "mb")
		total, _ := number(known["mem_total_mb"])
		if ok && 100*mb >= culpritPct*total {
			add("memory_low", report.Warn, map[string]any{"program": name, "mb": mb})
		} else {
			add("memory_low_many", report.Warn, nil)
		}
	}
	if pct, ok := number(known["_cpu_others_pct"]); ok && pct >= busyPct {
		name, share, ok := first(known["_top_others"], "pct")
		if ok && share >= culpritPct {
			add("cpu_busy", report.Warn, map[string]any{"pct": math.Round(pct), "program": name, "program_pct": share})
		} else {
			add("cpu_busy_many", report.Warn, map[string]any{"pct": math.Round(pct)})
		}
	}
	if ms, ok := number(known["clock_offset_ms"]); ok {
		off := time.Duration(math.Abs(ms)) * time.Millisecond
		if off > clockOff {
			v := report.Warn
			if off > clockBroken {
				v = report.Fail
			}
			amount, unit := spell(off)
			add("clock_wrong", v, map[string]any{"amount": amount, "unit": capture.Name(unit)})
		}
	}
	if pct, ok := number(known["battery_pct"]); ok && known["on_battery"] == true && pct <= batteryLowPct {
		add("battery_low", report.Warn, map[string]any{"pct": pct})
	}
	if verdict == report.Warn {
		add("disk_low", report.Warn, map[string]any{"place": place, "free_gb": round(free/1024, 1)})
	}
	return all
}

func memoryLow(known map[string]any) bool {
	used, ok := number(known["mem_used_pct"])
	if !ok {
		return false
	}
	if stall, ok := number(known["mem_pressure_pct"]); ok && stall >= memStallPct {
		return true
	}
	swap, hasSwap := number(known["swap_used_pct"])
	return 100-used < memFreePct || hasSwap && used >= memUsedPct && swap >= swapUsedPct
}

// volumes are the disks that matter: where documents go, and where the system
// writes.
var volumes = []struct{ key, place string }{{"_home_disk", "place.home"}, {"_system_disk", "place.system"}}

// worstDisk judges the volumes that matter; the verdict is OK when all have room.
func worstDisk(known map[string]any) (place string, freeMB float64, v report.Verdict) {
	v = report.OK
	for _, d := range volumes {
		vol, ok := known[d.key].(volume)
		if !ok || vol.totalMB <= 0 {
			continue
		}
		was := v
		switch pct := 100 * vol.freeMB / vol.totalMB; {
		case vol.freeMB < fullMB, pct < fullPct && vol.freeMB < fullTopMB:
			v = report.Fail
		case v == report.OK && (vol.freeMB < lowMB || pct < lowPct && vol.freeMB < lowTopMB):
			v = report.Warn
		default:
			continue
		}
		if v != was || vol.freeMB < freeMB {
			place, freeMB = capture.Name(d.place), vol.freeMB
		}
	}
	return place, freeMB, v
}

// spell gives a time that is off in the unit people would use.
func spell(off time.Duration) (amount float64, unit string) {
	switch {
	case off < 2*time.Hour:
		return math.Round(off.Minutes()), "unit.minutes"
	case off < 48*time.Hour:
		return math.Round(off.Hours()), "unit.hours"
	}
	return math.Round(off.Hours() / 24), "unit.days"
}

// first is the heaviest of a list of programs.
func first(list any, key string) (name string, amount float64, ok bool) {
	l, _ := list.([]any)
	if len(l) == 0 {
		return "", 0, false
	}
	m, _ := l[0].(map[string]any)
	name, ok = m["name"].(string)
	amount, _ = number(m[key])
	return name, amount, ok
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case int:
		return float64(v), true
	}
	return 0, false
}

func round(x float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(x*p) / p
}
