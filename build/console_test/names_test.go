package consoletest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// steering lists what on the page, in its title or in an attribute that is
// shown could turn the writing direction or steer a screen reader.
const steering = `(() => {
	const bad = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
	const out = bad.test(document.title) ? ['title: ' + document.title] : [];
	const walk = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) if (bad.test(n.data)) out.push(n.data);
	for (const e of document.querySelectorAll('*')) for (const a of ['title', 'aria-label', 'placeholder', 'alt']) if (bad.test(e.getAttribute(a) || '')) out.push(a + ': ' + e.getAttribute(a));
	return out.map(encodeURI);
})()`

func TestANameThatTurnsTheWritingAroundDisturbsNothing(t *testing.T) {
	desk := startDesk(t)
	evil := "王\u202e\x07gpj\u009b\u2067\x1b[31m丽\u200f"
	picture := "a\u202egnp.png"
	tab := openTab(t, desk.URL)
	tab.enter()
	ticket := desk.ask(func(k *deskapi.Ticket) {
		k.Person = deskapi.Person{Role: "teacher", Name: evil, Room: evil}
		k.Computer, k.Words, k.Findings, k.Priority = evil, evil, nil, report.P0
	})
	tab.shows(".toast", "王gpj[31m丽")
	tab.shows("td.who", "王gpj[31m丽")
	calm := func(where string) {
		t.Helper()
		if found := js[[]string](tab, steering); len(found) > 0 {
			t.Errorf("%s: %q", where, found)
		}
	}
	calm("queue")
	err := desk.PutReport(t.Context(), ticket.ID, 1, report.Report{Schema: report.Schema, Proposed: report.None,
		Results: []report.Result{{Check: evil, Verdict: report.Warn, Code: evil, Params: map[string]any{"device": evil}, Detail: map[string]any{evil: evil}}},
		Facts:   map[string]any{evil: evil}})
	if err != nil {
		t.Fatal(err)
	}
	desk.picture(ticket.ID, picture)
	tab.openTicket(ticket.Number)
	tab.shows("blockquote", "王gpj[31m丽")
	tab.do(chromedp.WaitVisible(chromedp.CSS(".thumb")))
	tab.until("the picture, under its own name", "document.querySelector('.thumb img').naturalWidth === 960")
	if err := desk.Message(t.Context(), ticket.ID, deskapi.NewMessage{ID: "0198a7f0-0000-7000-8000-000000000003", Text: evil}); err != nil {
		t.Fatal(err)
	}
	tab.shows(".messages", "王gpj[31m丽")
	calm("ticket")
	tab.picture("steering-zh")
	if open := js[[]string](tab, "[...document.querySelectorAll('#app span, #app b, #app a, #app code')].filter((e) => getComputedStyle(e).unicodeBidi !== 'isolate').map((e) => e.outerHTML)"); len(open) > 0 {
		t.Errorf("text that can turn what stands beside it: %q", open)
	}
}

func TestATechnicianReadsNoWeights(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	desk.examined(ticket.ID, 1, true)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	tab.do(chromedp.WaitVisible(chromedp.CSS(".proof")))
	want := words.In("zh").UI["console.code.camera.frozen"]
	if got := strings.TrimSpace(tab.text(".cause h3")); got != want {
		t.Errorf("the likely cause is headed %q, want %q and no figure", got, want)
	}
}

func TestTheShortcutsAreCalledShortcuts(t *testing.T) {
	desk := startDesk(t)
	tab := openTab(t, desk.URL)
	tab.enter()
	for lang, want := range map[string]string{"zh": "快捷键", "en": "Shortcuts"} {
		tab.speak(lang)
		tab.shows("#help", want)
	}
}
