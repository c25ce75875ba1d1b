package window

import (
	"raisehand/app/snapshot"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// picker shows the device that is tested; pressing it offers the others.
type picker struct {
	pressable
	devices []snapshot.Device
	chosen  string // its ID
	text    *prose
	back    *fill
	mark    *chevron
	box     *fyne.Container
	picked  func(id string)
}

// maxPicked is how much of a device's name stands in the list, in characters.
const maxPicked = 56

func newPicker(picked func(id string)) *picker {
	p := &picker{text: newProse(small, ink, 1).byHand().middle(), back: newCard(), mark: newChevron(), picked: picked}
	p.box = newStack(p.back, newPadded(10, 4, newLine(6, p.text, p.text, p.mark)))
	p.press = p.open
	p.off = true
	p.ExtendBaseWidget(p)
	return p
}

// set shows what there is and what is chosen; none stands there when there is
// nothing.
func (p *picker) set(t snapshot.Tool, none string) {
	p.devices = t.Devices
	d, ok := t.Chosen()
	switch {
	case !ok && t.Result != nil && t.Result.Params["device"] != nil: // what the check chose by itself
		d.Name, _ = t.Result.Params["device"].(string)
	case !ok:
		d.Name = none
	}
	p.chosen = d.ID
	p.text.say(d.Name)
	p.enable(len(t.Devices) > 0)
	show(p.mark, len(t.Devices) > 1)
}

func (p *picker) open() {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, d := range p.devices {
		name, cut := head(d.Name, maxPicked)
		if cut {
			name += "…"
		}
		item := fyne.NewMenuItem(name, func() { p.picked(d.ID) })
		item.Checked = d.ID == p.chosen
		items = append(items, item)
	}
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
	m.ShowAtPosition(fyne.NewPos(max(0, min(at.X, c.Size().Width-m.MinSize().Width-8)), at.Y+p.Size().Height))
}

func (p *picker) inside() fyne.CanvasObject           { return p.box }
func (p *picker) AccessibilityLabel() string          { return p.text.text }
func (p *picker) CreateRenderer() fyne.WidgetRenderer { return &pickerRenderer{p} }

type pickerRenderer struct{ p *picker }

func (r *pickerRenderer) Layout(size fyne.Size)        { r.p.box.Resize(size); r.paint() }
func (r *pickerRenderer) MinSize() fyne.Size           { return fyne.NewSize(80, 28) }
func (r *pickerRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.p.box} }
func (r *pickerRenderer) Destroy()                     {}
func (r *pickerRenderer) Refresh()                     { r.paint(); canvas.Refresh(r.p) }

func (r *pickerRenderer) paint() {
	face, border, stroke := surface, fyne.ThemeColorName("inputBorder"), float32(1)
	if r.p.off {
		border = edge
	}
	if r.p.hovered && !r.p.off {
		face = "hover"
	}
	if r.p.focused {
		border, stroke = ink, 2
	}
	r.p.back.set(face, border, stroke)
}

// chevron says that there is more below.
type chevron struct{ widget.BaseWidget }

func newChevron() *chevron {
	c := &chevron{}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chevron) CreateRenderer() fyne.WidgetRenderer { return &chevronRenderer{c: c} }

type chevronRenderer struct {
	drawn
	c     *chevron
	parts []fyne.CanvasObject
}

func (r *chevronRenderer) MinSize() fyne.Size           { return fyne.NewSize(20, 20) }
func (r *chevronRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *chevronRenderer) Destroy()                     {}
func (r *chevronRenderer) Refresh()                     { r.again(r.c.Size(), r.draw); canvas.Refresh(r.c) }
func (r *chevronRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *chevronRenderer) draw(size fyne.Size) {
	p := pen{x: (size.Width - 20) / 2, y: (size.Height - 20) / 2}
	p.stroke(soft, 2, 5, 8, 10, 13, 15, 8)
	r.parts = p.parts
}
