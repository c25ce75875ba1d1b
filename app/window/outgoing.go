package window

import (
	"fmt"
	"image"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// outgoing is the list of everything that will be sent, or was: readable,
// complete, as it leaves the computer.
type outgoing struct {
	w     *Window
	back  *button
	head  *prose
	list  *fyne.Container
	image *canvas.Image
	outer *fyne.Container
	box   *fyne.Container
	texts map[string]string // files whose text can be read, by name
	read  func(name, text string)
	sent  bool   // it has gone already
	shown string // what the list was made of
}

func newOutgoing(w *Window, back func()) *outgoing {
	o := &outgoing{w: w, head: newProse(lead, ink, 1).strong(), list: newColumn(0, 4), texts: map[string]string{}}
	o.back = newButton(plain, back)
	o.back.escape = back
	o.image = canvas.NewImageFromImage(nil)
	o.image.FillMode = canvas.ImageFillContain
	o.outer, _ = newScroll(newPadded(16, 12, o.list))
	top := newPadded(12, 8, newLine(12, o.head, o.back, o.head))
	o.box = newStack(newFill("background"), growColumn(0, 0, o.outer, top, newRule(), o.outer))
	return o
}

func (o *outgoing) picture(m image.Image) {
	o.image.Image = m
	o.image.Refresh()
}

func (o *outgoing) set(b *words.Book, out *snapshot.Outgoing) {
	o.back.say("‹ " + b.T("window.back"))
	o.head.say(b.T("out.title"))
	if o.sent {
		o.head.say(b.T("out.title.sent"))
	}
	key := b.Lang + fmt.Sprintf("%+v", out) + fmt.Sprint(len(o.texts))
	if out != nil && out.Report != nil {
		key += fmt.Sprintf("%+v", *out.Report)
	}
	if key == o.shown {
		return
	}
	o.shown = key
	o.list.Objects = nil
	if out == nil {
		o.para(b.T("out.wait"), soft)
	} else {
		for _, e := range out.List(b) {
			o.entry(b, e)
		}
	}
	o.outer.Refresh()
}

func (o *outgoing) heading(text string) {
	p := newProse(normal, brand, 0).strong()
	p.say(text)
	o.list.Add(newGap(4))
	o.list.Add(p)
}

func (o *outgoing) para(text string, c fyne.ThemeColorName) {
	p := newProse(normal, c, 0).byHand()
	p.say(text)
	o.list.Add(p)
}

// entry is a heading, or a name and what stands behind it.
func (o *outgoing) entry(b *words.Book, e snapshot.Entry) {
	if e.Heading != "" {
		o.heading(e.Heading)
		return
	}
	n, v := newProse(small, soft, 0).byHand(), newProse(small, ink, 0).byHand()
	n.say(e.Name)
	v.say(e.Value)
	if text, ok := o.texts[e.Name]; ok && o.read != nil {
		read := newButton(quiet, func() { o.read(e.Name, text) }).little()
		read.say(b.T("out.read") + " ›")
		read.escape = o.back.press
		n.middle()
		o.list.Add(container.New(&twoColumns{first: 150, gap: 10}, n, newLine(10, v, v, read)))
		return
	}
	o.list.Add(container.New(&twoColumns{first: 150, gap: 10}, n, v))
	if e.Image && o.image.Image != nil {
		o.list.Add(newFixed(320, 180, o.image))
	}
}

// clock is a time of day on this computer's own clock.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("15:04")
}

// twoColumns is a name of fixed width and what stands behind it.
type twoColumns struct{ first, gap float32 }

func (c *twoColumns) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return max(heightOf(o[0], c.first), heightOf(o[1], width-c.first-c.gap))
}

func (c *twoColumns) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(c.first+c.gap+80, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

func (c *twoColumns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(c.first, size.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width-c.first-c.gap, size.Height))
	o[1].Move(fyne.NewPos(c.first+c.gap, 0))
}
