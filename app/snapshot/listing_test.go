package snapshot_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

func TestTheListHoldsEverythingThatGoes(t *testing.T) {
	o := snapshot.Outgoing{
		To: "信息中心",
		Ticket: deskapi.Ticket{ID: "0198", CreatedAt: time.Now(), Person: deskapi.Person{Role: "teacher", Name: "李老师", Room: "302"}, Computer: "pc-302",
			Lang: "zh", Priority: report.P0, Proposed: report.P1, Reason: "reason.device_fault", Findings: []string{"mic.muted"}, Words: "没有声音",
			Consent: deskapi.Consent{At: time.Now(), Wording: "2026-11 zh"}, App: "0.1.0"},
		Report: &report.Report{TakenAt: time.Now(),
			Results:  []report.Result{{Check: "mic", Code: "mic.muted", Params: map[string]any{"device": "Headset"}, Detail: map[string]any{"first_frame_ms": 12.0, "strange_key": "strange value"}, TookMS: 7}},
			Findings: []report.Finding{{Code: "mic.muted"}},
			Facts:    map[string]any{"os": "linux", "top_memory": []any{map[string]any{"name": "chromium", "mb": 812.0}}}},
		Files: []deskapi.FileInfo{{Name: "screen-1.png", Type: "image/png", Bytes: 3 << 20}},
	}
	for _, lang := range words.Langs {
		text, pictures := "", 0
		for _, e := range o.List(words.In(lang)) {
			text += e.Heading + " " + e.Name + " " + e.Value + "\n"
			if e.Image {
				pictures++
			}
		}
		for _, want := range []string{"信息中心", "李老师", "302", "pc-302", "mic.muted", "没有声音", "2026-11 zh", "0.1.0", "0198", "Headset", map[string]string{"en": "12 ms", "zh": "12 毫秒"}[lang], "strange value", "linux", "chromium 812 MB", "screen-1.png", "3.0 MB"} {
			if !strings.Contains(text, want) {
				t.Errorf("in %s nothing says %q:\n%s", lang, want, text)
			}
		}
		if strings.Contains(text, "out.") || strings.Contains(text, "fact.") || pictures != 1 {
			t.Errorf("in %s a word is missing, or a picture (%d):\n%s", lang, pictures, text)
		}
	}
}

// No key of ours and, in Chinese, no English word stands in what a person
// reads: every figure that the checks write has a name and a value in words.
func TestFiguresAreReadInOnesOwnLanguage(t *testing.T) {
	o := snapshot.Outgoing{To: "X", Report: &report.Report{TakenAt: time.Now(),
		Results: []report.Result{
			{Check: "mic", Code: "mic.muted", TookMS: 7, Params: map[string]any{"device": "内置"}, Detail: map[string]any{"muted": true, "volume_pct": 43.0, "peak_dbfs": -91.3, "zeros": 0.5}},
			{Check: "speaker", Code: "speaker.ok", Params: map[string]any{"device": "音箱"}, Detail: map[string]any{"device": "hw:0,3", "socket_empty": false}},
			{Check: "network", Code: "network.slow_up", Params: map[string]any{"kbps": 90.0, "need": 300.0}, Detail: map[string]any{
				"links": []string{"eth0 wired on 192.0.2.7 fd00::2", "wlan0 wifi off"}, "gateway": "192.0.2.1", "gateway_ms": 3.4, "gateway_neighbour": "present",
				"dns_servers": []any{"192.0.2.53 0.7 ms", "192.0.2.54 no answer"}, "dns_ms": 1.1, "desk": "answered", "rtt_ms": 41.0, "rtt_least_ms": 38.0, "jitter_ms": 4.0, "loss_pct": 0.0,
				"questions": 20.0, "questions_late": 1.0, "grade": "green", "udp": "open", "udp_packets": 12.0, "udp_rtt_ms": 9.0, "udp_jitter_ms": 2.0, "udp_loss_pct": 1.0,
				"up_kbps": 2400.0, "up_is": "at least", "down_kbps": 9100.0, "down_is": "at most", "internet": true, "ipv6": "works", "nat_mapping": "endpoint_independent",
				"services": []string{"192.0.2.60 120 ms", "192.0.2.61 no_answer"}, "turn": []string{"192.0.2.60:3478 udp answered 12 ms, packet passed on: false"},
				"proxies": []string{"192.0.2.61:8080 answers: true"}, "not_measured": map[string]any{"clock": "not finished in time", "dns": "not finished in time"}}},
			{Check: "system", Code: "system.ok", Detail: map[string]any{"mem_used_pct": 41.0, "restart_pending": false, "swapping_mb_s": 3.5, "uptime_h": 4.6, "disk_free_gb": 63.5}},
		},
		Facts: map[string]any{"on_battery": false, "battery_pct": 80.0, "clock_offset_ms": 12.0, "displays": []any{map[string]any{"width": 1920.0, "height": 1080.0}}, "virtual": "", "power_saving": true}}}
	ours := regexp.MustCompile(`[a-z]+_[a-z]+|true|false|^@`)
	// addresses, interfaces, units and words that Chinese writes so
	fine := regexp.MustCompile(`\([a-z]+\.[a-z_]+\)|hw:0,3|eth0|wlan0|fd00::2|X|MB|GB|kB|dBFS|Wi-Fi|UDP|DNS|STUN|TURN|VPN|IPv6|IP`)
	for _, lang := range words.Langs {
		names := map[string]string{}
		for _, e := range o.List(words.In(lang)) {
			bare := fine.ReplaceAllString(e.Name+" "+e.Value, "")
			if ours.MatchString(bare) {
				t.Errorf("%s: %q is %q", lang, e.Name, e.Value)
			}
			if latin := regexp.MustCompile(`[A-Za-z]+`).FindString(bare); lang == "zh" && latin != "" {
				t.Errorf("%q is seen in Chinese: %q is %q", latin, e.Name, e.Value)
			}
			if e.Heading != "" {
				names = map[string]string{}
			}
			if other, twice := names[e.Name]; twice && e.Name != "" && e.Name != words.In(lang).Name("detail.device") {
				t.Errorf("%s: %q stands for both %q and %q", lang, e.Name, other, e.Value)
			}
			names[e.Name] = e.Value
		}
	}
}
