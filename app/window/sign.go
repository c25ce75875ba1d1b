package window

import (
	"math"

	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// A sign is a verdict as a shape, 20 wide: ✓ fine, ! careful, ✕ stop, ? not
// measured, – skipped, and three dots of which one moves: still at it.
type sign struct {
	widget.BaseWidget
	shape string // a verdict, "running" or ""
	beat  int    // which dot is large
}

const running = "running"

func newSign() *sign {
	s := &sign{}
	s.ExtendBaseWidget(s)
	return s
}

func (s *sign) show(shape string) {
	if s.shape != shape {
		s.shape = shape
		s.Refresh()
	}
}

// step moves the dot.
func (s *sign) step(beat int) {
	if s.shape == running && s.beat != beat%3 {
		s.beat = beat % 3
		s.Refresh()
	}
}

func (s *sign) CreateRenderer() fyne.WidgetRenderer { return &signRenderer{s: s} }

type signRenderer struct {
	drawn
	s     *sign
	parts []fyne.CanvasObject
}

func (r *signRenderer) MinSize() fyne.Size           { return fyne.NewSize(20, 20) }
func (r *signRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *signRenderer) Destroy()                     {}
func (r *signRenderer) Refresh()                     { r.again(r.s.Size(), r.draw); canvas.Refresh(r.s) }

func (r *signRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *signRenderer) draw(size fyne.Size) {
	p := pen{x: (size.Width - 20) / 2, y: (size.Height - 20) / 2}
	switch r.s.shape {
	case string(report.OK):
		p.stroke(fine, 2.5, 4, 11, 8.5, 15, 16, 5.5)
	case string(report.Fail):
		p.disc(stop, 10, 10, 9)
		p.stroke(surface, 2.2, 6.8, 6.8, 13.2, 13.2)
		p.stroke(surface, 2.2, 13.2, 6.8, 6.8, 13.2)
	case string(report.Warn):
		p.area(careful, 10, 1.5, 19, 18, 1, 18)
		p.stroke(surface, 2.2, 10, 7.5, 10, 12)
		p.disc(surface, 10, 15.2, 1.3)
	case string(report.Unknown):
		p.letter(info, "?")
	case string(report.Skipped):
		p.stroke(soft, 2.5, 5, 10, 15, 10)
	case running:
		for i := range 3 {
			c, size := edge, float32(2)
			if i == r.s.beat {
				c, size = info, 3
			}
			p.disc(c, 4+6*float32(i), 10, size)
		}
	}
	r.parts = p.parts
}

// pen draws simple shapes in units of the sign's own 20 × 20 field.
type pen struct {
	x, y  float32
	parts []fyne.CanvasObject
}

func (p *pen) stroke(c fyne.ThemeColorName, wide float32, xy ...float32) {
	for i := 0; i+3 < len(xy); i += 2 {
		l := canvas.NewLine(paint(c))
		l.StrokeWidth = wide
		l.Position1, l.Position2 = fyne.NewPos(p.x+xy[i], p.y+xy[i+1]), fyne.NewPos(p.x+xy[i+2], p.y+xy[i+3])
		p.parts = append(p.parts, l)
		if i > 0 { // a round joint
			p.disc(c, xy[i], xy[i+1], wide/2)
		}
	}
}

func (p *pen) disc(c fyne.ThemeColorName, x, y, r float32) {
	d := canvas.NewCircle(paint(c))
	d.Resize(fyne.NewSize(2*r, 2*r))
	d.Move(fyne.NewPos(p.x+x-r, p.y+y-r))
	p.parts = append(p.parts, d)
}

func (p *pen) area(c fyne.ThemeColorName, xy ...float32) {
	var at []fyne.Position
	for i := 0; i < len(xy); i += 2 {
		at = append(at, fyne.NewPos(xy[i], xy[i+1]))
	}
	a := canvas.NewArbitraryPolygon(at, paint(c))
	a.Resize(fyne.NewSize(20, 20))
	a.Move(fyne.NewPos(p.x, p.y))
	p.parts = append(p.parts, a)
}

func (p *pen) letter(c fyne.ThemeColorName, s string) {
	t := canvas.NewText(s, paint(c))
	t.TextSize, t.TextStyle, t.Alignment = textSize(lead), fyne.TextStyle{Bold: true}, fyne.TextAlignCenter
	high := measure(s, lead, true).Height
	t.Resize(fyne.NewSize(20, high))
	t.Move(fyne.NewPos(p.x, p.y+(20-high)/2))
	p.parts = append(p.parts, t)
}

// priorityShape draws how urgent something is: full, half, ring, line.
func (p *pen) priority(pr report.Priority, c fyne.ThemeColorName) {
	switch pr {
	case report.P0:
		p.area(c, 10, 1, 19, 18, 1, 18)
		p.stroke(surface, 2.2, 10, 7.5, 10, 12)
		p.disc(surface, 10, 15.2, 1.3)
	case report.P1:
		p.area(c, 10, 1, 19, 10, 10, 19, 1, 10)
	case report.P2:
		p.disc(c, 10, 10, 7)
	default:
		p.stroke(c, 3, 4, 10, 16, 10)
	}
}

// urgency is a priority's shape in its colour.
type urgency struct {
	widget.BaseWidget
	of report.Priority
}

func newUrgency(of report.Priority) *urgency {
	u := &urgency{of: of}
	u.ExtendBaseWidget(u)
	return u
}

func (u *urgency) show(of report.Priority) {
	if u.of != of {
		u.of = of
		u.Refresh()
	}
}

func (u *urgency) CreateRenderer() fyne.WidgetRenderer { return &urgencyRenderer{u: u} }

type urgencyRenderer struct {
	drawn
	u     *urgency
	parts []fyne.CanvasObject
}

func (r *urgencyRenderer) MinSize() fyne.Size           { return fyne.NewSize(20, 20) }
func (r *urgencyRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *urgencyRenderer) Destroy()                     {}
func (r *urgencyRenderer) Refresh()                     { r.again(r.u.Size(), r.draw); canvas.Refresh(r.u) }
func (r *urgencyRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *urgencyRenderer) draw(size fyne.Size) {
	p := pen{x: (size.Width - 20) / 2, y: (size.Height - 20) / 2}
	p.priority(r.u.of, priorityColor(r.u.of))
	r.parts = p.parts
}

func priorityColor(p report.Priority) fyne.ThemeColorName {
	switch p {
	case report.P0:
		return stop
	case report.P1:
		return careful
	case report.P2:
		return info
	}
	return soft
}

// round draws an arrow that goes round a point, open at the upper right.
func (p *pen) round(c fyne.ThemeColorName, wide, x, y, r float32) {
	var xy []float32
	const from, to, step = -10, 290, 15 // degrees, clockwise from the right
	for a := from; a <= to; a += step {
		s, k := math.Sincos(float64(a) * math.Pi / 180)
		xy = append(xy, x+r*float32(k), y+r*float32(s))
	}
	p.stroke(c, wide, xy...)
	end := xy[len(xy)-2:]
	p.area(c, end[0]-1, end[1]-3.6, end[0]+4.4, end[1]+0.4, end[0]-1.6, end[1]+3.4)
}
