package window

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// entry is a place to type in. It takes no more than max characters, however
// much is pasted: the rest stays in the clipboard, and full says so.
type entry struct {
	widget.Entry
	max     int
	full    func(bool) // the last key or paste did not fit
	typed   func(string)
	escape  func()
	enter   func() // in a one-line entry
	noticed func() // the keyboard has come here
}

func newEntry(rows, limit int) *entry {
	e := &entry{max: limit}
	e.ExtendBaseWidget(e)
	if rows > 1 {
		e.MultiLine = true
		e.Wrapping = fyne.TextWrapWord
		e.SetMinRowsVisible(rows)
	}
	e.OnChanged = func(s string) {
		if e.typed != nil {
			e.typed(s)
		}
	}
	return e
}

// put shows text as if it had always been there: nobody typed it.
func (e *entry) put(text string) {
	if e.Text == text {
		return
	}
	typed := e.typed
	e.typed = nil
	e.SetText(text)
	e.typed = typed
}

func (e *entry) hint(text string) {
	if e.PlaceHolder != text {
		e.SetPlaceHolder(text)
	}
}

func (e *entry) room() int {
	return e.max - utf8.RuneCountInString(e.Text) + utf8.RuneCountInString(e.SelectedText())
}

func (e *entry) tellFull(full bool) {
	if e.full != nil {
		e.full(full)
	}
}

func (e *entry) FocusGained() {
	e.Entry.FocusGained()
	if e.noticed != nil {
		e.noticed()
	}
}

func (e *entry) TypedRune(r rune) {
	if e.room() < 1 {
		e.tellFull(true)
		return
	}
	e.tellFull(false)
	e.Entry.TypedRune(r)
}

func (e *entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape && e.escape != nil:
		e.escape()
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && !e.MultiLine && e.enter != nil:
		e.enter()
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && e.room() < 1:
		e.tellFull(true)
	default:
		if k.Name == fyne.KeyBackspace || k.Name == fyne.KeyDelete {
			e.tellFull(false)
		}
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut lets a paste in only as far as there is room for it.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if p, ok := s.(*fyne.ShortcutPaste); ok {
		text, cut := head(p.Clipboard.Content(), e.room())
		e.tellFull(cut)
		if text == "" && cut {
			return
		}
		s = &fyne.ShortcutPaste{Clipboard: &clip{text}}
	}
	e.Entry.TypedShortcut(s)
}

// AcceptsTab is false: Tab goes to the next thing, also from here.
func (e *entry) AcceptsTab() bool { return false }

// head is the first n characters of s.
func head(s string, n int) (string, bool) {
	for i := range s {
		if n <= 0 {
			return s[:i], true
		}
		n--
	}
	return s, false
}

// clip is a clipboard that holds one text.
type clip struct{ text string }

func (c *clip) Content() string     { return c.text }
func (c *clip) SetContent(s string) { c.text = s }
