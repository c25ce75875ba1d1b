package window

import (
	"fmt"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// tickets is the list of one's own requests, the newest first.
type tickets struct {
	w     *Window
	head  *prose
	list  *fyne.Container
	outer *fyne.Container
	help  *button
	test  *button
	about *button
	all   *fyne.Container
	cards map[string]*card
	shown string // the order of the list
}

func newTickets(w *Window) *tickets {
	t := &tickets{w: w, head: newProse(heading, ink, 1).strong(), list: newColumn(0, 8), cards: map[string]*card{}}
	t.help = newButton(accent, func() { w.do(snapshot.Verb{Do: snapshot.GetHelp}) })
	t.about = newButton(quiet, func() { w.do(snapshot.Verb{Do: snapshot.OpenAbout}) }).little()
	t.test = newButton(quiet, func() { w.do(snapshot.Verb{Do: snapshot.OpenEquipment}) }).little()
	t.help.escape, t.about.escape, t.test.escape = w.escape, w.escape, w.escape
	t.outer, _ = newScroll(container.New(&indent{0, 8}, t.list))
	top := newLine(8, t.head, t.head, t.test, t.about, t.help)
	t.all = growColumn(16, 12, t.outer, top, t.outer, w.notice.box)
	return t
}

func (t *tickets) content() fyne.CanvasObject { return t.all }
func (t *tickets) title(b *words.Book) string { return b.T("tickets.title") }
func (t *tickets) size() fyne.Size            { return fyne.NewSize(520, 480) }
func (t *tickets) frame(snapshot.Frame)       {}
func (t *tickets) level(float64)              {}
func (t *tickets) key(*fyne.KeyEvent)         {}
func (t *tickets) types() *entry              { return nil }
func (t *tickets) flush()                     {}
func (t *tickets) first() fyne.Focusable      { return nil }

func (t *tickets) set(b *words.Book, s snapshot.Snapshot) {
	t.head.say(b.T("tickets.head"))
	t.help.say(b.T("tickets.help"))
	t.about.say(b.T("about.head"))
	t.test.say(b.T("menu.equipment"))
	order := b.Lang
	for _, x := range s.Tickets {
		order += "|" + x.Status.ID
	}
	if order != t.shown {
		t.shown = order
		t.list.Objects = nil
		old := t.cards
		t.cards = map[string]*card{}
		for _, x := range s.Tickets {
			id := x.Status.ID
			c := old[id]
			if c == nil {
				c = newTicketCard(func() { t.w.do(snapshot.Verb{Do: snapshot.OpenTicket, Ticket: id}) })
				c.escape = t.w.escape
			}
			t.cards[id] = c
			t.list.Add(c)
		}
		if len(s.Tickets) == 0 {
			p := newProse(normal, soft, 0)
			p.say(b.T("tickets.none"))
			t.list.Add(p)
		}
		t.outer.Refresh()
	}
	for i := range s.Tickets {
		t.cards[s.Tickets[i].Status.ID].set(b, s.Tickets[i], t.w.now())
	}
}

func (t *tickets) tick(now time.Time) {
	if t.w.beat%5 != 0 {
		return
	}
	b := t.w.book()
	for _, x := range t.w.snap.Tickets {
		if c := t.cards[x.Status.ID]; c != nil {
			c.count(b, now)
		}
	}
}

// card is one request in the list.
type card struct {
	pressable
	t     snapshot.Ticket
	seen  time.Time
	mark  *urgency
	num   *prose
	about *prose
	state *prose
	when  *prose
	news  *prose
	back  *fill
	box   *fyne.Container
}

func newTicketCard(press func()) *card {
	c := &card{mark: newUrgency(""), num: newLabel(normal, ink).strong(), about: newProse(normal, ink, 1).byHand(),
		state: newProse(small, soft, 1).byHand(), when: newLabel(small, soft), news: newLabel(small, brand).strong(), back: newCard()}
	top := newLine(8, c.about, c.num, c.about, c.news)
	low := newLine(8, c.state, c.state, c.when)
	both := newColumn(0, 2, top, low)
	c.box = newStack(c.back, newPadded(12, 8, newLine(10, both, c.mark, both)))
	c.press = press
	c.ExtendBaseWidget(c)
	return c
}

func (c *card) set(b *words.Book, t snapshot.Ticket, now time.Time) {
	c.t, c.seen = t, now
	c.mark.show(t.Status.Priority)
	c.num.say(b.T("ticket.new"))
	if n := t.Status.Number; n != 0 {
		c.num.say(fmt.Sprint(n))
	}
	c.about.say(aboutOf(b, t))
	c.when.say(b.When(t.CreatedAt))
	c.news.say("")
	if t.Unread > 0 {
		c.news.say(b.T("tickets.unread", "n", t.Unread))
	}
	c.count(b, now)
	c.box.Refresh()
}

func (c *card) count(b *words.Book, now time.Time) {
	st := c.t.Status
	text := upper(b.Name("state." + string(st.State)))
	c.state.tint(soft)
	switch {
	case st.State == deskapi.Queued:
		text = b.T("ticket.queued")
		c.state.tint(careful)
	case c.t.Left != nil:
		left := *c.t.Left - now.Sub(c.seen)
		key := "tickets.left"
		if left < 0 {
			key = "tickets.over"
			c.state.tint(stop)
		}
		text = joinDot(text, b.T(key, "time", digits(b, left)))
	case st.Agent != "":
		text = joinDot(text, st.Agent)
	}
	c.state.say(text)
}

func (c *card) inside() fyne.CanvasObject { return c.box }

func (c *card) AccessibilityLabel() string {
	return c.num.text + " " + c.about.text + ", " + c.state.text
}

func (c *card) CreateRenderer() fyne.WidgetRenderer { return &cardRenderer{c} }

type cardRenderer struct{ c *card }

func (r *cardRenderer) Layout(size fyne.Size)        { r.c.box.Resize(size); r.paint() }
func (r *cardRenderer) MinSize() fyne.Size           { return r.c.box.MinSize() }
func (r *cardRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.c.box} }
func (r *cardRenderer) Destroy()                     {}
func (r *cardRenderer) Refresh()                     { r.paint(); canvas.Refresh(r.c) }

func (r *cardRenderer) paint() {
	face, border, stroke := surface, edge, float32(1)
	if r.c.hovered {
		face = "hover"
	}
	if r.c.focused {
		border, stroke = ink, 3
	}
	r.c.back.set(face, border, stroke)
}
