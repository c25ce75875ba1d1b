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

// deaf lists what a screen reader or a keyboard could not use.
const deaf = `(() => {
	const out = [];
	const shown = (e) => e.checkVisibility();
	const name = (e) => (e.getAttribute('aria-label') || (e.labels && [...e.labels].map((l) => l.textContent).join('')) ||
		(e.getAttribute('aria-labelledby') && document.getElementById(e.getAttribute('aria-labelledby'))?.textContent) || e.textContent || e.alt || '').trim();
	for (const e of document.querySelectorAll('button, a, input, select, textarea, dialog, nav, section')) {
		if (!shown(e)) continue;
		if (!name(e) || (['INPUT', 'TEXTAREA', 'SELECT'].includes(e.tagName) && !e.labels?.length && !e.getAttribute('aria-label'))) out.push('no name: ' + e.outerHTML.slice(0, 120));
		if (e.tagName === 'A' && !e.hasAttribute('href')) out.push('a link to nowhere: ' + e.outerHTML.slice(0, 120));
	}
	for (const e of document.images) if (!e.hasAttribute('alt')) out.push('no alt: ' + e.src);
	for (const what of ['main', 'h1']) if ([...document.querySelectorAll(what)].filter(shown).length !== 1) out.push('not one ' + what);
	const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
	for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) out.push('twice the id ' + id);
	return out;
})()`

// pale lists texts with less contrast than 4.5 : 1 (WCAG 2.2, 1.4.3).
const pale = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
	const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
	const ground = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
	const out = new Set();
	for (const e of document.querySelectorAll('body *')) {
		if (!e.checkVisibility() || e.closest('.sr, .skip, svg, :disabled, kbd, dialog, option') || document.querySelector('dialog[open]')) continue;
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
		const a = light(rgba(getComputedStyle(e).color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) out.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2) + ': ' + e.textContent.slice(0, 40));
	}
	return [...out];
})()`

func TestEveryPageCanBeReadByEverybody(t *testing.T) {
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
					if size[0] == 1280 {
						for _, wrong := range append(js[[]string](tab, deaf), js[[]string](tab, pale)...) {
							t.Errorf("%s, %s, %s: %s", name, lang, scheme, wrong)
						}
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
