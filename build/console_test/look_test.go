package consoletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// cut lists the elements whose content is wider than they are, and texts that
// are cut off in height without being whole in a title.
const cut = `[...document.querySelectorAll('body *')].filter((e) => {
	if (!e.clientWidth || e.closest('.sr, .skip, svg') || ['OPTION', 'SELECT', 'INPUT', 'TEXTAREA'].includes(e.tagName)) return false;
	const style = getComputedStyle(e);
	const scrolls = (o) => o === 'auto' || o === 'scroll';
	if (e.scrollWidth > e.clientWidth + 1 && !scrolls(style.overflowX)) return true;
	return style.overflowY === 'hidden' && e.scrollHeight > e.clientHeight + 2 && !e.title;
}).map((e) => e.tagName + '.' + e.className + ' ' + e.scrollWidth + '×' + e.scrollHeight + ' in ' + e.clientWidth + '×' + e.clientHeight + ': ' + e.textContent.slice(0, 60))
	.concat(document.documentElement.scrollWidth > innerWidth ? ['the page is wider than the window'] : [])`

func TestNothingIsCutOffOnAnyPage(t *testing.T) {
	desk := startDesk(t)
	tab := openTab(t, desk.URL)

	everywhere := func(name string, widths ...[2]int64) {
		t.Helper()
		for _, size := range append([][2]int64{{1280, 800}, {1366, 768}, {900, 800}, {400, 800}}, widths...) {
			tab.size(size[0], size[1])
			for _, lang := range []string{"zh", "en"} {
				js[any](tab, fmt.Sprintf("void document.querySelector('[data-lang=%s]').click()", lang))
				tab.until("the language "+lang, fmt.Sprintf("document.querySelector('[data-lang=%s]').ariaPressed === 'true'", lang))
				for _, scheme := range []string{"light", "dark"} {
					tab.scheme(scheme)
					js[any](tab, "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
					if size[0] == 1280 || scheme == "light" {
						tab.picture(fmt.Sprintf("%s-%s-%d-%s", name, lang, size[0], scheme))
					}
				}
				for _, wide := range js[[]string](tab, cut) {
					t.Errorf("%s, %s, %d×%d: %s", name, lang, size[0], size[1], wide)
				}
			}
		}
		tab.scheme("light")
		tab.size(1280, 800)
	}

	tab.open("/")
	everywhere("signin")
	tab.signIn(password)
	tab.do(chromedp.WaitVisible(chromedp.CSS(".empty")))
	everywhere("empty")

	long := strings.Repeat("Featherstonehaugh-Cholmondeley", 3)
	ticket := desk.ask(func(k *deskapi.Ticket) {
		k.Priority = report.P0
		k.Person = deskapi.Person{Role: "teacher", Name: long, Room: "物理实验楼四层一四零八室" + long}
		k.Computer = strings.Repeat("DESKTOP-", 10)
		k.Words = strings.Repeat("这句话很长没有停顿", 12)
		k.Findings = []string{"camera.frozen", "camera.black", "a.code.that.this.desk.does.not.know.because.it.is.newer"}
	})
	desk.examined(ticket.ID, 1, true)
	desk.examined(ticket.ID, 2, false)
	desk.picture(ticket.ID, "screen-1.png")
	desk.picture(ticket.ID, "screen-2.png")
	if err := desk.Message(t.Context(), ticket.ID, deskapi.NewMessage{ID: "0198a7f0-0000-7000-8000-000000000003", Text: long + long}); err != nil {
		t.Fatal(err)
	}
	for i := range 199 {
		desk.ask(func(k *deskapi.Ticket) {
			k.Priority = []report.Priority{report.P1, report.P2, report.P3, report.P1, report.P2}[i%5]
			k.Person.Name = []string{"王丽华", "张伟", "Margaret Ashworth", "陈晓明"}[i%4]
			k.Person.Room = fmt.Sprintf("%d号楼 %d", i%7+1, 100+i)
			k.Findings = [][]string{{"camera.frozen"}, {"camera.busy", "camera.black"}, nil, {"camera.none"}}[i%4]
		})
	}
	tab.until("all of them", "document.querySelectorAll('tbody tr').length === 200")
	everywhere("queue")
	tab.visit("#/waiting")
	tab.do(chromedp.WaitVisible(chromedp.CSS(".empty")))
	everywhere("channel")
	tab.visit("#/t/" + ticket.ID)
	tab.do(chromedp.WaitVisible(chromedp.CSS(".thumb")))
	everywhere("ticket")
	js[any](tab, "document.querySelectorAll('details').forEach((d) => { d.open = true; })")
	tab.size(1280, 2400)
	tab.picture("ticket-whole-en")
	for _, wide := range js[[]string](tab, cut) {
		t.Errorf("ticket, unfolded: %s", wide)
	}
	tab.size(1280, 800)
	tab.click("#picture-0")
	tab.do(chromedp.WaitVisible(chromedp.CSS("dialog img")))
	tab.picture("large")
	tab.click("dialog button")
	tab.click("#solve")
	tab.do(chromedp.WaitVisible(chromedp.CSS("#solve-confirm")))
	tab.picture("solve")
}
