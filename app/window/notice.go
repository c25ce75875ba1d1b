package window

import (
	"raisehand/app/snapshot"
	"raisehand/assets/words"

	"fyne.io/fyne/v2"
)

// notice is one sentence over the top of a window (the bottom, where a window
// has nothing to press there), until it has been read. It pushes nothing aside.
type notice struct {
	w     *Window
	text  *prose
	close *button
	box   *fyne.Container
	noted bool // the hint about the missing tray has been read
	code  string
}

func newNotice(w *Window, bottom bool) *notice {
	n := &notice{w: w, text: newProse(normal, ink, 0)}
	n.close = newButton(plain, n.read).little()
	n.close.escape = w.escape
	card := newStack(newEdged(), newPadded(12, 10, newLine(12, n.text, n.text, n.close)))
	n.box = newColumn(8, 0, card)
	if bottom {
		above := newGap(0)
		n.box = growColumn(8, 0, above, above, card)
	}
	n.box.Hide()
	return n
}

// newEdged is a card that stands out from what it covers.
func newEdged() *fill {
	f := newCard()
	f.border, f.stroke = brand, 2
	return f
}

func (n *notice) set(b *words.Book, s snapshot.Snapshot) {
	n.close.say(b.T("window.ok"))
	switch {
	case s.Notice != nil:
		n.code = s.Notice.Code
		says := b.Of(s.Notice.Code, s.Notice.Params)
		n.text.say(joined(b, says.Says, says.Do))
	case s.NoTray && !n.noted:
		n.code = ""
		n.text.say(b.T("window.no_tray"))
	default:
		show(n.box, false)
		return
	}
	show(n.box, true)
}

func (n *notice) read() {
	show(n.box, false)
	if n.code == "" {
		n.noted = true
		return
	}
	n.w.do(snapshot.Verb{Do: snapshot.NoticeClosed, Text: n.code})
}

// joined puts sentences one after the other as the language does.
func joined(b *words.Book, sentences ...string) string {
	out := ""
	for _, s := range sentences {
		if s == "" {
			continue
		}
		if out != "" && b.Lang != "zh" {
			out += " "
		}
		out += s
	}
	return out
}
