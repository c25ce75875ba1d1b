package window

import (
	"strings"

	"raisehand/app/snapshot"
	"raisehand/assets/words"

	"fyne.io/fyne/v2"
)

// notice is one sentence in a place of its own below what a window is about,
// until it has been read. It covers nothing: what scrolls above it gets shorter.
type notice struct {
	w     *Window
	text  *prose
	close *button
	box   *fyne.Container
	tray  bool // this window says where Raisehand is when there is no tray
	noted bool // the hint about the missing tray has been read
	code  string
}

// noTray is the code of the hint about the missing tray.
const noTray = "no_tray"

func newNotice(w *Window, tray bool, side float32) *notice {
	n := &notice{w: w, tray: tray, text: newProse(normal, ink, 0)}
	n.close = newButton(plain, n.read).little()
	n.close.escape = w.escape
	n.box = newPadded(side, 0, newStack(newEdged(), newPadded(12, 10, newLine(12, n.text, n.text, n.close))))
	n.box.Hide()
	return n
}

// newEdged is a card that stands out from what is around it.
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
		number := ""
		if strings.HasPrefix(n.code, "desk.") { // what does not arrive can be said by telephone
			number = call(b, s)
		}
		n.text.say(joined(b, says.Says, says.Do, number))
	case s.NoTray && n.tray && !n.noted:
		n.code = noTray
		n.text.say(b.T("window.no_tray"))
	default:
		show(n.box, false)
		return
	}
	show(n.box, true)
}

func (n *notice) read() {
	show(n.box, false)
	arrange(n.w.root)
	n.noted = n.noted || n.code == noTray
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
