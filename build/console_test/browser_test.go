package consoletest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// scratch is a folder for the whole run.
var scratch string

// chromium is the one browser; each test has a profile of its own in it.
var chromium context.Context

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "console")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	scratch = dir
	if browserPath() != "" {
		allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(browserPath()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(dir, "profile")),
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
		defer cancel()
		browser, end := chromedp.NewContext(allocator)
		defer end()
		if err := chromedp.Do(browser); err != nil {
			fmt.Fprintln(os.Stderr, "start the browser:", err)
			return 1
		}
		chromium = browser
	}
	return m.Run()
}

func browserPath() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Tab is a technician's browser tab. It fails the test when the page breaks its
// own rules: an exception, an error in the log, a breach of the policy.
type Tab struct {
	t   *testing.T
	ctx context.Context
	url string

	mu       sync.Mutex
	breaches []string
}

func openTab(t *testing.T, url string) *Tab {
	t.Helper()
	if chromium == nil {
		t.Skip("no Chromium here: install chromium to try the console")
	}
	tab := &Tab{t: t, url: url}
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.hear))
	tab.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // without a time limit: the tab lives as long as this call's context
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tab.mu.Lock()
		for _, b := range tab.breaches {
			t.Error("the page complained:", b)
		}
		tab.mu.Unlock()
		cancel()
	})
	tab.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, log.Enable, cdp.Empty{})
		return err
	}), chromedp.EmulateViewport(1280, 800))
	return tab
}

func (tab *Tab) hear(event any) {
	breach := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		breach = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			breach += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			breach = fmt.Sprintf("console.error %v", e.StackTrace)
			for _, a := range e.Args {
				breach += " " + string(a.Value) + a.Description
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Source != "network" { // a refused sign-in is one of those
			breach = fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text)
		}
	}
	if breach != "" {
		tab.mu.Lock()
		tab.breaches = append(tab.breaches, breach)
		tab.mu.Unlock()
	}
}

func (tab *Tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.picture("failed-" + filepath.Base(tab.t.Name()))
		tab.t.Fatalf("%v\npage: %s", err, tab.see())
	}
}

// js evaluates an expression, a promise to its end.
func js[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	v, err := evaluate[T](tab, expression)
	if err != nil {
		tab.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func evaluate[T any](tab *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, 40*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// until waits in the page until the expression is true.
func (tab *Tab) until(what, expression string) {
	tab.t.Helper()
	ok := js[bool](tab, `new Promise((done) => {
		const end = performance.now() + 25000;
		const look = () => {
			let is = false;
			try { is = Boolean(`+expression+`); } catch { /* not yet there */ }
			if (is || performance.now() > end) done(is); else setTimeout(look, 20);
		};
		look();
	})`)
	if !ok {
		tab.picture("failed-" + filepath.Base(tab.t.Name()))
		tab.t.Fatalf("waited in vain for %s\npage: %s", what, tab.see())
	}
}

// see is what stands on the page.
func (tab *Tab) see() string {
	text, err := evaluate[string](tab, "document.title + '\\n' + document.body.innerText")
	if err != nil {
		return err.Error()
	}
	return text
}

// text is the text of the first element that fits.
func (tab *Tab) text(selector string) string {
	tab.t.Helper()
	return js[string](tab, fmt.Sprintf("(document.querySelector(%s) || {textContent: ''}).textContent", quoted(selector)))
}

func (tab *Tab) shows(selector, words string) {
	tab.t.Helper()
	tab.until(fmt.Sprintf("%q in %s", words, selector),
		fmt.Sprintf("[...document.querySelectorAll(%s)].some((e) => e.checkVisibility() && e.textContent.includes(%s))", quoted(selector), quoted(words)))
}

func (tab *Tab) click(selector string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, 30*time.Second)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
	for tries := 0; err != nil && strings.Contains(err.Error(), "Could not find node") && tries < 5; tries++ {
		err = chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))) // it was drawn anew between looking and clicking
	}
	if err != nil {
		tab.t.Fatalf("click %s: %v\npage: %s", selector, err, tab.see())
	}
}

func (tab *Tab) write(selector, words string) {
	tab.t.Helper()
	tab.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), words))
}

// press strikes keys as a keyboard does: down first, and the character only if
// the page has not taken the key for itself.
func (tab *Tab) press(keys string, options ...chromedp.KeyOption) {
	tab.t.Helper()
	raw := func(k *input.DispatchKeyEventParams) {
		if k.Type == kb.KeyDown {
			k.Type = "rawKeyDown"
		}
	}
	tab.do(chromedp.KeyEvent(keys, append(options, raw)...))
}

func (tab *Tab) open(address string) {
	tab.t.Helper()
	tab.do(chromedp.Navigate(tab.url+address), chromedp.WaitVisible(chromedp.CSS("#main")))
}

// visit changes the address without loading the page anew.
func (tab *Tab) visit(hash string) {
	tab.t.Helper()
	js[any](tab, "void (location.hash = "+quoted(hash)+")")
}

// speak chooses the language.
func (tab *Tab) speak(lang string) {
	tab.t.Helper()
	tab.click(fmt.Sprintf("[data-lang=%s]", lang))
	tab.until("the language "+lang, fmt.Sprintf("document.querySelector('[data-lang=%s]').ariaPressed === 'true'", lang))
}

// enter signs in, in Chinese.
func (tab *Tab) enter() {
	tab.t.Helper()
	tab.open("/")
	tab.speak("zh")
	tab.signIn(password)
	tab.do(chromedp.WaitVisible(chromedp.CSS("#search")))
	tab.until("the queue", "document.querySelector('.head .count').textContent.match(/\\d/)")
	tab.until("the stream", "performance.getEntriesByType('resource').some((r) => r.name.endsWith('/v1/desk/tickets?state=open&q='))")
}

func (tab *Tab) signIn(with string) {
	tab.t.Helper()
	js[any](tab, "void (document.querySelector('#sign-in-name').value = '')")
	tab.write("#sign-in-name", technician)
	tab.write("#sign-in-password", with)
	tab.click("#sign-in-button")
}

// openTicket opens a ticket's page by its line in the queue.
func (tab *Tab) openTicket(number int64) {
	tab.t.Helper()
	tab.click(fmt.Sprintf("tr[data-number='%d'] a.subject", number))
	tab.do(chromedp.WaitVisible(chromedp.CSS("#reply")))
}

func (tab *Tab) size(width, height int64) {
	tab.t.Helper()
	tab.do(chromedp.EmulateViewport(width, height))
}

// scheme is "light" or "dark".
func (tab *Tab) scheme(name string) {
	tab.t.Helper()
	tab.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	}))
}

// before runs a script in every page before its own.
func (tab *Tab) before(script string) {
	tab.t.Helper()
	tab.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// forget throws away the browser's cookies: the session is over.
func (tab *Tab) forget() {
	tab.t.Helper()
	tab.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// picture keeps what the page looks like.
func (tab *Tab) picture(name string) {
	dir := os.Getenv("RAISEHAND_PICTURES")
	if dir == "" {
		dir = scratch
	}
	ctx, cancel := context.WithTimeout(tab.ctx, 20*time.Second)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "console-"+strings.ToLower(name)+".png"), data, 0o644)
	}
	if err != nil {
		tab.t.Logf("picture %s: %v", name, err)
	}
}

func quoted(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}
