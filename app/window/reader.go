package window

import (
	"strings"
	"unicode/utf8"

	"raisehand/assets/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// pageRunes and pageLines bound one page of a text: more at once would make the
// window slow, and nobody can read it anyway.
const pageRunes, pageLines = 6000, 80

// reader shows a text that would go with the request, page by page, the newest
// page first.
type reader struct {
	back, earlier, later *button
	head, place, body    *prose
	scroll               *container.Scroll
	pages                []string
	at                   int
	book                 *words.Book
	box                  *fyne.Container
}

func newReader(back func()) *reader {
	r := &reader{head: newProse(lead, ink, 1).strong(), place: newProse(small, soft, 1).middle(), body: newProse(small, ink, 0).byHand()}
	r.back = newButton(plain, back)
	r.earlier = newButton(quiet, func() { r.turn(-1) }).little()
	r.later = newButton(quiet, func() { r.turn(1) }).little()
	for _, b := range []*button{r.back, r.earlier, r.later} {
		b.escape = back
	}
	outer, scroll := newScroll(newPadded(16, 8, r.body))
	r.scroll = scroll
	top := newPadded(12, 8, newLine(12, r.head, r.back, r.head))
	foot := newPadded(12, 6, newLine(12, r.place, r.place, r.earlier, r.later))
	r.box = newStack(newFill("background"), growColumn(0, 0, outer, top, newRule(), outer, newRule(), foot))
	r.box.Hide()
	return r
}

// open shows a text from its end.
func (r *reader) open(b *words.Book, name, text string) {
	r.book, r.pages = b, paged(text)
	r.head.say(name)
	r.back.say("‹ " + b.T("window.back"))
	r.at = len(r.pages) - 1
	r.turn(0)
}

func (r *reader) turn(by int) {
	r.at = max(0, min(len(r.pages)-1, r.at+by))
	r.body.say(r.pages[r.at])
	r.place.say(r.book.T("out.page", "n", r.at+1, "all", len(r.pages)))
	r.earlier.say("‹ " + r.book.T("out.earlier"))
	r.later.say(r.book.T("out.later") + " ›")
	r.earlier.enable(r.at > 0)
	r.later.enable(r.at < len(r.pages)-1)
	arrange(r.box)
	r.scroll.ScrollToTop()
}

// paged cuts a text into pages, between lines where it can; there is always one.
func paged(text string) []string {
	var pages []string
	var page strings.Builder
	runes, lines := 0, 0
	flush := func() {
		if page.Len() > 0 {
			pages = append(pages, strings.TrimSuffix(page.String(), "\n"))
		}
		page.Reset()
		runes, lines = 0, 0
	}
	for l := range strings.Lines(text) {
		n := utf8.RuneCountInString(l)
		if lines >= pageLines || runes > 0 && runes+n > pageRunes {
			flush()
		}
		for n > pageRunes {
			cut := []rune(l)
			page.WriteString(string(cut[:pageRunes]))
			flush()
			l = string(cut[pageRunes:])
			n -= pageRunes
		}
		page.WriteString(strings.ReplaceAll(l, "\t", "    "))
		runes, lines = runes+n, lines+1
	}
	flush()
	if len(pages) == 0 {
		pages = []string{""}
	}
	return pages
}
