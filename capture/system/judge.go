package system

import (
	"math"
	"strings"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// When the computer is in trouble. [E] marks an estimate of our own.
const (
	// Of all cores, what our own programs use meanwhile left out, twice in a row
	// [E]; and of all cores as they are: a load that only filled the rest is none.
	busyPct, busyLeastPct = 90.0, 75.0

	// From this share of the whole on, one program is named as the cause; below
	// it, closing it would not help. [E]
	culpritPct = 25.0

	// Memory and swap both this full: where systemd-oomd begins to end programs
	// (oomd.conf(5), SwapUsedLimit=90%).
	memUsedPct, swapUsedPct = 90.0, 90.0
	swapRate                = 2.0  // MB each way in a second: all that a hard disk can do [E]
	memFreePct              = 4.0  // available memory, with or without swap [E]
	memStallPct             = 20.0 // of the last 10 s some program stood still for memory (PSI "some") [E]

	fullMB             = 500.0       // nothing can be saved, programs fail to start [E]
	fullPct, fullTopMB = 2.0, 1024.0 // the same for small disks; 2 % of a large one is plenty [E]
	lowMB              = 2048.0      // updates and recordings fail [E]
	lowPct, lowTopMB   = 5.0, 8192.0
	temporaryFullMB    = 20.0 // less than a browser needs to start [E]
	ownFullMB          = 10.0 // a request with its screenshot and logs, twice over [E]
	fullInodesPct      = 99.0 // no file can be made though bytes are free

	// Sign-in by Kerberos fails beyond 5 minutes (RFC 4120 §8.2 and the default
	// of Active Directory); certificates and tickets are refused soon after.
	clockOff = 5 * time.Minute
	// A certificate's first and last day are wrong: no secure page opens. [E]
	clockBroken = 24 * time.Hour

	batteryLowPct = 10.0 // Windows' default for its own low battery warning

	// Windows' own limit of what it can promise is nearly reached: allocations
	// fail and programs end. [E]
	commitPct = 97.0

	// The processor was slowed for heat for this share of a second, or may run at
	// no more than this share of its speed: half the work is not done. A touch of
	// it is normal in every thin laptop under load. [E]
	throttledPct, hotLimitPct = 30.0, 70.0

	savingBusyPct = 80.0 // saving power is a choice until the work no longer fits [E]

	// Each page of a browser takes 50 to 300 MB; with fewer of them it is one page
	// that is heavy, not their number. [E]
	manyPages = 20
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
	} else if vol, ok := known["_temporary_disk"].(volume); ok && vol.totalMB > 0 && vol.freeMB < temporaryFullMB {
		add("disk_full", report.Fail, map[string]any{"place": capture.Name("place.temporary"), "free_mb": math.Round(vol.freeMB)})
	}
	if vol, ok := known["_own_disk"].(volume); ok && verdict != report.Fail && vol.totalMB > 0 && vol.freeMB < ownFullMB {
		add("disk_full", report.Fail, map[string]any{"place": capture.Name("place.raisehand"), "free_mb": math.Round(vol.freeMB)})
	}
	for _, d := range append(volumes[:len(volumes):len(volumes)], ownVolume) {
		if vol, ok := known[d.key].(volume); ok && vol.inodesUsedPct >= fullInodesPct {
			add("disk_files", report.Fail, map[string]any{"place": capture.Name(d.name)})
			break
		}
	}
	for _, d := range []spot{volumes[0], ownVolume} {
		if vol, ok := known[d.key].(volume); ok && vol.readOnly {
			add("disk_read_only", report.Fail, map[string]any{"place": capture.Name(d.name)})
			break
		}
	}
	memoryTrouble(known, add)
	heatTrouble(known, add)
	processorTrouble(known, add)
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
	if known["restart_pending"] == true {
		add("restart_pending", report.Warn, nil)
	}
	return all
}

// memoryTrouble names what holds the memory, when there is none left.
func memoryTrouble(known map[string]any, add func(string, report.Verdict, map[string]any)) {
	total, _ := number(known["mem_total_mb"])
	top := known["_top_memory"]
	switch {
	case groupFull(known): // of what is left to this person, only their own programs take
		total, _ = number(known["mem_limit_mb"])
		top = known["_top_group"]
	case !memoryLow(known):
		return
	}
	name, mb, ok := first(top, "mb")
	pages, _ := number(known["web_pages"])
	switch {
	case !ok || 100*mb < culpritPct*total:
		add("memory_low_many", report.Warn, nil)
	case browsers[strings.ToLower(name)] && pages >= manyPages:
		add("many_tabs", report.Warn, map[string]any{"program": name, "tabs": pages, "mb": mb})
	default:
		add("memory_low", report.Warn, map[string]any{"program": name, "mb": mb})
	}
}

// browsers are the programs of which web_pages counts the pages, as the systems
// name them.
var browsers = map[string]bool{
	"chrome": true, "google chrome": true, "chromium": true, "chromium-browser": true, "msedge": true, "microsoft edge": true, "firefox": true,
	"firefox-esr": true, "firefox-bin": true, "brave": true, "brave browser": true, "opera": true, "vivaldi": true, "vivaldi-bin": true,
	"360se": true, "360chrome": true, "360chromex": true, "browser360-cn": true, "qqbrowser": true, "sogouexplorer": true, "safari": true,
	"uos-browser-bin": true, "browser": true,
}

func groupFull(known map[string]any) bool {
	used, ok := number(known["mem_limit_used_pct"])
	return ok && 100-used < memFreePct
}

// heatTrouble: the computer slows itself down because it is too hot.
func heatTrouble(known map[string]any, add func(string, report.Verdict, map[string]any)) {
	pct, _ := number(known["throttled_pct"])
	if pct >= throttledPct || known["_hot"] == true {
		add("cpu_hot", report.Warn, nil)
	}
}

// processorTrouble names what keeps the processor busy, or that it has been
// told to save power while there is more to do than it then can.
func processorTrouble(known map[string]any, add func(string, report.Verdict, map[string]any)) {
	pct, ok := number(known["_cpu_others_pct"])
	if !ok {
		return
	}
	name, share, named := first(known["_top_others"], "pct")
	system, systemShare, byItself := first(known["_top_system"], "pct")
	shown := math.Min(100, math.Round(pct+ownPct(known)))
	busy := suspicious(known) && pct >= busyLeastPct
	switch {
	case busy && named && share >= culpritPct && share >= systemShare:
		add("cpu_busy", report.Warn, map[string]any{"pct": shown, "program": name, "program_pct": share})
	case busy && byItself && systemShare >= culpritPct:
		add("cpu_busy_system", report.Warn, map[string]any{"pct": shown, "program": system, "program_pct": systemShare})
	case known["power_saving"] == true && (busy || pct >= savingBusyPct):
		add("power_saving", report.Warn, map[string]any{"pct": shown})
	case busy:
		add("cpu_busy_many", report.Warn, map[string]any{"pct": shown})
	}
}

func ownPct(known map[string]any) float64 {
	pct, _ := number(known["cpu_own_pct"])
	return pct
}

func memoryLow(known map[string]any) bool {
	used, ok := number(known["mem_used_pct"])
	if !ok {
		return false
	}
	if stall, ok := number(known["mem_pressure_pct"]); ok && stall >= memStallPct {
		return true
	}
	if rate, ok := number(known["swapping_mb_s"]); ok && rate >= swapRate {
		return true
	}
	if commit, ok := number(known["mem_commit_pct"]); ok && commit >= commitPct {
		return true
	}
	if level, ok := known["mem_pressure_level"].(string); ok { // the system judges better than its figures
		return level == "critical"
	}
	swap, hasSwap := number(known["swap_used_pct"])
	return 100-used < memFreePct || hasSwap && used >= memUsedPct && swap >= swapUsedPct
}

// volumes are the disks that matter: where documents go, and where the system
// writes.
var volumes = []spot{{"_home_disk", "place.home"}, {"_system_disk", "place.system"}}

// ownVolume is where Raisehand itself writes, which is little.
var ownVolume = spot{"_own_disk", "place.raisehand"}

// spot is a disk among what is known, and its name in words.
type spot struct{ key, name string }

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
			place, freeMB = capture.Name(d.name), vol.freeMB
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
