package capture

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"raisehand/assets/words"
	"raisehand/capture/report"
)

func result(code string, v report.Verdict) report.Result {
	check := code
	for i, c := range code {
		if c == '.' {
			check = code[:i]
			break
		}
	}
	return report.Result{Check: check, Code: code, Verdict: v, Params: map[string]any{"of": code}}
}

func TestDiagnose(t *testing.T) {
	class := Situation{Class: []App{{Key: "zoom", PIDs: []int{7}}}}
	assumed := Situation{ClassAssumed: true}
	for _, c := range []struct {
		name    string
		in      Situation
		results []report.Result
		want    []string // codes of the findings, in order
		p       report.Priority
		reason  string
	}{
		{"nothing ran", class, nil, []string{}, report.None, "reason.nothing_found"},
		{"all fine", class, []report.Result{result("mic.ok", report.OK), result("camera.ok", report.OK)},
			[]string{}, report.None, "reason.nothing_found"},
		{"unknown and skipped are no faults", class, []report.Result{result("mic.hung", report.Unknown), result("camera.in_use", report.Skipped)},
			[]string{}, report.None, "reason.nothing_found"},
		{"no sound in class", class, []report.Result{result("camera.ok", report.OK), result("mic.muted", report.Fail)},
			[]string{"mic.muted"}, report.P0, "reason.class_no_sound"},
		{"no sound, class assumed", assumed, []report.Result{result("mic.muted", report.Fail)},
			[]string{"mic.muted"}, report.P0, "reason.class_no_sound"},
		{"no sound, no class", Situation{}, []report.Result{result("mic.muted", report.Fail)},
			[]string{"mic.muted"}, report.P1, "reason.device_fault"},
		{"no picture in class", class, []report.Result{result("camera.black", report.Fail)},
			[]string{"camera.black"}, report.P0, "reason.class_no_picture"},
		{"sound before picture, failure before warning", class,
			[]report.Result{result("system.cpu_busy", report.Warn), result("camera.none", report.Fail), result("mic.none", report.Fail)},
			[]string{"mic.none", "camera.none", "system.cpu_busy"}, report.P0, "reason.class_no_sound"},
		{"the failed device leads, not the weak one", class,
			[]report.Result{result("mic.quiet", report.Warn), result("camera.none", report.Fail)},
			[]string{"camera.none", "mic.quiet"}, report.P0, "reason.class_no_picture"},
		{"disk full in class does not stop it", class, []report.Result{result("system.disk_full", report.Fail)},
			[]string{"system.disk_full"}, report.P1, "reason.device_fault"},
		{"a weak microphone", class, []report.Result{result("mic.quiet", report.Warn)},
			[]string{"mic.quiet"}, report.P1, "reason.class_disturbed"},
		{"little room", Situation{}, []report.Result{result("system.disk_low", report.Warn)},
			[]string{"system.disk_low"}, report.P2, "reason.small_fault"},
		{"a check nobody listed", Situation{}, []report.Result{result("printer.jam", report.Fail)},
			[]string{"printer.jam"}, report.P1, "reason.device_fault"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Diagnose(report.Report{Results: c.results, Findings: []report.Finding{{Code: "stale"}}}, c.in)
			got := []string{}
			for _, f := range r.Findings {
				got = append(got, f.Code)
				if len(f.Because) == 0 || f.Because[0] != f.Code || f.Params["of"] != f.Code {
					t.Errorf("finding %+v does not lead to its result", f)
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("findings %v, want %v", got, c.want)
			}
			if r.Proposed != c.p || r.Reason != c.reason {
				t.Errorf("proposed %s because %s, want %s because %s", r.Proposed, r.Reason, c.p, c.reason)
			}
			for _, lang := range words.Langs {
				if _, ok := words.In(lang).Codes[r.Reason]; !ok {
					t.Errorf("%s has no words in %s", r.Reason, lang)
				}
			}
		})
	}
}

// What follows from something else proves it and is no finding of its own.
func TestWhatFollowsIsProof(t *testing.T) {
	for _, c := range []struct {
		name  string
		codes []string          // faults, each a warning of its own check or of the same
		want  map[string]string // finding → what proves it
	}{
		{"nothing explains itself", []string{"system.cpu_busy"}, map[string]string{"system.cpu_busy": "system.cpu_busy"}},
		{"two of the same check, neither the other's cause", []string{"system.disk_full", "system.cpu_busy"},
			map[string]string{"system.disk_full": "system.disk_full", "system.cpu_busy": "system.cpu_busy"}},
		{"a frozen sound system is one fault", []string{"mic.server_hung", "speaker.hung"},
			map[string]string{"mic.server_hung": "mic.server_hung speaker.hung"}},
		{"a sound system that is closed to us", []string{"mic.denied", "speaker.denied"},
			map[string]string{"mic.denied": "mic.denied speaker.denied"}},
		{"a loudspeaker's own trouble stays", []string{"mic.server_hung", "speaker.muted"},
			map[string]string{"mic.server_hung": "mic.server_hung", "speaker.muted": "speaker.muted"}},
		{"no session manager, no loudspeaker", []string{"mic.no_manager", "speaker.none"},
			map[string]string{"mic.no_manager": "mic.no_manager speaker.none"}},
		{"no way to PulseAudio, no loudspeaker", []string{"mic.no_pulse", "speaker.none"},
			map[string]string{"mic.no_pulse": "mic.no_pulse speaker.none"}},
		{"a microphone that is taken", []string{"mic.busy", "apps.held"}, map[string]string{"mic.busy": "mic.busy apps.held"}},
		{"a camera that is taken", []string{"camera.busy", "apps.held"}, map[string]string{"camera.busy": "camera.busy apps.held"}},
		{"a battery that ends saves power", []string{"system.power_saving", "system.battery_low"},
			map[string]string{"system.battery_low": "system.battery_low system.power_saving"}},
		{"a hot processor is slow", []string{"system.cpu_busy_many", "system.cpu_hot", "network.jittery"},
			map[string]string{"system.cpu_hot": "system.cpu_hot system.cpu_busy_many network.jittery"}},
		{"tabs fill the memory, which keeps the computer busy", []string{"system.memory_low", "system.cpu_busy_many", "system.many_tabs"},
			map[string]string{"system.many_tabs": "system.many_tabs system.memory_low system.cpu_busy_many"}},
		{"a computer that swaps is busy, and answers late", []string{"system.memory_low", "system.cpu_busy_many", "network.slow"},
			map[string]string{"system.memory_low": "system.memory_low system.cpu_busy_many network.slow"}},
		{"a busy computer answers late", []string{"network.unsteady", "system.cpu_busy", "system.power_saving"},
			map[string]string{"system.cpu_busy": "system.cpu_busy network.unsteady", "system.power_saving": "system.power_saving"}},
		{"weak Wi-Fi loses data", []string{"network.unsteady", "network.wifi_weak"},
			map[string]string{"network.wifi_weak": "network.wifi_weak network.unsteady"}},
		{"a busy computer does not lose its router", []string{"network.gateway_silent", "system.cpu_busy"},
			map[string]string{"network.gateway_silent": "network.gateway_silent", "system.cpu_busy": "system.cpu_busy"}},
		{"a wrong clock distrusts everyone", []string{"network.clock_wrong", "system.clock_wrong"},
			map[string]string{"system.clock_wrong": "system.clock_wrong network.clock_wrong"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var results []report.Result
			for _, code := range c.codes {
				r := result(code, report.Warn)
				if i := slices.IndexFunc(results, func(x report.Result) bool { return x.Check == r.Check }); i >= 0 {
					results[i].Also = append(results[i].Also, report.Fault{Verdict: report.Warn, Code: code})
				} else {
					results = append(results, r)
				}
			}
			got := map[string]string{}
			for _, f := range Diagnose(report.Report{Results: results}, Situation{}).Findings {
				got[f.Code] = strings.Join(f.Because, " ")
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// The codes in the tables are ones that people can read about, so a mistyped
// one cannot stand there unseen.
func TestTheTablesNameRealCodes(t *testing.T) {
	known := func(of string) bool {
		for code := range words.In("en").Codes {
			if matches(of, code) || strings.HasPrefix(code, of+".") {
				return true
			}
		}
		return false
	}
	for _, c := range causes {
		if !known(c.of) {
			t.Errorf("no code is %s", c.of)
		}
		for _, lang := range words.Langs {
			if c.symptom != "" && words.In(lang).Names[c.symptom] == "" {
				t.Errorf("%s has no name in %s", c.symptom, lang)
			}
		}
	}
	for _, c := range chains {
		for _, of := range append([]string{c.cause}, c.explains...) {
			if !known(of) {
				t.Errorf("no code is %s", of)
			}
		}
	}
}

// Every warning weighs less than every failure of a device that stops a class.
func TestCauses(t *testing.T) {
	for _, a := range causes {
		if a.weak >= a.broken {
			t.Errorf("%s: a warning weighs %d, a failure %d", a.of, a.weak, a.broken)
		}
		for _, b := range causes {
			if b.stops != "" && a.weak >= b.broken {
				t.Errorf("a warning of %s outweighs a failure of %s", a.of, b.of)
			}
		}
		if a.stops == "" {
			continue
		}
		for _, lang := range words.Langs {
			if _, ok := words.In(lang).Codes[a.stops]; !ok {
				t.Errorf("%s has no words in %s", a.stops, lang)
			}
		}
	}
}

// Each line of the table of consequences is tried by a case above.
func TestEveryChainIsTried(t *testing.T) {
	source, err := os.ReadFile("diagnose_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chains {
		if stem := strings.TrimSuffix(c.cause, "*"); !bytes.Contains(source, []byte(`"`+stem)) {
			t.Errorf("no test has %s", c.cause)
		}
	}
}

// One case for each line of the table of causes: what people notice, what is
// proposed when it is broken in class, and when it is only weak.
func TestEveryCause(t *testing.T) {
	class := Situation{Class: []App{{Key: "zoom", PIDs: []int{7}}}}
	hit := map[string]bool{}
	for _, c := range []struct {
		code, symptom string
		broken, weak  report.Priority
		reason        string // of broken
	}{
		{"mic.quiet", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.volume_low", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.wrong_one", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.clipped", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.hum", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.noisy", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.dc", "bad_sound", report.P0, report.P1, "class_no_sound"},
		{"mic.muted", "no_sound", report.P0, report.P1, "class_no_sound"},
		{"camera.none", "no_picture", report.P0, report.P1, "class_no_picture"},
		{"camera.black", "no_picture", report.P0, report.P1, "class_no_picture"},
		{"speaker.muted", "hears_nothing", report.P0, report.P1, "class_not_heard"},
		{"network.desk_unreachable", "", report.P1, report.P2, "device_fault"},
		{"network.wifi_weak", "stutters", report.P0, report.P1, "class_no_network"},
		{"network.unsteady", "stutters", report.P0, report.P1, "class_no_network"},
		{"network.jittery", "stutters", report.P0, report.P1, "class_no_network"},
		{"network.slow_up", "stutters", report.P0, report.P1, "class_no_network"},
		{"network.udp_closed", "out_of_step", report.P0, report.P1, "class_no_network"},
		{"network.turn_closed", "out_of_step", report.P0, report.P1, "class_no_network"},
		{"network.nat_strict", "out_of_step", report.P0, report.P1, "class_no_network"},
		{"network.dns_slow", "cannot_enter", report.P0, report.P1, "class_no_network"},
		{"network.ipv6_broken", "cannot_enter", report.P0, report.P1, "class_no_network"},
		{"network.no_link", "cannot_enter", report.P0, report.P1, "class_no_network"},
		{"system.cpu_hot", "stutters", report.P1, report.P1, "device_fault"},
		{"system.memory_low_many", "stutters", report.P1, report.P1, "device_fault"},
		{"system.many_tabs", "stutters", report.P1, report.P1, "device_fault"},
		{"system.cpu_busy", "stutters", report.P1, report.P1, "device_fault"},
		{"system.disk_full", "programs_fail", report.P1, report.P1, "device_fault"},
		{"system.disk_files", "programs_fail", report.P1, report.P1, "device_fault"},
		{"system.disk_read_only", "programs_fail", report.P1, report.P1, "device_fault"},
		{"system.clock_wrong", "cannot_enter", report.P1, report.P1, "device_fault"},
		{"system.battery_low", "goes_off", report.P1, report.P2, "device_fault"},
		{"system.disk_low", "programs_fail", report.P1, report.P2, "device_fault"},
		{"system.power_saving", "stutters", report.P1, report.P2, "device_fault"},
		{"system.restart_pending", "", report.P1, report.P2, "device_fault"},
		{"system.anything_new", "stutters", report.P1, report.P1, "device_fault"},
		{"apps.two_classes", "bad_sound", report.P1, report.P1, "device_fault"},
		{"apps.held", "no_sound", report.P1, report.P1, "device_fault"},
		{"apps.browser_old", "stutters", report.P1, report.P2, "device_fault"},
		{"apps.class_old", "cannot_enter", report.P1, report.P2, "device_fault"},
		{"apps.anything_new", "", report.P1, report.P1, "device_fault"},
		{"screen.failed", "", report.P1, report.P2, "device_fault"},
	} {
		check, _, _ := strings.Cut(c.code, ".")
		hit[causeOf(check, c.code).of] = true
		weak := Diagnose(report.Report{Results: []report.Result{result(c.code, report.Warn)}}, class)
		broken := Diagnose(report.Report{Results: []report.Result{result(c.code, report.Fail)}}, class)
		if got := strings.TrimPrefix(broken.Findings[0].Symptom, "symptom."); got != c.symptom {
			t.Errorf("%s is noticed as %q, want %q", c.code, got, c.symptom)
		}
		if broken.Proposed != c.broken || broken.Reason != "reason."+c.reason || weak.Proposed != c.weak {
			t.Errorf("%s: broken %s because %s, weak %s; want %s because %s, %s", c.code, broken.Proposed, broken.Reason, weak.Proposed, c.broken, c.reason, c.weak)
		}
		if broken.Findings[0].Weight <= weak.Findings[0].Weight {
			t.Errorf("%s weighs %d broken, %d weak", c.code, broken.Findings[0].Weight, weak.Findings[0].Weight)
		}
	}
	for _, c := range causes {
		if !hit[c.of] {
			t.Errorf("no case for %s", c.of)
		}
	}
}
