package window

import (
	"image/color"

	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// choice is one large answer to "how bad is it": a shape, a sentence, and how
// soon somebody answers.
type choice struct {
	pressable
	of       report.Priority
	selected bool
	title    *prose
	sub      *prose
	mark     *urgency
	back     *fill
	radio    *radio
	box      *fyne.Container
}

func newChoice(of report.Priority, press func()) *choice {
	c := &choice{of: of, title: newProse(normal, ink, 1).strong(), sub: newProse(small, soft, 1), mark: newUrgency(of), back: newCard(), radio: newRadio()}
	words := newColumn(0, 0, c.title, c.sub)
	c.box = newStack(c.back, newPadded(8, 8, newLine(6, words, c.radio, words, c.mark)))
	c.press = press
	c.ExtendBaseWidget(c)
	return c
}

// newOption is a choice without an urgency.
func newOption(press func()) *choice {
	c := newChoice("", press)
	c.mark.Hide()
	c.sub.Hide()
	return c
}

func (c *choice) say(title, sub string) { c.title.say(title); c.sub.say(sub) }

func (c *choice) pick(selected bool) {
	if c.selected != selected {
		c.selected = selected
		c.Refresh()
	}
}

func (c *choice) inside() fyne.CanvasObject { return c.box }

func (c *choice) AccessibilityLabel() string { return c.title.text + ", " + c.sub.text }

func (c *choice) CreateRenderer() fyne.WidgetRenderer { return &choiceRenderer{c} }

type choiceRenderer struct{ c *choice }

func (r *choiceRenderer) Layout(size fyne.Size)        { r.c.box.Resize(size); r.paint() }
func (r *choiceRenderer) MinSize() fyne.Size           { return r.c.box.MinSize() }
func (r *choiceRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.c.box} }
func (r *choiceRenderer) Destroy()                     {}
func (r *choiceRenderer) Refresh()                     { r.paint(); canvas.Refresh(r.c) }

func (r *choiceRenderer) paint() {
	c := r.c
	border, stroke, face := edge, float32(1), surface
	if c.hovered {
		face = "hover"
	}
	if c.selected {
		border, stroke = brand, 2
		if c.of != "" {
			border = priorityColor(c.of)
		}
	}
	if c.focused {
		border, stroke = ink, 3
	}
	c.back.set(face, border, stroke)
	c.radio.show(c.selected)
	c.title.tint(ink)
	if c.off && !c.selected {
		c.title.tint(soft)
	}
}

// radio is a ring, filled when chosen.
type radio struct {
	widget.BaseWidget
	on bool
}

func newRadio() *radio {
	r := &radio{}
	r.ExtendBaseWidget(r)
	return r
}

func (r *radio) show(on bool) {
	if r.on != on {
		r.on = on
		r.Refresh()
	}
}

func (r *radio) CreateRenderer() fyne.WidgetRenderer { return &radioRenderer{r: r} }

type radioRenderer struct {
	drawn
	r     *radio
	parts []fyne.CanvasObject
}

func (r *radioRenderer) MinSize() fyne.Size           { return fyne.NewSize(20, 20) }
func (r *radioRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *radioRenderer) Destroy()                     {}
func (r *radioRenderer) Refresh()                     { r.again(r.r.Size(), r.draw); canvas.Refresh(r.r) }
func (r *radioRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *radioRenderer) draw(size fyne.Size) {
	p := pen{x: (size.Width - 20) / 2, y: (size.Height - 20) / 2}
	if r.r.on {
		p.disc(brand, 10, 10, 9)
		p.disc(surface, 10, 10, 7)
		p.disc(brand, 10, 10, 4.5)
	} else {
		p.disc("inputBorder", 10, 10, 9)
		p.disc(surface, 10, 10, 7.5)
	}
	r.parts = p.parts
}

// tick is a box with words that can be ticked.
type tick struct {
	pressable
	on   bool
	text *prose
	flat bool // its words are short: one line is enough
}

func newTick(changed func(bool)) *tick {
	t := &tick{text: newProse(normal, ink, 2)}
	t.press = func() {
		t.on = !t.on
		t.Refresh()
		changed(t.on)
	}
	t.ExtendBaseWidget(t)
	return t
}

func (t *tick) set(on bool) {
	if t.on != on {
		t.on = on
		t.Refresh()
	}
}

func (t *tick) AccessibilityLabel() string { return t.text.text }
func (t *tick) CreateRenderer() fyne.WidgetRenderer {
	return &tickRenderer{t: t, box: canvas.NewRectangle(color.Transparent)}
}

type tickRenderer struct {
	drawn
	t     *tick
	box   *canvas.Rectangle
	parts []fyne.CanvasObject
}

func (r *tickRenderer) MinSize() fyne.Size {
	if r.t.flat {
		return fyne.NewSize(150, r.t.text.lineHeight()+4)
	}
	return fyne.NewSize(120, r.t.text.lineHeight()*2)
}
func (r *tickRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *tickRenderer) Destroy()                     {}
func (r *tickRenderer) Refresh()                     { r.again(r.t.Size(), r.draw); canvas.Refresh(r.t) }
func (r *tickRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *tickRenderer) draw(size fyne.Size) {
	t := r.t
	rows, _ := wrap(t.text.shown, size.Width-28, t.text.width, 2)
	high := float32(len(rows)) * t.text.lineHeight()
	t.text.Resize(fyne.NewSize(size.Width-28, size.Height))
	t.text.Move(fyne.NewPos(28, (size.Height-high)/2))
	t.text.tint(ink)
	if t.off {
		t.text.tint(soft)
	}
	p := pen{x: 0, y: (size.Height - 20) / 2}
	r.box.Resize(fyne.NewSize(18, 18))
	r.box.Move(fyne.NewPos(1, p.y+1))
	r.box.CornerRadius, r.box.StrokeWidth = 4, 1.5
	r.box.FillColor, r.box.StrokeColor = paint(surface), paint("inputBorder")
	if t.on {
		r.box.FillColor, r.box.StrokeColor = paint(brand), paint(brand)
		p.stroke(onBrand, 2.4, 5, 10.5, 8.6, 14, 15, 6.5)
	}
	if t.focused {
		r.box.StrokeColor, r.box.StrokeWidth = paint(ink), 3
	}
	r.parts = append([]fyne.CanvasObject{r.box, t.text}, p.parts...)
}
