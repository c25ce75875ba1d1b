package window

import (
	"fmt"
	"math"
	"time"

	"raisehand/assets/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// face is what the ring shows.
type face string

const (
	counting face = "counting" // time runs
	overdue  face = "overdue"  // it has run out: an exclamation mark
	met      face = "met"      // answered: a tick
	still    face = "still"    // no deadline, or the clock is paused: two bars
	offline  face = "offline"  // still on this computer: a broken ring
)

const ringSize = 76

// ring is the time until the answer is due, as a part of a circle.
type ring struct {
	widget.BaseWidget
	face face
	part float32 // what is left of the whole time
}

func newRing() *ring {
	r := &ring{face: still}
	r.ExtendBaseWidget(r)
	return r
}

func (r *ring) show(f face, part float32) {
	part = float32(math.Round(float64(max(0, min(1, part)))*720) / 720)
	if r.face != f || r.part != part {
		r.face, r.part = f, part
		r.Refresh()
	}
}

func (r *ring) CreateRenderer() fyne.WidgetRenderer { return &ringRenderer{r: r} }

type ringRenderer struct {
	drawn
	r     *ring
	parts []fyne.CanvasObject
}

func (r *ringRenderer) MinSize() fyne.Size           { return fyne.NewSize(ringSize, ringSize) }
func (r *ringRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *ringRenderer) Destroy()                     {}
func (r *ringRenderer) Refresh()                     { r.again(r.r.Size(), r.draw); canvas.Refresh(r.r) }

func (r *ringRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *ringRenderer) draw(size fyne.Size) {
	r.parts = nil
	p := pen{x: (size.Width - ringSize) / 2, y: (size.Height - ringSize) / 2}
	const c = ringSize / 2
	switch r.r.face {
	case counting:
		r.arc(size, 0, 360, edge)
		color := brand
		if r.r.part < 0.2 {
			color = careful
		}
		r.arc(size, 360*(1-r.r.part), 360, color)
		a := 2 * math.Pi * float64(1-r.r.part)
		p.stroke(color, 3, c, c, c+20*float32(math.Sin(a)), c-20*float32(math.Cos(a)))
		p.disc(color, c, c, 4)
	case overdue:
		r.arc(size, 0, 360, stop)
		p.stroke(stop, 6, c, c-17, c, c+6)
		p.disc(stop, c, c+16, 4)
	case met:
		r.arc(size, 0, 360, fine)
		p.stroke(fine, 6, c-15, c+1, c-4, c+13, c+16, c-11)
	case offline:
		for i := range 4 {
			r.arc(size, float32(i)*90+12, float32(i)*90+78, careful)
		}
		p.stroke(careful, 5, c-14, c, c+14, c)
	default:
		r.arc(size, 0, 360, edge)
		p.stroke(soft, 5, c-7, c-11, c-7, c+11)
		p.stroke(soft, 5, c+7, c-11, c+7, c+11)
	}
	r.parts = append(r.parts, p.parts...)
}

func (r *ringRenderer) arc(size fyne.Size, from, to float32, color fyne.ThemeColorName) {
	if to-from < 0.5 {
		return
	}
	a := canvas.NewArc(from, to, 0.82, paint(color))
	a.Resize(fyne.NewSize(ringSize, ringSize))
	a.Move(fyne.NewPos((size.Width-ringSize)/2, (size.Height-ringSize)/2))
	r.parts = append(r.parts, a)
}

// digits says how long: 24:10, 1:59:12, 2 days 23 h. Time over the deadline
// counts up.
func digits(b *words.Book, left time.Duration) string {
	sign := ""
	if left < 0 {
		left, sign = -left, "+"
	} else {
		left += time.Second - time.Nanosecond // 0:00 only when there is nothing left
	}
	s := int(left / time.Second)
	switch {
	case s >= 48*3600:
		return b.T("ticket.days", "days", sign+fmt.Sprint(s/86400), "hours", s/3600%24)
	case s >= 3600:
		return fmt.Sprintf("%s%d:%02d:%02d", sign, s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%s%d:%02d", sign, s/60, s%60)
}
