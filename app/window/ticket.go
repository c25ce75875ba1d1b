package window

import (
	"strconv"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// ticket is one request: who has it, how long until they must answer, and
// what has been said.
type ticket struct {
	w    *Window
	id   string
	t    *snapshot.Ticket
	seen time.Time // when its snapshot came
	read int       // how many messages the session knows to have been read

	number  *prose
	about   *prose
	urgency *urgency
	urgent  *prose
	what    *button
	ring    *ring
	digits  *prose
	note    *prose
	steps   *steps
	talk    *talk
	pending *prose
	words   *entry
	unsaid  later
	known   bool // the draft has been taken over
	full    bool
	send    *button
	phone   *prose
	undo    *button
	shot    *button
	solve   *button
	again   *button
	since   time.Time // when again has come; zero: it is not there
	preview *preview
	main    *fyne.Container
	out     *outgoing
	all     *fyne.Container
}

func newTicket(w *Window, id string) *ticket {
	t := &ticket{w: w, id: id, number: newLabel(lead, ink).strong(), about: newProse(small, soft, 1).byHand(),
		urgency: newUrgency(""), urgent: newLabel(normal, ink).strong(), ring: newRing(),
		digits: newProse(countdown, ink, 1).strong(), note: newProse(normal, soft, 2),
		steps: newSteps(), talk: newTalk(), pending: newProse(small, careful, 1),
		phone: newProse(normal, ink, 2).strong().middle()}
	t.what = newButton(quiet, func() { t.look(true) }).little()
	t.words = newEntry(2, deskapi.MaxMessageRunes)
	t.unsaid = later{after: 500 * time.Millisecond, say: func(s string) { w.do(snapshot.Verb{Do: snapshot.Draft, Ticket: id, Text: s}) }}
	t.words.typed = func(s string) { t.unsaid.set(s, w.now()); t.send.enable(t.open() && s != "") }
	t.words.full = func(full bool) { t.full = full; t.draw() }
	t.send = newButton(accent, t.say)
	t.undo = newButton(quiet, t.verb(snapshot.Withdraw)).little()
	t.shot = newButton(plain, t.verb(snapshot.TakePicture)).little()
	t.solve = newButton(plain, t.verb(snapshot.Solve)).little()
	t.again = newButton(plain, t.anew).little()
	t.preview = newPreview(func(yes bool) { w.do(snapshot.Verb{Do: snapshot.SendPicture, Ticket: id, On: yes}) })
	t.out = newOutgoing(w, func() { t.look(false) })
	t.out.sent = true
	t.words.escape = w.escape
	for _, b := range []*button{t.what, t.send, t.undo, t.shot, t.solve, t.again, t.preview.yes, t.preview.no} {
		b.escape = w.escape
	}

	head := newLine(8, t.number, t.number, t.what, t.urgency, t.urgent)
	beside := newColumn(0, 0, newFixed(0, 54, t.digits), t.note)
	clock := newStack(newCard(), newPadded(14, 6, newLine(16, beside, t.ring, beside)))
	way := newStack(newCard(), newPadded(4, 8, t.steps))
	talk := newStack(newCard(), newPadded(1, 1, t.talk.outer), t.preview.box)
	say := newLine(8, t.words, t.words, t.send)
	deeds := newLine(6, t.phone, t.again, t.phone, t.undo, t.shot, t.solve)
	t.main = growColumn(12, 6, talk, newColumn(0, 0, head, t.about), clock, way, talk, w.notice.box, t.pending, say, deeds)
	t.all = newStack(t.main, t.out.box)
	t.out.box.Hide()
	w.back = func() bool { return t.out.box.Visible() && t.look(false) }
	return t
}

func (t *ticket) verb(do string) func() {
	return func() { t.w.do(snapshot.Verb{Do: do, Ticket: t.id}) }
}

func (t *ticket) content() fyne.CanvasObject { return t.all }
func (t *ticket) size() fyne.Size            { return fyne.NewSize(520, 534) }
func (t *ticket) first() fyne.Focusable      { return t.words }
func (t *ticket) key(*fyne.KeyEvent)         {}
func (t *ticket) level(float64)              {}
func (t *ticket) types() *entry {
	if !t.open() || !t.main.Visible() {
		return nil
	}
	return t.words
}
func (t *ticket) flush()     { t.unsaid.flush() }
func (t *ticket) open() bool { return t.t != nil && t.t.Status.State.Open() }

// waits says that nothing of it has reached the help team yet.
func (t *ticket) waits() bool { return t.t != nil && t.t.Status.State == deskapi.Queued }

func (t *ticket) title(b *words.Book) string {
	if t.t == nil || t.t.Status.Number == 0 {
		return b.T("ticket.title.none")
	}
	return b.T("ticket.title", "number", t.t.Status.Number)
}

func (t *ticket) look(on bool) bool {
	show(t.out.box, on)
	show(t.main, !on)
	defer arrange(t.all)
	if on {
		t.out.set(t.w.book(), t.t.Outgoing)
		if c := fyne.CurrentApp().Driver().CanvasForObject(t.all); c != nil {
			c.Focus(t.out.back)
		}
	}
	return true
}

// unmeant is how long a button that has just come is not pressed: a second
// click of a double-click was meant for what stood there before.
const unmeant = 1500 * time.Millisecond

// anew asks for help once more.
func (t *ticket) anew() {
	if t.w.now().Sub(t.since) >= unmeant {
		t.verb(snapshot.GetHelp)()
	}
}

// say sends what was typed.
func (t *ticket) say() {
	if t.words.Text == "" || !t.open() {
		return
	}
	text := t.words.Text
	t.unsaid.drop()
	t.words.put("")
	t.send.enable(false)
	t.w.do(snapshot.Verb{Do: snapshot.Say, Ticket: t.id, Text: text})
	t.w.do(snapshot.Verb{Do: snapshot.Draft, Ticket: t.id})
}

func (t *ticket) set(b *words.Book, s snapshot.Snapshot) {
	t.t = s.Find(t.id)
	t.seen = t.w.now()
	if t.t != nil && !t.known {
		t.known = true
		if t.words.Text == "" {
			t.words.put(t.t.Draft) // typed before the window was closed
		}
	}
	t.draw()
	if t.t != nil && t.t.Unread > 0 && len(t.t.Status.Messages) != t.read {
		t.read = len(t.t.Status.Messages)
		t.verb(snapshot.Seen)()
	}
}

func (t *ticket) draw() {
	b, s := t.w.book(), t.w.snap
	open := t.open()
	t.what.say(b.T("ticket.what") + " ›")
	if t.waits() {
		t.what.say(b.T("help.what") + " ›")
	}
	t.out.sent = !t.waits()
	t.send.say(b.T("ticket.send"))
	t.undo.say(b.T("ticket.undo"))
	t.shot.say(b.T("ticket.shot"))
	t.solve.say(b.T("ticket.solve"))
	t.again.say(b.T("tickets.help"))
	t.words.hint(b.T("ticket.words"))
	t.phone.say("")
	if s.Contact.Phone != "" {
		t.phone.say(b.T("ticket.phone", "phone", s.Contact.Phone))
	}
	show(t.undo, open)
	show(t.shot, open)
	show(t.solve, open)
	show(t.again, !open)
	if open {
		t.since = time.Time{}
	} else if t.since.IsZero() {
		t.since = t.w.now()
	}
	show(t.what, t.t != nil && t.t.Outgoing != nil)
	if open {
		t.words.Enable()
	} else {
		t.words.Disable()
	}
	t.send.enable(open && t.words.Text != "")
	show(t.urgency, t.t != nil)
	show(t.steps, t.t != nil)
	if t.t == nil {
		t.number.say(b.T("ticket.title.none"))
		t.sentence(still, soft, b.T("ticket.none"), b.T("ticket.none.do"))
		return
	}
	t.head(b)
	t.due(b)
	t.steps.set(b, t.t.Status)
	t.talk.set(b, *t.t)
	t.waiting(b)
	pictures := t.t.NewPictures
	if !open { // nothing more goes to a ticket that is over
		pictures = nil
	}
	t.preview.set(b, pictures)
	if t.out.box.Visible() {
		t.out.set(b, t.t.Outgoing)
	}
	arrange(t.main)
}

func (t *ticket) head(b *words.Book) {
	t.number.say(b.T("ticket.new"))
	if n := t.t.Status.Number; n != 0 {
		t.number.say(b.T("ticket.number", "number", strconv.FormatInt(n, 10)))
	}
	t.urgency.show(t.t.Status.Priority)
	t.urgent.say(upper(b.Name("priority." + string(t.t.Status.Priority))))
	t.about.say(aboutOf(b, *t.t))
}

// aboutOf is what a ticket is about, in one line.
func aboutOf(b *words.Book, t snapshot.Ticket) string {
	if len(t.Findings) > 0 {
		return b.Of(t.Findings[0].Code, t.Findings[0].Params).Title
	}
	if t.Words != "" {
		return t.Words
	}
	return b.T("ticket.no_fault")
}

// sentence says where it stands when there is nothing to count.
func (t *ticket) sentence(f face, c fyne.ThemeColorName, head, note string) {
	t.ring.show(f, 1)
	t.digits.as(heading, c)
	t.digits.say(head)
	t.note.say(note)
}

// due is the countdown, or why there is none.
func (t *ticket) due(b *words.Book) {
	st, to := t.t.Status, contactName(b, t.w.snap)
	who := b.T("ticket.nobody", "to", to)
	if st.Agent != "" {
		who = b.T("ticket.agent", "name", st.Agent)
	}
	switch {
	case st.State == deskapi.Solved:
		t.sentence(met, fine, b.T("ticket.solved"), who2(b, st))
	case st.State == deskapi.Withdrawn:
		t.sentence(still, soft, upper(b.Name("state.withdrawn")), b.T("ticket.withdrawn.do"))
	case st.State == deskapi.Queued:
		t.sentence(offline, careful, b.T("ticket.queued"), queued(b, *t.t, to))
	case st.State == deskapi.WaitingUser:
		t.sentence(still, info, b.T("ticket.your_turn"), who)
	case t.t.Left != nil:
		t.count(b, to, who)
	case st.Deadline != nil && st.Deadline.MetAt != nil:
		t.sentence(met, fine, answered(b, st), b.T("ticket.answered_at", "time", clock(*st.Deadline.MetAt)))
	case st.Deadline != nil && st.Deadline.Paused:
		t.sentence(still, soft, b.T("ticket.paused"), who)
	case st.State == deskapi.InProgress:
		t.sentence(met, fine, b.T("ticket.working"), who)
	default:
		t.sentence(still, ink, b.T("ticket.at_desk"), who)
	}
}

// queued says when a request that waits on this computer will go.
func queued(b *words.Book, t snapshot.Ticket, to string) string {
	switch t.Away() {
	case snapshot.Barred:
		return b.Of(t.Code, nil).Do
	case snapshot.NetworkAway:
		return b.T("ticket.queued.no_network")
	}
	return b.T("ticket.queued.do", "to", to)
}

func answered(b *words.Book, st deskapi.Status) string {
	for _, m := range st.Messages {
		if m.From == "technician" && m.Name != "" {
			return b.T("ticket.answered", "name", m.Name)
		}
	}
	if st.Agent != "" {
		return b.T("ticket.answered", "name", st.Agent)
	}
	return b.T("ticket.answered.nobody")
}

func who2(b *words.Book, st deskapi.Status) string {
	if st.Agent == "" {
		return b.T("ticket.solved.do")
	}
	return b.T("ticket.solved_by", "name", st.Agent)
}

// count draws the time that is left, or that has passed over the deadline.
func (t *ticket) count(b *words.Book, to, who string) {
	left := *t.t.Left - t.w.now().Sub(t.seen)
	if left < 0 {
		t.ring.show(overdue, 1)
		t.digits.as(countdown, stop)
		t.note.say(joined(b, b.T("ticket.overdue", "to", to), who))
	} else {
		part := float32(1)
		if t.t.Total > 0 {
			part = float32(left) / float32(t.t.Total)
		}
		t.ring.show(counting, part)
		t.digits.as(countdown, ink)
		source := "ticket.until"
		if d := t.t.Status.Deadline; d != nil && d.Source == "helpdesk" {
			source = "ticket.until_helpdesk"
		}
		t.note.say(joined(b, b.T(source), who))
	}
	t.digits.say(digits(b, left))
}

// waiting says what still lies on this computer, or that no answer can come
// just now.
func (t *ticket) waiting(b *words.Book) {
	t.pending.tint(careful)
	switch {
	case t.full:
		t.pending.say(b.T("window.full", "max", deskapi.MaxMessageRunes))
	case t.t.Pending > 0:
		t.pending.say(b.T("ticket.pending"))
		switch t.t.Away() {
		case snapshot.NetworkAway:
			t.pending.say(b.T("ticket.pending.no_network"))
		case snapshot.DeskAway, snapshot.Barred:
			t.pending.say(b.Of(t.t.Code, nil).Title + " · " + b.T("ticket.pending"))
			if t.t.Refused { // it will not be sent by itself
				t.pending.say(b.Of(t.t.Code, nil).Title)
			}
		}
	case t.w.snap.Desk.Code != "" && t.open():
		t.pending.tint(soft)
		t.pending.say(upper(b.T("ticket.away", "to", contactName(b, t.w.snap))))
	default:
		t.pending.say("")
	}
}

func (t *ticket) frame(f snapshot.Frame) {
	if f.Of == "new_picture" && (f.Ticket == "" || f.Ticket == t.id) {
		if m := decode(f.Image); m != nil {
			t.preview.image.Image = m
			t.preview.image.Refresh()
		}
	}
}

func (t *ticket) tick(now time.Time) {
	t.unsaid.tick(now)
	if t.t != nil && t.t.Left != nil {
		t.due(t.w.book())
	}
}

// talk is what has been said, the newest at the bottom.
type talk struct {
	list   *fyne.Container
	outer  *fyne.Container
	scroll *container.Scroll
	shown  string
}

func newTalk() *talk {
	t := &talk{list: newColumn(10, 8)}
	t.outer, t.scroll = newScroll(t.list)
	return t
}

func (t *talk) set(b *words.Book, x snapshot.Ticket) {
	key := b.Lang + x.Words
	for _, m := range x.Status.Messages {
		key += "\n" + m.ID + clock(m.At)
	}
	if key == t.shown {
		return
	}
	t.shown = key
	t.list.Objects = nil
	if x.Words != "" {
		t.add(b, deskapi.Message{At: x.CreatedAt, From: "user", Text: x.Words})
	}
	for _, m := range x.Status.Messages {
		t.add(b, m)
	}
	if len(t.list.Objects) == 0 {
		p := newProse(normal, soft, 0)
		p.say(b.T("ticket.silence"))
		t.list.Add(p)
	}
	t.outer.Refresh()
	t.scroll.ScrollToBottom()
}

func (t *talk) add(b *words.Book, m deskapi.Message) {
	name := m.Name
	if m.From == "user" {
		name = b.T("ticket.you")
	} else if name == "" {
		name = b.T("window.desk")
	}
	top, text := newProse(small, soft, 1).byHand(), newProse(normal, ink, 0).byHand()
	when := clock(m.At)
	if when == "" && m.From == "user" {
		when = b.T("ticket.unsent")
	}
	top.say(joinDot(name, when))
	text.say(m.Text)
	back := newCard()
	left, right := float32(0), float32(40)
	if m.From == "user" {
		left, right = 40, 0
		back.color = "background"
	}
	bubble := newStack(back, newPadded(10, 6, newColumn(0, 0, top, text)))
	t.list.Add(container.New(&indent{left, right}, newStack(bubble, newCopyable(b, m.Text))))
}

// copyable lets a message be copied with the other mouse button.
type copyable struct {
	ground
	label, text string
}

func newCopyable(b *words.Book, text string) *copyable {
	c := &copyable{label: b.T("window.copy"), text: text}
	c.ExtendBaseWidget(c)
	return c
}

func (c *copyable) Tapped(*fyne.PointEvent) {}

func (c *copyable) TappedSecondary(e *fyne.PointEvent) {
	if on := fyne.CurrentApp().Driver().CanvasForObject(c); on != nil {
		item := fyne.NewMenuItem(c.label, func() { fyne.CurrentApp().Clipboard().SetContent(c.text) })
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", item), on, e.AbsolutePosition)
	}
}

// indent leaves room on one side of a message, so that one sees who speaks.
type indent struct{ left, right float32 }

func (i *indent) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return heightOf(o[0], width-i.left-i.right)
}

func (i *indent) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().Add(fyne.NewSize(i.left+i.right, 0))
}

func (i *indent) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width-i.left-i.right, size.Height))
	o[0].Move(fyne.NewPos(i.left, 0))
}

// preview is a new screenshot that waits for the person's yes.
type preview struct {
	image   *canvas.Image
	text    *prose
	yes, no *button
	box     *fyne.Container
}

func newPreview(answer func(bool)) *preview {
	p := &preview{image: canvas.NewImageFromImage(nil), text: newProse(normal, ink, 2).middle()}
	p.image.FillMode = canvas.ImageFillContain
	p.yes = newButton(accent, func() { answer(true) })
	p.no = newButton(plain, func() { answer(false) })
	p.box = newStack(newEdged(), growColumn(8, 6, p.image, p.image, newLine(8, p.text, p.text, p.no, p.yes)))
	p.box.Hide()
	return p
}

func (p *preview) set(b *words.Book, pictures []snapshot.Picture) {
	p.text.say(b.T("ticket.send_picture"))
	p.yes.say(b.T("ticket.send_picture.yes"))
	p.no.say(b.T("ticket.send_picture.no"))
	show(p.box, len(pictures) > 0)
}
