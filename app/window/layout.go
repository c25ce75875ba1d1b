package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// tall is what is higher when it is narrower.
type tall interface{ heightFor(width float32) float32 }

func heightOf(o fyne.CanvasObject, width float32) float32 {
	if t, ok := o.(tall); ok {
		return t.heightFor(width)
	}
	if c, ok := o.(*fyne.Container); ok {
		if t, ok := c.Layout.(interface {
			heightFor([]fyne.CanvasObject, float32) float32
		}); ok {
			return t.heightFor(c.Objects, width)
		}
	}
	return o.MinSize().Height
}

// column puts things below each other; grow takes what is left.
type column struct {
	pad, gap float32
	grow     fyne.CanvasObject
}

func newColumn(pad, gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{pad: pad, gap: gap}, objects...)
}

func growColumn(pad, gap float32, grow fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{pad: pad, gap: gap, grow: grow}, objects...)
}

func (c *column) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	h, n := 2*c.pad, 0
	for _, o := range objects {
		if o.Visible() {
			h += heightOf(o, width-2*c.pad)
			n++
		}
	}
	return h + c.gap*float32(max(0, n-1))
}

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var w, h float32
	n := 0
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			w, h = max(w, m.Width), h+m.Height
			n++
		}
	}
	return fyne.NewSize(w+2*c.pad, h+2*c.pad+c.gap*float32(max(0, n-1)))
}

func (c *column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := size.Width - 2*c.pad
	spare := size.Height - c.heightFor(objects, size.Width)
	y := c.pad
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := heightOf(o, width)
		if o == c.grow {
			h = max(0, h+spare)
		}
		o.Resize(fyne.NewSize(width, h))
		o.Move(fyne.NewPos(c.pad, y))
		y += h + c.gap
	}
}

// line puts things beside each other, each in the middle of the height; grow
// takes the width that is left.
type line struct {
	gap  float32
	grow fyne.CanvasObject
}

func newLine(gap float32, grow fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&line{gap: gap, grow: grow}, objects...)
}

func (l *line) spare(objects []fyne.CanvasObject, width float32) float32 {
	n := 0
	for _, o := range objects {
		if o.Visible() {
			width -= o.MinSize().Width
			n++
		}
	}
	return width - l.gap*float32(max(0, n-1))
}

func (l *line) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	spare, h := l.spare(objects, width), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		if o == l.grow {
			w += spare
		}
		h = max(h, heightOf(o, w))
	}
	return h
}

func (l *line) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var w, h float32
	n := 0
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			w, h = w+m.Width, max(h, m.Height)
			n++
		}
	}
	return fyne.NewSize(w+l.gap*float32(max(0, n-1)), h)
}

func (l *line) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare := l.spare(objects, size.Width)
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		if o == l.grow {
			w = max(0, w+spare)
		}
		h := min(heightOf(o, w), size.Height)
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		x += w + l.gap
	}
}

// even gives each of its children the same part of the width, or of the
// height.
type even struct {
	gap  float32
	down bool
}

// newBeside puts things of the same width beside each other.
func newBeside(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&even{gap: gap}, objects...)
}

// newBelow puts things of the same height below each other.
func newBelow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&even{gap, true}, objects...)
}

func (e *even) MinSize(objects []fyne.CanvasObject) (m fyne.Size) {
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	n := float32(len(objects))
	if e.down {
		return fyne.NewSize(m.Width, n*m.Height+e.gap*(n-1))
	}
	return fyne.NewSize(n*m.Width+e.gap*(n-1), m.Height)
}

func (e *even) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	n := float32(len(objects))
	part, step := fyne.NewSize((size.Width-e.gap*(n-1))/n, size.Height), fyne.NewPos((size.Width+e.gap)/n, 0)
	if e.down {
		part, step = fyne.NewSize(size.Width, (size.Height-e.gap*(n-1))/n), fyne.NewPos(0, (size.Height+e.gap)/n)
	}
	for i, o := range objects {
		o.Resize(part)
		o.Move(fyne.NewPos(step.X*float32(i), step.Y*float32(i)))
	}
}

// fixed gives its one child this size; 0 leaves the child's own.
type fixed struct{ w, h float32 }

func newFixed(w, h float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&fixed{w, h}, o)
}

func (f *fixed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := objects[0].MinSize()
	if f.w > 0 {
		m.Width = f.w
	}
	if f.h > 0 {
		m.Height = f.h
	}
	return m
}

func (f *fixed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	objects[0].Move(fyne.NewPos(0, 0))
}

// padded leaves room around its child.
type padded struct{ x, y float32 }

func newPadded(x, y float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&padded{x, y}, o)
}

func (p *padded) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return heightOf(objects[0], width-2*p.x) + 2*p.y
}

func (p *padded) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().Add(fyne.NewSize(2*p.x, 2*p.y))
}

func (p *padded) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size.Subtract(fyne.NewSize(2*p.x, 2*p.y)))
	objects[0].Move(fyne.NewPos(p.x, p.y))
}

// stack lays things over each other and is as high as the highest.
type stack struct{}

func newStack(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(stack{}, objects...)
}

func (stack) heightFor(objects []fyne.CanvasObject, width float32) (h float32) {
	for _, o := range objects {
		if o.Visible() {
			h = max(h, heightOf(o, width))
		}
	}
	return h
}

func (stack) MinSize(objects []fyne.CanvasObject) (m fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			m = m.Max(o.MinSize())
		}
	}
	return m
}

func (stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.NewPos(0, 0))
	}
}

// newScroll returns a part of a window that scrolls up and down.
func newScroll(o fyne.CanvasObject) (*fyne.Container, *container.Scroll) {
	width := new(float32)
	inner := container.New(&scrolled{width}, o)
	s := container.NewVScroll(inner)
	return container.New(&scroller{width}, s), s
}

type scrolled struct{ width *float32 }

func (s *scrolled) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(1, heightOf(objects[0], *s.width))
}

func (s *scrolled) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSize(size.Width, heightOf(objects[0], size.Width)))
}

type scroller struct{ width *float32 }

func (s *scroller) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(32, 32) }

func (s *scroller) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	*s.width = size.Width
	objects[0].Resize(size)
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Refresh()
}

// arrange lays out again what words of another length stand in, without
// drawing anything twice.
func arrange(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		if o.Layout != nil && !o.Size().IsZero() {
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, x := range o.Objects {
			arrange(x)
		}
	case *container.Scroll:
		arrange(o.Content)
	case interface{ inside() fyne.CanvasObject }:
		arrange(o.inside())
	}
}
