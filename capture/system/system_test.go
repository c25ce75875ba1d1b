package system

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"

	"raisehand/assets/words"
	"raisehand/capture"
	"raisehand/capture/report"
)

// healthy is a computer with nothing wrong; with changes what a test is about.
func healthy(changes map[string]any) map[string]any {
	m := map[string]any{
		"mem_used_pct": 60.0, "swap_used_pct": 5.0, "mem_pressure_pct": 0.0,
		"_home_disk": volume{90_000, 200_000, 10, false}, "_system_disk": volume{50_000, 100_000, 10, false},
		"_cpu_others_pct": 20.0, "clock_offset_ms": int64(900), "battery_pct": 80.0, "on_battery": true,
		"_top_memory": []any{map[string]any{"name": "chrome", "mb": 3100.0}}, "mem_total_mb": int64(8192),
		"_top_others": []any{map[string]any{"name": "antivirus", "pct": 71.0}},
	}
	for k, v := range changes {
		if v == nil {
			delete(m, k)
		} else {
			m[k] = v
		}
	}
	return m
}

func TestJudge(t *testing.T) {
	type m = map[string]any
	for _, c := range []struct {
		name    string
		changes m
		code    string
		v       report.Verdict
		params  m
		also    []string
	}{
		{"healthy", nil, "system.ok", report.OK, nil, nil},
		{"busy", m{"_cpu_others_pct": 93.4, "cpu_own_pct": 5.0}, "system.cpu_busy", report.Warn,
			m{"pct": 98.0, "program": "antivirus", "program_pct": 71.0}, nil},
		{"no room for a request", m{"_own_disk": volume{3, 50, 10, false}}, "system.disk_full", report.Fail, m{"place": "@place.raisehand", "free_mb": 3.0}, nil},
		{"a small disk with room for a request", m{"_own_disk": volume{30, 50, 10, false}}, "system.ok", report.OK, nil, nil},
		{"requests go to the disk that is full already", m{"_home_disk": volume{3, 50_000, 10, false}, "_own_disk": volume{3, 50_000, 10, false}}, "system.disk_full", report.Fail,
			m{"place": "@place.home", "free_mb": 3.0}, nil},
		{"no file more for a request", m{"_own_disk": volume{30, 50, 100, false}}, "system.disk_files", report.Fail, m{"place": "@place.raisehand"}, nil},
		{"requests cannot be written", m{"_own_disk": volume{30, 50, 10, true}}, "system.disk_read_only", report.Fail, m{"place": "@place.raisehand"}, nil},
		{"not quite busy", m{"_cpu_others_pct": 89.9}, "system.ok", report.OK, nil, nil},
		{"busy while we use what is left", m{"_cpu_others_pct": 78.0, "cpu_own_pct": 20.0}, "system.cpu_busy", report.Warn,
			m{"pct": 98.0, "program": "antivirus", "program_pct": 71.0}, nil},
		{"a load that only filled the rest", m{"_cpu_others_pct": 70.0, "cpu_own_pct": 28.0}, "system.ok", report.OK, nil, nil},
		{"no time to be sure", m{"_cpu_others_pct": nil, "cpu_own_pct": 5.0}, "system.ok", report.OK, nil, nil},
		{"the system itself", m{"_cpu_others_pct": 95.0, "_top_others": []any{map[string]any{"name": "chrome", "pct": 30.0}},
			"_top_system": []any{map[string]any{"name": "TiWorker", "pct": 61.0}}}, "system.cpu_busy_system", report.Warn,
			m{"pct": 95.0, "program": "TiWorker", "program_pct": 61.0}, nil},
		{"hot by the processor's record", m{"throttled_pct": 45.0}, "system.cpu_hot", report.Warn, nil, nil},
		{"a touch of heat", m{"throttled_pct": 12.0, "_hot": false}, "system.ok", report.OK, nil, nil},
		{"hot by the system's word", m{"_hot": true}, "system.cpu_hot", report.Warn, nil, nil},
		{"saving power with little to do", m{"power_saving": true}, "system.ok", report.OK, nil, nil},
		{"saving power with much to do", m{"power_saving": true, "_cpu_others_pct": 84.0, "_top_others": nil}, "system.power_saving", report.Warn,
			m{"pct": 84.0}, nil},
		{"saving power, and one program takes all", m{"power_saving": true, "_cpu_others_pct": 95.0}, "system.cpu_busy", report.Warn,
			m{"pct": 95.0, "program": "antivirus", "program_pct": 71.0}, nil},
		{"much to do, and no saving", m{"power_saving": false, "_cpu_others_pct": 84.0}, "system.ok", report.OK, nil, nil},
		{"too many pages", m{"mem_used_pct": 97.0, "web_pages": 43}, "system.many_tabs", report.Warn,
			m{"program": "chrome", "tabs": 43.0, "mb": 3100.0}, nil},
		{"many pages and room for them", m{"web_pages": 90}, "system.ok", report.OK, nil, nil},
		{"many pages, but another program has the memory", m{"mem_used_pct": 97.0, "web_pages": 43,
			"_top_memory": []any{map[string]any{"name": "blender", "mb": 3100.0}}}, "system.memory_low", report.Warn, m{"program": "blender", "mb": 3100.0}, nil},
		{"the person's share is used up", m{"mem_limit_mb": 2048.0, "mem_limit_used_pct": 97.5, "_top_group": []any{map[string]any{"name": "zoom", "mb": 1500.0}}},
			"system.memory_low", report.Warn, m{"program": "zoom", "mb": 1500.0}, nil},
		{"the person's share is enough", m{"mem_limit_mb": 2048.0, "mem_limit_used_pct": 90.0}, "system.ok", report.OK, nil, nil},
		{"Windows can promise no more", m{"mem_commit_pct": 98.0}, "system.memory_low", report.Warn, m{"program": "chrome", "mb": 3100.0}, nil},
		{"memory goes out and comes back", m{"swapping_mb_s": 6.5}, "system.memory_low", report.Warn, m{"program": "chrome", "mb": 3100.0}, nil},
		{"a little goes out and comes back", m{"swapping_mb_s": 0.4}, "system.ok", report.OK, nil, nil},
		{"macOS says it is critical", m{"mem_pressure_level": "critical"}, "system.memory_low", report.Warn, m{"program": "chrome", "mb": 3100.0}, nil},
		{"macOS fills its memory on purpose", m{"mem_pressure_level": "normal", "mem_used_pct": 97.0}, "system.ok", report.OK, nil, nil},
		{"a disk closed after an error", m{"_home_disk": volume{90_000, 200_000, 10, true}}, "system.disk_read_only", report.Fail, m{"place": "@place.home"}, nil},
		{"no room for temporary files", m{"_temporary_disk": volume{3, 512, 10, false}}, "system.disk_full", report.Fail,
			m{"place": "@place.temporary", "free_mb": 3.0}, nil},
		{"little but enough for temporary files", m{"_temporary_disk": volume{300, 512, 10, false}}, "system.ok", report.OK, nil, nil},
		{"a restart is due", m{"restart_pending": true}, "system.restart_pending", report.Warn, nil, nil},
		{"a restart is due, and there is worse", m{"restart_pending": true, "battery_pct": 9.0}, "system.battery_low", report.Warn, m{"pct": 9.0},
			[]string{"system.restart_pending"}},
		{"busy with we know not what", m{"_cpu_others_pct": 93.4, "_top_others": nil}, "system.cpu_busy_many", report.Warn, m{"pct": 93.0}, nil},
		{"busy with many things", m{"_cpu_others_pct": 93.4, "_top_others": []any{map[string]any{"name": "chrome", "pct": 20.0}}},
			"system.cpu_busy_many", report.Warn, m{"pct": 93.0}, nil},
		{"memory held by many", m{"mem_used_pct": 97.0, "_top_memory": []any{map[string]any{"name": "chrome", "mb": 900.0}}},
			"system.memory_low_many", report.Warn, nil, nil},
		{"no memory", m{"mem_used_pct": 97.0}, "system.memory_low", report.Warn, m{"program": "chrome", "mb": 3100.0}, nil},
		{"memory and swap", m{"mem_used_pct": 91.0, "swap_used_pct": 95.0}, "system.memory_low", report.Warn, m{"program": "chrome", "mb": 3100.0}, nil},
		{"swap alone", m{"swap_used_pct": 95.0}, "system.ok", report.OK, nil, nil},
		{"much memory, no swap", m{"mem_used_pct": 93.0, "swap_used_pct": nil}, "system.ok", report.OK, nil, nil},
		{"stalled", m{"mem_pressure_pct": 31.0}, "system.memory_low", report.Warn, m{"program": "chrome", "mb": 3100.0}, nil},
		{"home full", m{"_home_disk": volume{499, 200_000, 10, false}}, "system.disk_full", report.Fail, m{"place": "@place.home", "free_mb": 499.0}, nil},
		{"system full", m{"_system_disk": volume{12.4, 100_000, 10, false}}, "system.disk_full", report.Fail, m{"place": "@place.system", "free_mb": 12.0}, nil},
		{"both full, the fuller one", m{"_home_disk": volume{300, 200_000, 10, false}, "_system_disk": volume{20, 100_000, 10, false}},
			"system.disk_full", report.Fail, m{"place": "@place.system", "free_mb": 20.0}, nil},
		{"home low, system full", m{"_home_disk": volume{1500, 200_000, 10, false}, "_system_disk": volume{20, 100_000, 10, false}},
			"system.disk_full", report.Fail, m{"place": "@place.system", "free_mb": 20.0}, nil},
		{"home full, system low", m{"_home_disk": volume{20, 200_000, 10, false}, "_system_disk": volume{1500, 100_000, 10, false}},
			"system.disk_full", report.Fail, m{"place": "@place.home", "free_mb": 20.0}, nil},
		{"home low", m{"_home_disk": volume{1536, 200_000, 10, false}}, "system.disk_low", report.Warn, m{"place": "@place.home", "free_gb": 1.5}, nil},
		{"2 % of a large disk is plenty", m{"_home_disk": volume{38_000, 2_000_000, 10, false}}, "system.ok", report.OK, nil, nil},
		{"too many files", m{"_system_disk": volume{50_000, 100_000, 100, false}}, "system.disk_files", report.Fail, m{"place": "@place.system"}, nil},
		{"clock 6 minutes ahead", m{"clock_offset_ms": int64(6 * 60_000)}, "system.clock_wrong", report.Warn, m{"amount": 6.0, "unit": "@unit.minutes"}, nil},
		{"clock 9 hours behind", m{"clock_offset_ms": int64(-9 * 3_600_000)}, "system.clock_wrong", report.Warn, m{"amount": 9.0, "unit": "@unit.hours"}, nil},
		{"clock back in 2020", m{"clock_offset_ms": int64(-6 * 365 * 86_400_000)}, "system.clock_wrong", report.Fail, m{"amount": 2190.0, "unit": "@unit.days"}, nil},
		{"clock 5 minutes", m{"clock_offset_ms": int64(5 * 60_000)}, "system.ok", report.OK, nil, nil},
		{"battery empty", m{"battery_pct": 9.0}, "system.battery_low", report.Warn, m{"pct": 9.0}, nil},
		{"battery empty but plugged in", m{"battery_pct": 9.0, "on_battery": false}, "system.ok", report.OK, nil, nil},
		{"several, the failure first", m{"battery_pct": 9.0, "mem_used_pct": 99.0, "clock_offset_ms": int64(3 * 86_400_000)},
			"system.clock_wrong", report.Fail, m{"amount": 3.0, "unit": "@unit.days"}, []string{"system.memory_low", "system.battery_low"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(healthy(c.changes))
			if r.Code != c.code || r.Verdict != c.v {
				t.Fatalf("got %s %s, want %s %s", r.Verdict, r.Code, c.v, c.code)
			}
			if !reflect.DeepEqual(r.Params, c.params) {
				t.Errorf("params %v, want %v", r.Params, c.params)
			}
			if also := codes(r.Also); !reflect.DeepEqual(also, c.also) {
				t.Errorf("also %v, want %v", also, c.also)
			}
			for _, lang := range words.Langs {
				s := words.In(lang).Of(r.Code, r.Params)
				if s.Title == "" || s.Do == "" || strings.Contains(s.Says+s.Do, "…") || strings.Contains(s.Says, "@") {
					t.Errorf("%s: %+v", lang, s)
				}
			}
		})
	}
	if r := judge(map[string]any{}); r.Verdict != report.Unknown || r.Code != "system.not_measured" {
		t.Errorf("nothing known: %s %s", r.Verdict, r.Code)
	}
}

func TestGather(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	var seen []map[string]any
	known, missing := gather(context.Background(), []fact{
		{"fine", time.Minute, func(context.Context) (map[string]any, error) {
			return map[string]any{"fine": 1, "_secret": 2}, nil
		}},
		{"stuck", time.Millisecond, func(context.Context) (map[string]any, error) { <-stuck; return nil, nil }},
		{"broken", time.Minute, func(context.Context) (map[string]any, error) { return nil, errors.New("it broke") }},
		{"absent", time.Minute, func(context.Context) (map[string]any, error) { return nil, errNone }},
	}, func(m map[string]any) { seen = append(seen, m) })
	if want := map[string]any{"fine": 1, "_secret": 2}; !reflect.DeepEqual(known, want) {
		t.Errorf("known %v, want %v", known, want)
	}
	if want := []map[string]any{{"fine": 1}}; !reflect.DeepEqual(seen, want) {
		t.Errorf("seen %v, want %v", seen, want)
	}
	if len(missing) != 2 || missing["broken"] != "it broke" || missing["stuck"] == nil {
		t.Errorf("missing %v", missing)
	}
}

func TestRank(t *testing.T) {
	var system string // whatever is the system's own here
	for name := range systemPrograms {
		system = name
		break
	}
	earlier := map[int]program{
		7: {system, 3, 9, false}, 1: {"chrome", 10, 500, false}, 2: {"chrome", 5, 300, false}, 3: {"raisehand", 1, 20, false}, 4: {"reused", 50, 9, false}, 5: {"ended", 9, 9, false},
	}
	later := map[int]program{
		7: {system, 3.8, 900, false}, 1: {"chrome", 10.4, 510, true}, 2: {"chrome", 5.1, 300, false}, 3: {"raisehand", 1.6, 20, false}, 4: {"other", 0.2, 40, false}, 6: {"raisehand-window", 0.3, 30, false},
	}
	m := map[string]any{}
	rank(m, earlier, later, 2.4, 3.2)
	want := map[string]any{
		"cpu_own_pct": 28.1, "processes": 6, "web_pages": 1,
		"_top_system": []any{map[string]any{"name": system, "pct": 25.0}},
		"_top_others": []any{map[string]any{"name": "chrome", "pct": 15.6}}, // the system is not for a person to close
		"_top_memory": []any{map[string]any{"name": "chrome", "mb": 810.0}},
		"top_cpu": []any{map[string]any{"name": system, "pct": 25.0}, map[string]any{"name": "raisehand", "pct": 18.8},
			map[string]any{"name": "chrome", "pct": 15.6}, map[string]any{"name": "raisehand-window", "pct": 9.4},
			map[string]any{"name": "other", "pct": 6.3}},
		"top_memory": []any{map[string]any{"name": system, "mb": 900.0}, map[string]any{"name": "chrome", "mb": 810.0},
			map[string]any{"name": "other", "mb": 40.0}, map[string]any{"name": "raisehand-window", "mb": 30.0},
			map[string]any{"name": "raisehand", "mb": 20.0}},
	}
	if got := round(m["_cpu_others_pct"].(float64), 1); got != 46.9 {
		t.Errorf("others %v, want 46.9", got)
	}
	delete(m, "_cpu_others_pct")
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %v\nwant %v", m, want)
	}
}

func TestUsed(t *testing.T) {
	a := cpu.TimesStat{User: 10, System: 5, Idle: 100, Iowait: 3, Guest: 4}
	b := cpu.TimesStat{User: 11, System: 5.5, Idle: 102, Iowait: 4, Guest: 5}
	if busy, all := used(a, b); busy != 1.5 || all != 4.5 {
		t.Errorf("busy %v of %v, want 1.5 of 4.5", busy, all)
	}
}

func TestClock(t *testing.T) {
	c := Check{Clock: func(context.Context) (time.Duration, error) { return -7 * time.Minute, nil }}
	if m, err := c.clock(context.Background()); err != nil || m["clock_offset_ms"] != int64(-420_000) {
		t.Errorf("%v, %v", m, err)
	}
	c.Clock = func(context.Context) (time.Duration, error) { return 0, errors.New("no answer") }
	if _, err := c.clock(context.Background()); err == nil {
		t.Error("no answer was taken for a right clock")
	}
}

// This computer, as it is. Whatever its verdict, the facts must be there.
func TestThisComputer(t *testing.T) {
	c := Check{Clock: func(context.Context) (time.Duration, error) { return 12 * time.Millisecond, nil }}
	list := c.facts()
	for i := range list {
		list[i].limit = time.Minute // the test's computer may be busy
	}
	facts := map[string]any{}
	known, missing := gather(context.Background(), list, func(m map[string]any) {
		for k, v := range m {
			facts[k] = v
		}
	})
	r := judge(known)
	raw, err := json.MarshalIndent(map[string]any{"result": r, "facts": facts}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", raw)
	if r.Verdict == report.Unknown {
		t.Fatalf("got %s %s", r.Verdict, r.Code)
	}
	for _, k := range []string{"os", "os_version", "kernel", "cpu", "cores", "cpu_load_pct", "mem_total_mb", "mem_used_pct",
		"disk_free_gb", "disk_total_gb", "uptime_h", "clock_offset_ms", "top_memory", "top_cpu", "time_zone"} {
		if facts[k] == nil {
			t.Errorf("no %s; not measured: %v", k, missing)
		}
	}
	for k := range facts {
		for _, lang := range words.Langs {
			if b := words.In(lang); b.Name("fact."+k) == "fact."+k {
				t.Errorf("fact %s has no name in %s", k, lang)
			}
		}
	}
}

func TestEmits(t *testing.T) {
	facts := map[string]any{}
	r := Check{
		Emit:  func(l capture.Line) { maps.Copy(facts, l.Facts) },
		Clock: func(context.Context) (time.Duration, error) { return time.Hour, nil },
	}.Run(context.Background())
	if r.Check != "system" || facts["clock_offset_ms"] != int64(3_600_000) {
		t.Errorf("got %+v, facts %v", r, facts)
	}
	if !r.Fault() { // an hour is wrong, whatever else is
		t.Errorf("got %s %s", r.Verdict, r.Code)
	}
	for k := range facts {
		if k[0] == '_' {
			t.Errorf("%s was shown", k)
		}
	}
}

// Too little time is said, not waited for.
func TestNoTime(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := Check{}.Run(ctx)
	if missing, _ := r.Detail["not_measured"].(map[string]any); missing["load"] == nil {
		t.Errorf("got %s %v", r.Code, r.Detail)
	}
}

func codes(faults []report.Fault) (list []string) {
	for _, f := range faults {
		list = append(list, f.Code)
	}
	return list
}
