package snapshot_test

import (
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
		for _, want := range []string{"信息中心", "李老师", "302", "pc-302", "mic.muted", "没有声音", "2026-11 zh", "0.1.0", "0198", "Headset", "12 ms", "strange value", "linux", "chromium 812 MB", "screen-1.png", "3.0 MB"} {
			if !strings.Contains(text, want) {
				t.Errorf("in %s nothing says %q:\n%s", lang, want, text)
			}
		}
		if strings.Contains(text, "out.") || strings.Contains(text, "fact.") || pictures != 1 {
			t.Errorf("in %s a word is missing, or a picture (%d):\n%s", lang, pictures, text)
		}
	}
}
