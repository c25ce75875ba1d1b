//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// desk is a technician at the console.
type console struct {
	l   *lab
	ctx context.Context
}

// signIn opens the console in Chromium and signs in.
func (l *lab) signIn() *console {
	l.t.Helper()
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(l.path("browser")),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", map[string]string{"zh": "zh-CN", "en": "en-GB"}[l.lang]))...)
	ctx, end := chromedp.NewContext(allocator)
	l.t.Cleanup(func() { end(); cancel() })
	c := &console{l, ctx}
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context, not as the first step's
		l.t.Fatalf("start the browser: %v (install chromium)", err)
	}
	c.do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(l.deskURL+"/"))
	c.click("[data-lang=" + l.lang + "]")
	c.until("the language", fmt.Sprintf("document.querySelector('[data-lang=%s]').ariaPressed === 'true'", l.lang))
	c.write("#sign-in-name", technician)
	c.write("#sign-in-password", password)
	c.click("#sign-in-button")
	c.do(chromedp.WaitVisible(chromedp.CSS("#search")))
	return c
}

func (c *console) do(steps ...chromedp.Action[chromedp.Void]) {
	c.l.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		c.picture("failed-console")
		c.l.t.Fatalf("in the console: %v", err)
	}
}

func (c *console) click(selector string) {
	c.l.t.Helper()
	c.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// open opens a ticket's page by its line in the queue.
func (c *console) open(number int64) {
	c.l.t.Helper()
	row := fmt.Sprintf("tr[data-number='%d']", number)
	c.shows(row, fmt.Sprint(number))
	c.click(row + " a")
}

func (c *console) write(selector, words string) {
	c.l.t.Helper()
	c.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), words))
}

// shows waits until words stand in the element.
func (c *console) shows(selector, words string) {
	c.l.t.Helper()
	s, _ := json.Marshal(selector)
	w, _ := json.Marshal(words)
	c.until(fmt.Sprintf("%q in the console's %s", words, selector),
		fmt.Sprintf("[...document.querySelectorAll(%s)].some((e) => e.checkVisibility() && e.textContent.includes(%s))", s, w))
}

// until waits until an expression is true in the page.
func (c *console) until(what, expression string) {
	c.l.t.Helper()
	c.l.until(what, func() bool {
		ctx, cancel := context.WithTimeout(c.ctx, patience)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		return err == nil && ok
	})
}

func (c *console) picture(name string) {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(picturesTo(c.l.t), name+"-"+c.l.lang+".png"), png, 0o644)
	}
	if err != nil {
		c.l.t.Logf("picture of the console: %v", err)
	}
}

var _ testing.TB
