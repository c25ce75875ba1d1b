package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// fill is a coloured ground that keeps its colour's name, so that it follows
// a change of theme.
type fill struct {
	widget.BaseWidget
	color, border fyne.ThemeColorName
	round, stroke float32
	w, h          float32 // at least
}

func newFill(color fyne.ThemeColorName) *fill {
	f := &fill{color: color}
	f.ExtendBaseWidget(f)
	return f
}

// newCard is the ground of things that belong together.
func newCard() *fill {
	f := &fill{color: surface, border: edge, round: radius, stroke: 1}
	f.ExtendBaseWidget(f)
	return f
}

// newRule is a thin line between parts.
func newRule() *fill {
	f := &fill{color: edge, h: 1}
	f.ExtendBaseWidget(f)
	return f
}

func (f *fill) set(color, border fyne.ThemeColorName, stroke float32) {
	if f.color != color || f.border != border || f.stroke != stroke {
		f.color, f.border, f.stroke = color, border, stroke
		f.Refresh()
	}
}

func (f *fill) CreateRenderer() fyne.WidgetRenderer {
	return &fillRenderer{f: f, rect: canvas.NewRectangle(paint(f.color))}
}

type fillRenderer struct {
	f    *fill
	rect *canvas.Rectangle
}

func (r *fillRenderer) Layout(size fyne.Size)        { r.rect.Resize(size); r.paint() }
func (r *fillRenderer) MinSize() fyne.Size           { return fyne.NewSize(r.f.w, r.f.h) }
func (r *fillRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *fillRenderer) Destroy()                     {}
func (r *fillRenderer) Refresh()                     { r.paint(); r.rect.Refresh() }

func (r *fillRenderer) paint() {
	r.rect.FillColor, r.rect.StrokeColor = paint(r.f.color), paint(r.f.border)
	r.rect.StrokeWidth, r.rect.CornerRadius = r.f.stroke, r.f.round
}

// ground is what a click in empty space hits.
type ground struct {
	widget.BaseWidget
	tapped func()
}

func newGround(tapped func()) *ground {
	g := &ground{tapped: tapped}
	g.ExtendBaseWidget(g)
	return g
}

func (g *ground) Tapped(*fyne.PointEvent)          { g.tapped() }
func (g *ground) TappedSecondary(*fyne.PointEvent) { g.tapped() }
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// drawn remembers the size something was last drawn for. Fyne lays out again
// whatever got new parts; a renderer that makes new parts at every layout
// would keep the window busy for ever.
type drawn struct{ size fyne.Size }

func (d *drawn) once(size fyne.Size, draw func(fyne.Size)) {
	if size != d.size {
		d.again(size, draw)
	}
}

func (d *drawn) again(size fyne.Size, draw func(fyne.Size)) {
	d.size = size
	draw(size)
}
