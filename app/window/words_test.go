package window

import (
	"strings"
	"testing"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
)

// Whatever code stands in a row, at the head of the form or in a notice, its
// words are shown whole in both languages.
func TestEveryCodeFits(t *testing.T) {
	device := "Logitech USB Headset H340"
	for _, lang := range words.Langs {
		s := open(t, Help, "")
		for code := range words.In(lang).Codes {
			check, _, _ := strings.Cut(code, ".")
			params := map[string]any{"device": device, "app": "@app.tencent_meeting", "holder": "chromium", "percent": 93, "name": device}
			snap := fault(lang)
			snap.Help.Findings = []report.Finding{{Code: code, Params: params}}
			for i, r := range snap.Help.Rows {
				if r.Check == check {
					snap.Help.Rows[i].Result = result(check, report.Fail, code, params)
					snap.Help.Rows[i].Setting = true
				}
			}
			if strings.HasPrefix(code, "reason.") {
				snap.Help.Reason, snap.Help.Findings = code, nil
			}
			s.win.Set(snap)
			s.whole(lang + " " + code)
			if check == "desk" || check == "outbox" {
				snap.Help.Phase, snap.Help.Problem = snapshot.Refused, &snapshot.Notice{Code: code}
				s.win.Set(snap)
				s.whole(lang + " refused " + code)
			}
		}
	}
}
