package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// pressable is what answers a click, Enter and Space, and shows where the
// keyboard stands.
type pressable struct {
	widget.BaseWidget
	press   func()
	escape  func()
	noticed func() // the keyboard has come here
	focused bool
	hovered bool
	off     bool
}

func (p *pressable) Tapped(*fyne.PointEvent) {
	if !p.off && p.press != nil {
		p.press()
	}
}

func (p *pressable) TypedRune(rune) {}

func (p *pressable) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.Tapped(nil)
	case fyne.KeyEscape:
		if p.escape != nil {
			p.escape()
		}
	}
}

func (p *pressable) FocusGained() {
	p.focused = true
	p.Refresh()
	if p.noticed != nil {
		p.noticed()
	}
}

func (p *pressable) FocusLost()                             { p.focused = false; p.Refresh() }
func (p *pressable) MouseIn(*desktop.MouseEvent)            { p.hovered = true; p.Refresh() }
func (p *pressable) MouseMoved(*desktop.MouseEvent)         {}
func (p *pressable) MouseOut()                              { p.hovered = false; p.Refresh() }
func (p *pressable) Cursor() desktop.Cursor                 { return desktop.PointerCursor }
func (p *pressable) Disabled() bool                         { return p.off }
func (p *pressable) Enable()                                { p.enable(true) }
func (p *pressable) Disable()                               { p.enable(false) }
func (p *pressable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (p *pressable) enable(on bool) {
	if p.off == on {
		p.off = !on
		p.Refresh()
	}
}

// kind is how much a button asks for attention.
type kind int

const (
	plain  kind = iota // an outlined button
	accent             // the one a window is about
	quiet              // words that can be pressed
)

// button is words to press.
type button struct {
	pressable
	kind  kind
	text  string
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName // of a quiet or plain button's words
	thin  bool                // in a line with words
	may   []string            // what it may say later: it has room for each from the start
}

func newButton(k kind, press func()) *button {
	b := &button{kind: k, size: normal, color: ink}
	if k == quiet {
		b.color = brand
	}
	b.press = press
	b.ExtendBaseWidget(b)
	return b
}

func (b *button) flat() *button   { b.thin = true; return b }
func (b *button) little() *button { b.size = small; return b }

func (b *button) say(text string) {
	if b.text != text {
		b.text = text
		b.Refresh()
	}
}

func (b *button) AccessibilityLabel() string { return b.text }

func (b *button) CreateRenderer() fyne.WidgetRenderer {
	return &buttonRenderer{b: b, back: canvas.NewRectangle(color.Transparent), text: canvas.NewText("", nil)}
}

type buttonRenderer struct {
	drawn
	b    *button
	back *canvas.Rectangle
	text *canvas.Text
}

func (r *buttonRenderer) MinSize() fyne.Size {
	m := measure(typeset(r.b.text), r.b.size, true)
	for _, text := range r.b.may {
		m = m.Max(measure(typeset(text), r.b.size, true))
	}
	x, y := float32(14), float32(8)
	if r.b.size == small {
		x, y = 8, 5
	}
	if r.b.kind == quiet {
		x = 6
	}
	if r.b.thin {
		y = 3
	}
	return fyne.NewSize(m.Width+2*x, m.Height+2*y)
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.text} }
func (r *buttonRenderer) Destroy()                     {}
func (r *buttonRenderer) Refresh()                     { r.again(r.b.Size(), r.draw); canvas.Refresh(r.b) }

func (r *buttonRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *buttonRenderer) draw(size fyne.Size) {
	b := r.b
	r.back.Resize(size)
	high := measure("国", b.size, true).Height
	r.text.Resize(fyne.NewSize(size.Width, high))
	r.text.Move(fyne.NewPos(0, (size.Height-high)/2))
	r.text.Text, r.text.TextSize, r.text.TextStyle = typeset(b.text), textSize(b.size), fyne.TextStyle{Bold: true}
	r.text.Alignment = fyne.TextAlignCenter
	r.back.CornerRadius = radius
	face, word, border, stroke := surface, b.color, edge, float32(1)
	switch b.kind {
	case accent:
		face, word, border = brand, onBrand, brand
	case quiet:
		face, border = none, none
	}
	if b.hovered && !b.off {
		if b.kind == accent {
			border, stroke = ink, 1
		} else {
			face = "hover"
		}
	}
	if b.focused {
		border, stroke = ink, 2
	}
	if b.off {
		word = soft
		if b.kind == accent {
			face, border = edge, edge
			word = ink
		}
	}
	r.back.FillColor, r.back.StrokeColor, r.back.StrokeWidth = paint(face), paint(border), stroke
	r.text.Color = paint(word)
	r.back.Refresh()
	r.text.Refresh()
}

// again is an arrow that goes round: the same test once more.
type again struct {
	pressable
	text string // what it does, for a screen reader
}

func newAgain(press func()) *again {
	a := &again{}
	a.press = press
	a.ExtendBaseWidget(a)
	return a
}

func (a *again) say(text string)            { a.text = text }
func (a *again) AccessibilityLabel() string { return a.text }
func (a *again) CreateRenderer() fyne.WidgetRenderer {
	return &againRenderer{a: a, back: canvas.NewRectangle(color.Transparent)}
}

type againRenderer struct {
	drawn
	a     *again
	back  *canvas.Rectangle
	parts []fyne.CanvasObject
}

func (r *againRenderer) MinSize() fyne.Size { return fyne.NewSize(30, 23) }
func (r *againRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.back}, r.parts...)
}
func (r *againRenderer) Destroy()              {}
func (r *againRenderer) Refresh()              { r.again(r.a.Size(), r.draw); canvas.Refresh(r.a) }
func (r *againRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *againRenderer) draw(size fyne.Size) {
	face, border, stroke := surface, edge, float32(1)
	if r.a.hovered {
		face = "hover"
	}
	if r.a.focused {
		border, stroke = ink, 2
	}
	r.back.Resize(size)
	r.back.CornerRadius = radius
	r.back.FillColor, r.back.StrokeColor, r.back.StrokeWidth = paint(face), paint(border), stroke
	r.back.Refresh()
	p := pen{x: (size.Width - 20) / 2, y: (size.Height - 20) / 2}
	p.round(ink, 1.8, 10, 10, 5.5)
	r.parts = p.parts
}
