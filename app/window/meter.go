package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

const (
	meterBars  = 12
	meterFloor = -60 // dBFS; below it the microphone hears nothing worth showing
)

// meter shows what the microphone hears just now: the louder, the more bars.
type meter struct {
	widget.BaseWidget
	lit int
}

func newMeter() *meter {
	m := &meter{}
	m.ExtendBaseWidget(m)
	return m
}

// hear shows a level in dBFS.
func (m *meter) hear(dbfs float64) {
	lit := int((dbfs-meterFloor)/-meterFloor*meterBars + 0.5)
	lit = max(0, min(meterBars, lit))
	if lit != m.lit {
		m.lit = lit
		m.Refresh()
	}
}

func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{m: m}
	for range meterBars {
		b := canvas.NewRectangle(color.Transparent)
		b.CornerRadius = 1
		r.bars = append(r.bars, b)
	}
	return r
}

type meterRenderer struct {
	drawn
	m    *meter
	bars []fyne.CanvasObject
}

func (r *meterRenderer) MinSize() fyne.Size           { return fyne.NewSize(6*meterBars-2, 20) }
func (r *meterRenderer) Objects() []fyne.CanvasObject { return r.bars }
func (r *meterRenderer) Destroy()                     {}
func (r *meterRenderer) Refresh()                     { r.again(r.m.Size(), r.draw); canvas.Refresh(r.m) }
func (r *meterRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *meterRenderer) draw(size fyne.Size) {
	for i, o := range r.bars {
		b := o.(*canvas.Rectangle)
		h := 6 + 14*float32(i)/(meterBars-1)
		b.Resize(fyne.NewSize(4, h))
		b.Move(fyne.NewPos(6*float32(i), (size.Height+20)/2-h))
		b.FillColor = paint(edge)
		if i < r.m.lit {
			b.FillColor = paint(fine)
			if i >= meterBars-2 {
				b.FillColor = paint(careful)
			}
		}
	}
}
