package consoletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

func TestAWrongPasswordIsRefusedInWordsAndARightOneOpensTheQueue(t *testing.T) {
	desk := startDesk(t)
	tab := openTab(t, desk.URL)
	tab.open("/")
	tab.speak("zh")
	tab.click("#sign-in-button")
	tab.shows("#sign-in-error", "请填写用户名")
	tab.signIn("wrong")
	tab.shows("#sign-in-error", "用户名和密码对不上")
	tab.speak("en")
	tab.signIn("wrong")
	tab.shows("#sign-in-error", "do not go together")
	if got := js[string](tab, "document.activeElement.id"); got != "sign-in-password" {
		t.Errorf("after a wrong password the keyboard is at %q, not at the password", got)
	}
	tab.signIn(password)
	tab.shows(".empty", "Nobody is waiting")
	tab.shows(".brand", team)
	tab.click("#sign-out")
	tab.shows("h1", "Sign in")
}

func TestANewTicketAppearsByItself(t *testing.T) {
	desk := startDesk(t)
	tab := openTab(t, desk.URL)
	tab.before(onlyEvents)
	tab.enter()
	js[any](tab, "void (window.same = true)")
	ticket := desk.ask(func(k *deskapi.Ticket) { k.Priority = report.P0 })
	tab.shows(".lane.urgent tr[data-number]", fmt.Sprint(ticket.Number))
	tab.until("the number in the title", "document.title.startsWith('(1)')")
	tab.shows(".toast.p0", fmt.Sprint(ticket.Number))
	tab.until("the words for a screen reader", fmt.Sprintf("document.querySelector('#urgent').textContent.includes('%d')", ticket.Number))
	tab.shows(".channel.p0 .number", "1")
	if !js[bool](tab, "window.same === true") {
		t.Error("the page was loaded anew")
	}
	if second := desk.ask(nil); second.Number <= ticket.Number {
		t.Errorf("numbers go backwards: %d after %d", second.Number, ticket.Number)
	}
	tab.until("the second ticket in its own lane", "document.querySelectorAll('.lane.rest tbody tr').length === 1")
}

// The technician sees what it feels like in the class, and every result that
// proves the cause, also what a check found besides.
func TestAFindingSaysWhatItFeelsLikeAndWhatProvesIt(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	desk.examined(ticket.ID, 1, true)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	zh := words.In("zh")
	tab.shows(".cause", zh.Names["symptom.no_picture"])
	tab.shows(".cause.further", zh.Names["symptom.stutters"])
	tab.shows(".cause.further .proof", zh.Of("system.cpu_busy_many", nil).Title)
	tab.shows("table.results .also", zh.Of("system.cpu_busy_many", nil).Title)
	tab.picture("finding")
}

// onlyEvents takes away the console's asking again by the clock: what appears
// was brought by an event.
const onlyEvents = `{ const real = setTimeout; window.setTimeout = (f, ms, ...more) => real(f, ms >= 4000 ? 1e8 : ms, ...more); }`

// noEvents is a proxy that holds every stream back.
const noEvents = `window.EventSource = class extends EventTarget { close() {} };`

func TestWithoutEventsANewTicketStillAppears(t *testing.T) {
	desk := startDesk(t)
	tab := openTab(t, desk.URL)
	tab.before(noEvents)
	tab.enter()
	desk.ask(nil)
	tab.do(chromedp.WaitVisible(chromedp.CSS(".lane.rest tbody tr")))
}

func TestAnotherTabsSignInDoesNotStopThisOne(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	js[any](tab, fmt.Sprintf(`fetch('/v1/desk/session', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({name: %q, password: %q})})`, technician, password))
	tab.click("#take")
	tab.shows(".crumbs .agent", "您已接单")
}

func TestTheCountdownIsTheDesksEvenWhenTheBrowsersClockIsWrong(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(func(k *deskapi.Ticket) { k.Priority = report.P0 })
	tab := openTab(t, desk.URL)
	tab.before("{ const real = Date.now; Date.now = () => real() - 5 * 3600 * 1000; }")
	tab.enter()
	line := fmt.Sprintf("tr[data-number='%d'] span.left", ticket.Number)
	tab.until("less than half an hour", fmt.Sprintf("/^(30:00|2\\d:\\d\\d)$/.test(document.querySelector(%s).textContent)", quoted(line)))
	first := tab.text(line)
	tab.until("the next second", fmt.Sprintf("document.querySelector(%s).textContent !== %s", quoted(line), quoted(first)))
	if next := tab.text(line); next >= first {
		t.Errorf("the countdown went from %s to %s", first, next)
	}
	due := ticket.Deadline.Due.Add(125 * 1e9).UnixMilli()
	js[any](tab, fmt.Sprintf("import('/js/clock.js').then((c) => c.learn(new Date(%d).toISOString(), performance.now(), performance.now()))", due))
	tab.shows(line+".overdue", "▲")
	tab.shows(line, "02:0")
}

func TestTakeReplySolve(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	desk.examined(ticket.ID, 1, true)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	tab.click("#take")
	tab.shows(".crumbs .agent", "您已接单")
	if s := desk.status(ticket.ID); s.Agent != technician || s.State != deskapi.Assigned || s.Deadline.MetAt != nil {
		t.Errorf("taking: agent %q, %s, met %v; it is seen, not yet answered", s.Agent, s.State, s.Deadline.MetAt)
	}
	tab.write("#reply", "老师您好，请重新插一下摄像头。")
	js[any](tab, "document.querySelector('#send').click(), document.querySelector('#send').click()")
	tab.shows(".messages .ours", "请重新插一下摄像头")
	tab.until("the message is no longer on its way", "!document.querySelector('.messages .waiting')")
	tab.shows(".deadline", "已响应")
	if s := desk.status(ticket.ID); len(s.Messages) != 1 || s.Deadline.MetAt == nil {
		t.Errorf("after two clicks: %d messages, met %v", len(s.Messages), s.Deadline.MetAt)
	}
	if err := desk.Message(t.Context(), ticket.ID, deskapi.NewMessage{ID: "0198a7f0-0000-7000-8000-000000000001", Text: "好了，谢谢！"}); err != nil {
		t.Fatal(err)
	}
	tab.shows(".messages .theirs", "好了，谢谢！")
	desk.examined(ticket.ID, 2, false)
	tab.shows(".at-results .mark", "有变化")
	tab.click("#solve")
	tab.write("#solve-words", "不客气。")
	tab.click("#solve-confirm")
	tab.shows(".crumbs .state", "已解决")
	if s := desk.status(ticket.ID); s.State != deskapi.Solved || len(s.Messages) != 3 {
		t.Errorf("in the end: %s with %d messages", s.State, len(s.Messages))
	}
	tab.visit("#/")
	tab.shows(".empty", "现在没有人在等")
	tab.visit("#/solved")
	tab.shows("tr[data-number] .state", "已解决")
}

func TestPriorityAndWaiting(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	tab.do(chromedp.SetValue(chromedp.CSS("#priority"), "p0"))
	js[any](tab, "void document.querySelector('#priority').dispatchEvent(new Event('change'))")
	tab.until("half an hour", "/^(30:00|2\\d:\\d\\d)$/.test(document.querySelector('.deadline .digits').textContent)")
	tab.click("#waiting")
	tab.shows(".crumbs .state", "等待对方")
	if s := desk.status(ticket.ID); s.Priority != report.P0 || s.State != deskapi.WaitingUser {
		t.Errorf("%s, %s", s.Priority, s.State)
	}
}

func TestAReplyOutlivesTheNetwork(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	desk.stop()
	tab.write("#reply", "稍等，我马上过来。")
	tab.press(kb.Enter, chromedp.KeyModifiers(2))
	tab.shows(".messages .waiting", "我马上过来")
	tab.shows("#banner", "正在再试")
	tab.write("#reply", "这一句还没写完")
	tab.picture("away-zh")
	desk.restart()
	tab.until("the banner to go", "document.querySelector('#banner').hidden")
	tab.until("the message to be sent", "document.querySelector('.messages .ours:not(.waiting)')")
	if s := desk.status(ticket.ID); len(s.Messages) != 1 {
		t.Errorf("%d messages arrived, want one", len(s.Messages))
	}
	if got := js[string](tab, "document.querySelector('#reply').value"); got != "这一句还没写完" {
		t.Errorf("what was typed meanwhile is now %q", got)
	}
}

func TestARefusedMessageComesBackToItsWriter(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	long := strings.Repeat("长", deskapi.MaxMessageRunes+7)
	js[any](tab, fmt.Sprintf(`void localStorage.setItem('raisehand.outbox.%s', JSON.stringify([{id: '0198a7f0-0000-7000-8000-000000000004', ticket: %q, text: %q}]))`, technician, ticket.ID, long))
	tab.openTicket(ticket.Number)
	tab.write("#reply", "先回这一句。")
	tab.click("#send")
	tab.shows(".messages .ours:not(.waiting)", "先回这一句")
	tab.shows(".messages .waiting", "未发出")
	tab.click(".messages .refused button")
	tab.shows(".reply .note", "超出 7 个字")
	if !js[bool](tab, "document.querySelector('#send').disabled && !document.querySelector('.messages .waiting')") {
		t.Error("a message that is too long can be sent again, or still waits")
	}
	if s := desk.status(ticket.ID); len(s.Messages) != 1 {
		t.Errorf("%d messages arrived, want the one that fits", len(s.Messages))
	}
}

func TestAWithdrawnTicketLeavesTheQueueAndCannotBeMoved(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	if err := desk.SetState(t.Context(), ticket.ID, deskapi.Withdrawn); err != nil {
		t.Fatal(err)
	}
	tab.shows(".crumbs .state", "已撤回")
	if got := js[string](tab, "[...document.querySelectorAll('.deeds button:not(:disabled)')].map((b) => b.id).join()"); got != "answer" {
		t.Errorf("a withdrawn ticket offers %q", got)
	}
	tab.visit("#/")
	tab.shows(".empty", "现在没有人在等")
	tab.visit("#/solved")
	tab.shows("tr[data-number] .state", "已撤回")
}

func TestADraftOutlivesTheSession(t *testing.T) {
	desk := startDesk(t)
	ticket := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.openTicket(ticket.Number)
	tab.write("#reply", "先别关电脑")
	tab.forget()
	tab.click("#take")
	tab.shows(".signin", "重新登录后会回到刚才的页面")
	tab.signIn(password)
	tab.do(chromedp.WaitVisible(chromedp.CSS("#reply")))
	if got := js[string](tab, "document.querySelector('#reply').value"); got != "先别关电脑" {
		t.Errorf("the draft is now %q", got)
	}
	tab.shows(".crumbs .no", fmt.Sprint(ticket.Number))
}

func TestEverythingByKeyboard(t *testing.T) {
	desk := startDesk(t)
	desk.ask(nil)
	second := desk.ask(nil)
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.press("j")
	tab.press("j")
	tab.until("the second line", fmt.Sprintf("document.activeElement.closest('tr').dataset.number === '%d'", second.Number))
	tab.press("k")
	tab.press("j")
	tab.press(kb.Enter)
	tab.do(chromedp.WaitVisible(chromedp.CSS("#reply")))
	tab.press("t")
	tab.shows(".crumbs .agent", "您已接单")
	tab.press("r")
	tab.until("the reply box", "document.activeElement.id === 'reply'")
	if got := js[string](tab, "document.querySelector('#reply').value"); got != "" {
		t.Errorf("the key for reply typed %q", got)
	}
	tab.write("#reply", "s t ?")
	tab.press(kb.Enter, chromedp.KeyModifiers(2))
	tab.shows(".messages .ours", "s t ?")
	tab.press(kb.Escape)
	tab.press("?")
	tab.shows("dialog", "快捷键")
	tab.press(kb.Escape)
	tab.until("no dialog", "!document.querySelector('dialog')")
	tab.press("s")
	tab.shows("dialog", "解决了吗")
	tab.press(kb.Enter)
	tab.shows(".crumbs .state", "已解决")
	tab.press(kb.Escape)
	tab.until("the queue", "document.querySelector('#search')")
	tab.press("/")
	tab.until("the search", "document.activeElement.id === 'search'")
	tab.write("#search", fmt.Sprint(second.Number))
	tab.shows("tr[data-number] .state", "已解决")
}

func TestWordsFromOutsideAreShownAndNeverRun(t *testing.T) {
	desk := startDesk(t)
	evil := `<img src=x onerror="window.ran=1"><script>window.ran=2</script>`
	ticket := desk.ask(func(k *deskapi.Ticket) {
		k.Person = deskapi.Person{Role: "teacher", Name: evil, Room: evil}
		k.Computer, k.Words, k.Findings = evil, evil, []string{"camera.frozen"}
	})
	err := desk.PutReport(t.Context(), ticket.ID, 1, report.Report{Schema: 1, Proposed: report.None,
		Results: []report.Result{{Check: evil, Verdict: "<b>", Code: evil, Params: map[string]any{"device": evil}, Detail: map[string]any{evil: evil}}},
		Facts:   map[string]any{evil: evil, "list": []map[string]any{{evil: evil}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := desk.Message(t.Context(), ticket.ID, deskapi.NewMessage{ID: "0198a7f0-0000-7000-8000-000000000002", Text: evil}); err != nil {
		t.Fatal(err)
	}
	tab := openTab(t, desk.URL)
	tab.enter()
	tab.shows("td.who", "<img src=x")
	tab.openTicket(ticket.Number)
	tab.shows(".messages", evil)
	tab.shows(".at-facts", "onerror")
	if js[bool](tab, "'ran' in window || document.querySelectorAll('#app img:not([src=\"icon.svg\"])').length > 0") {
		t.Error("words from outside became part of the page")
	}
}

// left lists the console's own words in the page that are not in its language:
// what people and computers wrote is in Chinese for the one run, in English for
// the other; technical names stand in code and kbd.
const left = `(() => {
	const out = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) {
		const e = n.parentElement;
		if (e.closest('code, kbd, [translate=no], #wordless, noscript, option') && !e.closest('#main option')) continue;
		out.push(n.textContent);
	}
	for (const e of document.querySelectorAll('[title],[aria-label],[placeholder],[alt]')) {
		if (e.closest('[translate=no]')) continue;
		for (const a of ['title', 'aria-label', 'placeholder', 'alt']) if (e.hasAttribute(a)) out.push(e.getAttribute(a));
	}
	return out;
})()`

// technical are names and units that both languages write alike.
var technical = strings.NewReplacer("PC-302-01", "", technician, "", "screen-1.png", "", "words.txt", "", "UOS", "", "dBFS", "", "GMT", "", "UTC", "")

func TestEachLanguageIsWhole(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			desk := startDesk(t)
			tab := openTab(t, desk.URL)
			tab.open("/")
			tab.speak(lang)
			check := func(where string) {
				t.Helper()
				for _, words := range js[[]string](tab, left) {
					words = technical.Replace(words)
					if foreign(lang, words) || rawKey(words) {
						t.Errorf("%s, %s: %q", lang, where, words)
					}
				}
			}
			check("sign-in")
			tab.signIn("wrong")
			tab.until("the refusal", "document.querySelector('#sign-in-error').textContent")
			check("sign-in, refused")
			tab.signIn(password)
			tab.do(chromedp.WaitVisible(chromedp.CSS(".empty")))
			check("empty queue")
			ticket := desk.ask(func(k *deskapi.Ticket) {
				k.Priority = report.P0
				if lang == "en" {
					k.Person, k.Words, k.Lang = deskapi.Person{Role: "teacher", Name: "Ann Lee", Room: "Room 302"}, "The picture froze", "en"
				}
			})
			if lang == "zh" {
				desk.examined(ticket.ID, 1, true)
				desk.examined(ticket.ID, 2, false)
				desk.file(ticket.ID, "words.txt", "text/plain", []byte("更多的话"))
			}
			desk.picture(ticket.ID, "screen-1.png")
			tab.do(chromedp.WaitVisible(chromedp.CSS(".lane.urgent tbody tr")))
			check("queue")
			tab.press("?")
			tab.do(chromedp.WaitVisible(chromedp.CSS("dialog")))
			check("keys")
			tab.press(kb.Escape)
			tab.openTicket(ticket.Number)
			tab.do(chromedp.WaitVisible(chromedp.CSS(".thumb")))
			check("ticket")
			tab.click("#take")
			tab.until("taken", "document.querySelector('.steps .assigned')")
			tab.click("#solve")
			tab.do(chromedp.WaitVisible(chromedp.CSS("#solve-confirm")))
			check("solve")
			tab.click("#solve-confirm")
			tab.do(chromedp.WaitVisible(chromedp.CSS(".toast")))
			check("solved")
			tab.visit("#/t/nothing")
			tab.do(chromedp.WaitVisible(chromedp.CSS(".empty")))
			check("no such ticket")
		})
	}
}

// foreign says whether words hold a word of the other language.
func foreign(lang, words string) bool {
	letters := 0
	for _, r := range words {
		switch {
		case lang == "en" && r >= 0x4e00 && r <= 0x9fff:
			return !strings.Contains(words, team) && words != "中文"
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			if letters++; lang == "zh" && letters >= 4 {
				return true
			}
		default:
			letters = 0
		}
	}
	return false
}

// rawKey says whether words are a key that has no words.
func rawKey(words string) bool {
	group, name, ok := strings.Cut(strings.TrimSpace(words), ".")
	return ok && group != "" && name != "" && strings.Trim(group+name, "abcdefghijklmnopqrstuvwxyz_.") == ""
}
