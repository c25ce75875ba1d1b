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
	bars int
	lit  int
}

func newMeter() *meter { return meterOf(meterBars) }

// newWideMeter is for a person who looks at nothing else.
func newWideMeter() *meter { return meterOf(36) }

func meterOf(bars int) *meter {
	m := &meter{bars: bars}
	m.ExtendBaseWidget(m)
	return m
}

// hear shows a level in dBFS.
func (m *meter) hear(dbfs float64) {
	lit := int((dbfs-meterFloor)/-meterFloor*float64(m.bars) + 0.5)
	lit = max(0, min(m.bars, lit))
	if lit != m.lit {
		m.lit = lit
		m.Refresh()
	}
}

func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{m: m}
	for range m.bars {
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

func (r *meterRenderer) MinSize() fyne.Size           { return fyne.NewSize(6*float32(r.m.bars)-2, 20) }
func (r *meterRenderer) Objects() []fyne.CanvasObject { return r.bars }
func (r *meterRenderer) Destroy()                     {}
func (r *meterRenderer) Refresh()                     { r.again(r.m.Size(), r.draw); canvas.Refresh(r.m) }
func (r *meterRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *meterRenderer) draw(size fyne.Size) {
	for i, o := range r.bars {
		b := o.(*canvas.Rectangle)
		h := 6 + 14*float32(i)/float32(r.m.bars-1)
		if i >= r.m.lit { // the shape says it too, not only the colour
			h = 3
		}
		b.Resize(fyne.NewSize(4, h))
		b.Move(fyne.NewPos(6*float32(i), (size.Height+20)/2-h))
		b.FillColor = paint(edge)
		if i < r.m.lit {
			b.FillColor = paint(fine)
			if i >= r.m.bars-r.m.bars/6 {
				b.FillColor = paint(careful)
			}
		}
	}
}
