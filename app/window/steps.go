package window

import (
	"time"

	"raisehand/assets/words"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// steps is a ticket's way: received → assigned → in progress → waiting for
// you → solved, each with its time.
type steps struct {
	widget.BaseWidget
	labels []*prose
	times  []*prose
	done   []bool
	now    int // where it stands
}

var way = []deskapi.State{deskapi.Received, deskapi.Assigned, deskapi.InProgress, deskapi.WaitingUser, deskapi.Solved}

func newSteps() *steps {
	s := &steps{done: make([]bool, len(way)), now: -1}
	for range way {
		s.labels = append(s.labels, newProse(small, soft, 1).centre())
		s.times = append(s.times, newProse(small, soft, 1).centre())
	}
	s.ExtendBaseWidget(s)
	return s
}

func (s *steps) set(b *words.Book, st deskapi.Status) {
	s.now = -1
	for i, state := range way {
		name := state
		if i == 0 && st.State == deskapi.Queued {
			name = deskapi.Queued
		}
		if i == len(way)-1 && st.State == deskapi.Withdrawn {
			name, state = deskapi.Withdrawn, deskapi.Withdrawn
		}
		at := reached(st, state)
		s.done[i] = !at.IsZero()
		label := upper(b.Name("state." + string(name)))
		if name == deskapi.Queued {
			label = b.T("ticket.step.queued")
		}
		s.labels[i].say(label)
		s.times[i].say(clock(at))
		if state == st.State || name == st.State {
			s.now = i
		}
	}
	for i := range way {
		s.labels[i].bold = i == s.now
		s.labels[i].tint(soft)
		if i == s.now || s.done[i] {
			s.labels[i].tint(ink)
		}
		s.labels[i].Refresh()
	}
	s.Refresh()
}

// reached is when the ticket came into this state last.
func reached(st deskapi.Status, state deskapi.State) (at time.Time) {
	for _, x := range st.Timeline {
		if x.State == state {
			at = x.At
		}
	}
	return at
}

func (s *steps) CreateRenderer() fyne.WidgetRenderer { return &stepsRenderer{s: s} }

type stepsRenderer struct {
	drawn
	s     *steps
	parts []fyne.CanvasObject
}

func (r *stepsRenderer) MinSize() fyne.Size {
	return fyne.NewSize(420, 22+r.s.labels[0].lineHeight()*2)
}
func (r *stepsRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *stepsRenderer) Destroy()                     {}
func (r *stepsRenderer) Refresh()                     { r.again(r.s.Size(), r.draw); canvas.Refresh(r.s) }

func (r *stepsRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *stepsRenderer) draw(size fyne.Size) {
	n := len(r.s.labels)
	w := size.Width / float32(n)
	high := r.s.labels[0].lineHeight()
	p := pen{}
	for i := 1; i < n; i++ {
		c := edge
		if r.s.done[i] || r.s.now >= i {
			c = brand
		}
		p.stroke(c, 2, w*(float32(i)-0.5)+10, 10, w*(float32(i)+0.5)-10, 10)
	}
	for i := range n {
		x := w * (float32(i) + 0.5)
		switch {
		case i == r.s.now:
			p.disc(brand, x, 10, 9)
			p.disc(surface, x, 10, 6.5)
			p.disc(brand, x, 10, 4)
		case r.s.done[i]:
			p.disc(brand, x, 10, 6)
		default:
			p.disc("inputBorder", x, 10, 6)
			p.disc(surface, x, 10, 4)
		}
	}
	r.parts = p.parts
	for i := range n {
		for k, t := range []*prose{r.s.labels[i], r.s.times[i]} {
			t.Resize(fyne.NewSize(w, high))
			t.Move(fyne.NewPos(w*float32(i), 22+high*float32(k)))
			r.parts = append(r.parts, t)
		}
	}
}
