package consoletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// call is one request of a morning, as it is told in each language.
type call struct {
	priority   report.Priority
	findings   []string
	zh, en     [3]string // name, room, words
	state      deskapi.State
	unread     bool
	examined   bool
	screenshot bool
}

// morning is in the order in which the calls come, not in the one in which
// they are due.
var morning = []call{
	{priority: report.P3, zh: [3]string{"孙老师", "信息楼 204", "建议给 204 教室换一个支架"}, en: [3]string{"Sun Li", "IT building 204", "Could room 204 have a better stand?"}},
	{priority: report.P2, zh: [3]string{"何静", "图书馆 二层", "怎样让学生听到视频里的声音？"}, en: [3]string{"Helen Ho", "Library, floor 2", "How do students hear the sound of a video?"}, state: deskapi.WaitingUser},
	{priority: report.P2, findings: []string{"screen.wayland"}, zh: [3]string{"吴敏", "实验楼 1408", "共享屏幕是黑的"}, en: [3]string{"Min Wu", "Laboratory 1408", "My shared screen is black"}},
	{priority: report.P1, findings: []string{"camera.busy_unknown"}, zh: [3]string{"陈晓明", "五年一班", "摄像头打不开"}, en: [3]string{"James Chen", "Class 5.1", "The camera does not open"}, state: deskapi.InProgress, unread: true},
	{priority: report.P1, findings: []string{"camera.none"}, zh: [3]string{"刘洋", "六年三班", ""}, en: [3]string{"Young Liu", "Class 6.3", ""}},
	{priority: report.P0, findings: []string{"camera.frozen"}, zh: [3]string{"王丽华", "三年二班", "画面不动了，正在上课"}, en: [3]string{"Lily Wang", "Class 3.2", "The picture has frozen, I am teaching"}, examined: true, screenshot: true},
}

// TestAMorningAtTheDesk: the urgent one is apart on top, the others stand in the
// order in which they are due, those that wait for nobody below; and the ticket
// shows its picture.
func TestAMorningAtTheDesk(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			desk := startDesk(t)
			if lang == "en" {
				desk.command("", "contact", "set", "--name", "IT desk")
				desk.camera = "Logitech BRIO"
			}
			tab := openTab(t, desk.URL)
			tab.enter()
			tab.speak(lang)
			var urgent deskapi.Status
			for i, c := range morning {
				said := c.zh
				if lang == "en" {
					said = c.en
				}
				s := desk.ask(func(k *deskapi.Ticket) {
					k.Priority, k.Findings, k.Lang = c.priority, c.findings, lang
					k.Person = deskapi.Person{Role: "teacher", Name: said[0], Room: said[1]}
					k.Computer, k.Words = fmt.Sprintf("PC-%d", 302+7*i), said[2]
				})
				if c.examined {
					desk.examined(s.ID, 1, true)
					urgent = s
				}
				if c.screenshot {
					desk.picture(s.ID, "screen-1.png")
				}
				if c.state != "" {
					post(tab, s.ID, "take", `{}`)
					post(tab, s.ID, "state", fmt.Sprintf(`{"state": %q}`, c.state))
				}
				if c.unread {
					m := deskapi.NewMessage{ID: fmt.Sprintf("0198a7f0-0000-7000-8000-00000000010%d", i), Text: said[2]}
					if err := desk.Message(t.Context(), s.ID, m); err != nil {
						t.Fatal(err)
					}
				}
			}
			tab.until("all of them", fmt.Sprintf("document.querySelectorAll('tbody tr').length === %d && document.querySelector('.unread:not([hidden])')", len(morning)))
			later(tab, 11)
			first := morning[0]
			tab.until("another clock", "/^1[89]:/.test(document.querySelector('.lane.urgent span.left').textContent)")
			order := js[[]string](tab, "[...document.querySelectorAll('tbody tr')].map((r) => r.querySelector('td.who span').textContent)")
			var want []string
			for _, at := range []int{5, 4, 2, 0, 3, 1} {
				if lang == "en" {
					want = append(want, morning[at].en[0])
				} else {
					want = append(want, morning[at].zh[0])
				}
			}
			if strings.Join(order, ",") != strings.Join(want, ",") {
				t.Errorf("the queue is in the order %v, want %v (%v came first)", order, want, first)
			}
			js[any](tab, "document.querySelectorAll('.toast').forEach((e) => e.remove())")
			tab.picture("morning-queue-" + lang)

			tab.openTicket(urgent.Number)
			tab.until("the picture", "document.querySelector('.thumb img').naturalWidth === 960")
			tab.click("#take")
			tab.until("taken", "document.querySelector('.steps .assigned')")
			text := map[string]string{"zh": "王老师您好，请把摄像头拔下来，等五秒再插上。", "en": "Hello, please unplug the camera, wait five seconds and plug it in again."}[lang]
			tab.write("#reply", text)
			tab.click("#send")
			tab.shows(".messages .ours", text)
			js[any](tab, "scrollTo(0, 0)")
			tab.picture("morning-ticket-" + lang)
			tab.click("#picture-0")
			tab.until("the picture in full", "document.querySelector('dialog img').naturalWidth === 960")
			tab.do(chromedp.KeyEvent("\u001b"))
			tab.until("no dialog", "!document.querySelector('dialog')")
		})
	}
}

// post does what another technician's console would do.
func post(tab *Tab, id, what, body string) {
	tab.t.Helper()
	status := js[int](tab, fmt.Sprintf(`fetch('/v1/desk/session').then((r) => r.json()).then((me) => fetch('/v1/desk/tickets/%s/%s', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf}, body: %s})).then((r) => r.status)`, id, what, quoted(body)))
	if status >= 300 {
		tab.t.Fatalf("%s %s: %d", what, body, status)
	}
}

// later lets the page believe that the desk's clock is some minutes further. An
// answer that took less than no time is believed above all others.
func later(tab *Tab, minutes int) {
	tab.t.Helper()
	js[any](tab, fmt.Sprintf(`import('/js/clock.js').then((c) => {
		const at = performance.now();
		c.learn(new Date(c.now() + %d * 60000 + 500000).toISOString(), at + 1000000, at);
	})`, minutes))
}
