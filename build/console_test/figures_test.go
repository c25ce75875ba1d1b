package consoletest

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// telling is a report with a figure of every sort that the checks write.
func telling() report.Report {
	muted := map[string]any{"device": "内置麦克风", "volume": 43.0}
	return report.Report{Schema: report.Schema, TakenAt: time.Now().UTC(), Proposed: report.P0, Reason: "reason.class_no_sound",
		Findings: []report.Finding{{Code: "mic.muted", Weight: 95, Because: []string{"mic.muted"}, Params: muted, Symptom: "symptom.no_sound"},
			{Code: "network.udp_closed", Weight: 30, Because: []string{"network.udp_closed"}}},
		Results: []report.Result{
			{Check: "mic", Verdict: report.Fail, Code: "mic.muted", TookMS: 2100, Params: muted,
				Detail: map[string]any{"backend": "pulse", "microphones": 2, "monitors": 1, "server": "pulseaudio 16.1", "muted": true, "volume_pct": 43.0, "peak_dbfs": -91.3, "level_dbfs": -90.1}},
			{Check: "network", Verdict: report.Warn, Code: "network.udp_closed", TookMS: 1800, Detail: map[string]any{
				"links": []string{"eth0 wired on 192.0.2.7 fd00::2", "wlan0 wifi off"}, "gateway": "192.0.2.1", "gateway_ms": 3.4, "gateway_neighbour": "present",
				"dns_servers": []string{"192.0.2.53 0.7 ms", "192.0.2.54 no answer"}, "dns_ms": 1.1, "desk": "answered", "desk_address": "192.0.2.9:443",
				"rtt_ms": 41, "rtt_least_ms": 38, "jitter_ms": 4, "loss_pct": 0, "questions": 20, "questions_late": 0, "grade": "green",
				"udp": "no answer; nobody has come through yet, perhaps the desk's port is closed", "udp_packets": 12, "udp_rtt_ms": 9, "udp_jitter_ms": 2, "udp_loss_pct": 1,
				"up_kbps": 2400, "up_is": "at least", "down_kbps": 9100, "down_is": "at most", "internet": true, "ipv6": "works",
				"services": []string{"zoom.us 120 ms", "voovmeeting.com no_answer: timeout"}, "turn": []string{"192.0.2.60:3478 udp answered 12 ms, packet passed on: false"},
				"proxies": []string{"192.0.2.61:8080 (environment) answers: true"}, "nat_mapping": "endpoint_independent",
				"not_measured": map[string]any{"clock": "not finished in time"}}},
			{Check: "system", Verdict: report.OK, Code: "system.ok", TookMS: 1200, Detail: map[string]any{"mem_used_pct": 41.0, "restart_pending": false, "swapping_mb_s": 3.5,
				"not_measured": map[string]any{"clock": "no desk to compare the clock with"}}},
			{Check: "apps", Verdict: report.OK, Code: "apps.ok", TookMS: 90},
			{Check: "programs", Verdict: report.OK, Code: "programs.none", TookMS: 40, Detail: map[string]any{"processes": 183}},
		},
		Facts: facts()}
}

func TestATechnicianReadsTheCauseAndItsProof(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(func(k *deskapi.Ticket) { k.Findings, k.Priority = []string{"mic.muted"}, report.P0 })
	if err := desk.PutReport(t.Context(), ticket.ID, 1, telling()); err != nil {
		t.Fatal(err)
	}
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.do(chromedp.WaitVisible(chromedp.CSS("a.subject")))
	for _, lang := range words.Langs {
		tab.speak(lang)
		want := words.In(lang).UI["console.code.mic.muted"]
		tab.shows("a.subject", want)
		if lang == "zh" {
			tab.picture("cause-queue-zh")
		}
	}
	tab.openTicket(ticket.Number)
	tab.do(chromedp.WaitVisible(chromedp.CSS(".proof")))
	rows := map[string][]string{}
	for _, lang := range words.Langs {
		tab.speak(lang)
		book := words.In(lang)
		for place, want := range map[string]string{
			".cause h3": book.UI["console.code.mic.muted"], "#main h1": book.UI["console.code.mic.muted"],
			".proof .figures": book.Names["detail.device"] + " 内置麦克风" + book.Names["detail.muted"] + " " + book.UI["console.yes"] + book.Names["detail.volume"] + " 43 %",
		} {
			tab.until(place+" in "+lang, fmt.Sprintf("(document.querySelector(%q)?.textContent || '').startsWith(%q)", place, want))
		}
		js[any](tab, "document.querySelectorAll('details').forEach((d) => { d.open = true; })")
		if bare := js[[]string](tab, "[...document.querySelectorAll('.at-results th code, .at-facts th code, .at-facts dt code, .figures code')].map((e) => e.textContent)"); len(bare) > 0 {
			t.Errorf("%s: figures without a name: %q", lang, bare)
		}
		raw := regexp.MustCompile(`\b(wired|answered|open|green|amber|true|false|no_answer|endpoint_independent|packet passed|at least|at_most|present)\b`)
		if lang == "en" {
			raw = regexp.MustCompile(`\b(wired|green|amber|true|false|no_answer|endpoint_independent|passed on:)\b`)
		}
		text := tab.text(".at-results") + tab.text(".at-facts")
		if found := raw.FindAllString(text, -1); len(found) > 0 {
			t.Errorf("%s: %q are shown as they are written:\n%s", lang, found, text)
		}
		if !strings.Contains(text, "3.5 MB/s") {
			t.Errorf("%s: no swapping in MB a second:\n%s", lang, text)
		}
		rows[lang] = js[[]string](tab, "[...document.querySelectorAll('th.check')].map((e) => e.textContent)")
		if len(rows[lang]) != 5 || len(slices.Compact(slices.Sorted(slices.Values(rows[lang])))) != 5 {
			t.Errorf("%s: two checks have one name: %q", lang, rows[lang])
		}
		js[any](tab, "document.querySelector('[data-lang]').focus()")
		tab.size(1280, 2000)
		tab.picture("cause-" + lang)
		tab.size(1280, 800)
	}
}

func TestAfterALanguageIsChosenNothingIsAnnouncedInTheOther(t *testing.T) {
	desk := startDesk(t)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.speak("en")
	desk.ask(func(k *deskapi.Ticket) { k.Priority = report.P0 })
	tab.until("the announcement", "document.getElementById('urgent').textContent.includes('urgent request')")
	tab.speak("zh")
	if said := js[string](tab, "document.getElementById('urgent').textContent + document.getElementById('polite').textContent"); strings.Contains(said, "urgent") {
		t.Errorf("still announced in English: %q", said)
	}
}

// written finds the keys that a check writes into its figures and facts.
var written = []*regexp.Regexp{
	regexp.MustCompile(`\bput\("([a-z][a-z0-9_]*)"`),
	regexp.MustCompile(`\b(?:[dD]etail|facts|m)\["([a-z][a-z0-9_]*)"\]`),
	regexp.MustCompile(`return map\[string\]any\{"([a-z][a-z0-9_]*)":`),
}

func TestEveryFigureHasAName(t *testing.T) {
	keys := map[string]string{"up_kbps": "far.go", "down_kbps": "far.go", "up_is": "far.go", "down_is": "far.go"}
	capture := filepath.Join("..", "..", "capture")
	err := filepath.WalkDir(capture, func(path string, f fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, pattern := range written {
			for _, m := range pattern.FindAllSubmatch(source, -1) {
				keys[string(m[1])] = path
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 90 {
		t.Fatalf("found only %d figures: do the patterns still fit?", len(keys))
	}
	unit := regexp.MustCompile(`_(ms|s|h|hz|ghz|mhz|dbfs|dbm|db|percent|pct|mb_s|mb|gb|kbps|mbps|c)$`)
	for _, lang := range words.Langs {
		names := words.In(lang).Names
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			named := slices.ContainsFunc([]string{key, unit.ReplaceAllString(key, "")}, func(k string) bool {
				return names["detail."+k] != "" || names["fact."+k] != "" || names["check."+k] != ""
			})
			if !named {
				t.Errorf("%s: the figure %s (%s) has no name", lang, key, keys[key])
			}
		}
	}
}
