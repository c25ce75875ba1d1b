package window

import (
	"image/color"

	"bytes"
	"image"
	_ "image/png" // thumbnails
	"math"
	"strings"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// maxWords is how much a person can type about a problem.
const maxWords = deskapi.MaxMessageRunes

// helpInside is how wide the sentences at its head may be.
const helpInside = 520 - 2*16

// help is the window that opens at the click: what is wrong, how bad it is,
// and the moment in which it can still be taken back.
type help struct {
	w    *Window
	help snapshot.Help // as last seen
	open bool          // the session still has it
	mine bool          // the person has touched the form here
	soon bool          // … before the session's first word

	wrong, todo *prose
	rows        []*row
	rowsBox     *fyne.Container
	cannot      *choice
	badly       *choice
	smaller     *button
	reason      *prose
	words       *entry
	unsaid      later
	full        bool
	thumb       *thumb
	attach      *tick
	logs        *tick
	reader      *reader
	who         *prose
	nameless    *button // instead of who, when no name is known: leads to where it is given
	noName      *fyne.Container
	what        *button
	bar         *bar
	form        *fyne.Container
	outgoing    *outgoing
	all         *fyne.Container
}

func newHelp(w *Window) *help {
	h := &help{w: w, wrong: newProse(lead, ink, 0).strong().upTo(2), todo: newProse(normal, soft, 0).upTo(2)}
	h.rowsBox = newColumn(0, 0)
	h.cannot = newChoice(report.P0, func() { h.choose(report.P0) })
	h.badly = newChoice(report.P1, func() { h.choose(report.P1) })
	h.smaller = newButton(quiet, h.menu).little()
	h.reason = newProse(small, soft, 2).middle()
	h.words = newEntry(2, maxWords)
	h.unsaid = later{after: 300 * time.Millisecond, say: func(s string) { w.do(snapshot.Verb{Do: snapshot.SetWords, Text: s}) }}
	h.words.typed = func(s string) { h.touch(); h.unsaid.set(s, w.now()) }
	h.words.full = func(full bool) { h.full = full; h.again() }
	h.thumb = newThumb(func() { h.touch(); h.look(h.thumb.pane) }, func() { h.look(nil) })
	h.attach = newTick(func(on bool) { h.touch(); w.do(snapshot.Verb{Do: snapshot.TickPicture, On: on}) })
	h.logs = newTick(func(on bool) { h.touch(); w.do(snapshot.Verb{Do: snapshot.TickLogs, On: on}) })
	h.attach.flat, h.logs.flat = true, true
	h.who = newProse(small, soft, 1).byHand().middle()
	h.nameless = newButton(quiet, func() { h.touch(); w.do(snapshot.Verb{Do: snapshot.OpenWelcome}) }).little()
	h.what = newButton(quiet, func() { h.touch(); h.look(h.outgoing.box) }).little()
	h.bar = newBar(h)
	h.outgoing = newOutgoing(w, func() { h.look(nil) })
	h.reader = newReader(func() { h.look(h.outgoing.box) })
	h.outgoing.read = func(name, text string) {
		h.reader.open(w.book(), name, text)
		h.look(h.reader.box)
	}

	for _, p := range []*pressable{&h.cannot.pressable, &h.badly.pressable, &h.smaller.pressable, &h.thumb.pressable, &h.attach.pressable, &h.logs.pressable, &h.nameless.pressable, &h.what.pressable} {
		p.escape, p.noticed = w.escape, h.touch
	}
	h.words.escape, h.words.noticed = w.escape, h.touch

	head := newFixed(0, 84, newPadded(16, 0, newColumn(0, 2, h.wrong, h.todo)))
	choices := container.NewGridWithColumns(2, h.cannot, h.badly)
	small := newLine(8, h.reason, h.reason, h.smaller)
	rest := newGap(0)
	h.noName = newLine(0, rest, h.nameless, rest)
	h.noName.Hide()
	beside := newColumn(0, 0, h.attach, newFixed(0, 26, newStack(h.who, h.noName))) // beside the logs and what will be sent
	flush := newGap(0)
	sending := newLine(10, beside, h.thumb, beside, newColumn(0, 0, h.logs, newLine(0, flush, flush, h.what))) // at the edge that the line above ends at
	middle := newColumn(0, 6,
		newFixed(0, rowsHeight+6, newStack(newCard(), newPadded(0, 3, h.rowsBox))),
		choices, small, h.words, sending)
	body, _ := newScroll(newPadded(12, 0, middle))
	form := growColumn(0, 4, body, newGap(4), head, body, w.notice.box, h.bar.box)
	h.form = newStack(newGround(h.touch), form)
	h.all = newStack(h.form, h.outgoing.box, h.thumb.pane, h.reader.box)
	h.outgoing.box.Hide()
	w.back = func() bool {
		if h.reader.box.Visible() {
			return h.look(h.outgoing.box)
		}
		return !h.form.Visible() && h.look(nil)
	}
	return h
}

func newGap(height float32) *fill {
	f := newFill(none)
	f.h = height
	return f
}

func (h *help) content() fyne.CanvasObject { return h.all }
func (h *help) title(b *words.Book) string { return b.T("help.title") }
func (h *help) size() fyne.Size            { return fyne.NewSize(520, 535) } // fits 1366 × 768 at 125 %
func (h *help) first() fyne.Focusable      { return nil }                    // a focus would be a touch
func (h *help) key(*fyne.KeyEvent)         { h.touch() }
func (h *help) types() *entry {
	if !h.form.Visible() || h.help.Phase == snapshot.Sending {
		return nil
	}
	return h.words
}
func (h *help) flush() { h.unsaid.flush() }
func (h *help) level(dbfs float64) {
	for _, r := range h.rows {
		r.meter.hear(dbfs)
	}
}

// touch stops the hold: from here on only Send sends.
func (h *help) touch() {
	h.soon = h.help.Phase == ""
	if !h.open || h.mine || h.help.Phase != snapshot.Examining {
		return
	}
	h.mine = true
	h.bar.set(h.w.book())
	arrange(h.bar.box)
	h.w.do(snapshot.Verb{Do: snapshot.Touch})
}

func (h *help) choose(p report.Priority) {
	h.touch()
	h.help.Chosen = p
	h.again()
	h.w.do(snapshot.Verb{Do: snapshot.SetPriority, Priority: p})
}

// menu offers what is not urgent.
func (h *help) menu() {
	h.touch()
	b := h.w.book()
	var items []*fyne.MenuItem
	for _, p := range []report.Priority{report.P2, report.P3} {
		item := fyne.NewMenuItem(b.T("help."+string(p))+" · "+h.time(b, p), func() { h.choose(p) })
		item.Checked = h.priority() == p
		items = append(items, item)
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(h.smaller)
	if c == nil {
		return
	}
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.smaller)
	m.ShowAtPosition(fyne.NewPos(min(at.X, c.Size().Width-m.MinSize().Width-8), at.Y+h.smaller.Size().Height))
}

// look shows a pane instead of the form: everything that will be sent, or the
// picture; nil goes back.
func (h *help) look(pane *fyne.Container) bool {
	show(h.outgoing.box, pane == h.outgoing.box)
	show(h.thumb.pane, pane == h.thumb.pane)
	show(h.reader.box, pane == h.reader.box)
	show(h.form, pane == nil)
	defer arrange(h.all)
	var start fyne.Focusable
	switch pane {
	case h.outgoing.box:
		h.outgoing.set(h.w.book(), h.help.Outgoing)
		start = h.outgoing.back
	case h.thumb.pane:
		start = h.thumb.leave
	case h.reader.box:
		start = h.reader.back
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(h.all); c != nil {
		c.Focus(start)
	}
	return true
}

func (h *help) send() {
	h.unsaid.flush()
	h.w.do(snapshot.Verb{Do: snapshot.Send})
}

// priority is the one that will be sent. With nothing found and nothing
// chosen it is P1.
func (h *help) priority() report.Priority {
	if p := h.help.Priority(); p.Valid() {
		return p
	}
	return report.P1
}

func (h *help) set(b *words.Book, s snapshot.Snapshot) {
	if s.Help != nil {
		another := h.help.ID != "" && s.Help.ID != h.help.ID
		if another || !h.open && h.words.Text == "" {
			h.words.put(s.Help.Words) // what was typed before the window was closed
		}
	}
	if h.open = s.Help != nil; h.open {
		h.help = *s.Help
		h.mine = h.mine && h.help.Phase == snapshot.Examining
	}
	h.bar.seen = h.w.now()
	if h.soon && h.open {
		h.touch()
	}
	h.again()
}

// again draws what is known.
func (h *help) again() {
	b := h.w.book()
	h.header(b)
	h.results(b)

	p := h.priority()
	h.cannot.say(b.T("help.p0"), upper(b.Name("priority.p0"))+" · "+h.time(b, report.P0))
	h.badly.say(b.T("help.p1"), upper(b.Name("priority.p1"))+" · "+h.time(b, report.P1))
	h.cannot.pick(p == report.P0)
	h.badly.pick(p == report.P1)
	h.why(b, p)

	h.words.hint(b.T("help.words"))
	h.picture(b)
	h.from(b)
	h.what.say(b.T("help.what") + " ›")
	if h.outgoing.box.Visible() {
		h.outgoing.set(b, h.help.Outgoing)
	}
	h.bar.set(b)
	arrange(h.all)
}

// from says who asks, or that the words are full.
func (h *help) from(b *words.Book) {
	me := h.w.snap.Me
	h.who.say(joinDot(b.T("help.from"), me.Name, me.Room))
	h.who.tint(soft)
	if h.full {
		h.who.say(b.T("window.full", "max", maxWords))
		h.who.tint(careful)
	}
	h.nameless.say(joinDot(b.T("help.no_name"), b.T("help.change")) + " ›")
	unknown := me.Name == "" && h.help.Phase != "" && !h.full
	show(h.noName, unknown)
	show(h.who, !unknown)
}

// header says what is wrong and what to do.
func (h *help) header(b *words.Book) {
	says, do := b.T("help.checking"), b.T("help.checking.do")
	switch {
	case h.help.Phase == snapshot.Refused && h.help.Problem != nil:
		p := b.Of(h.help.Problem.Code, h.help.Problem.Params)
		says, do = p.Says, p.Do
	case len(h.help.Findings) > 0:
		f := b.Of(h.help.Findings[0].Code, h.help.Findings[0].Params)
		says, do = f.Says, f.Do
	case h.help.Done:
		says, do = b.T("help.nothing"), b.T("help.nothing.do")
	}
	color := ink
	if h.help.Phase == snapshot.Refused {
		color = stop
	}
	h.wrong.as(fitting(says, helpInside, 2, lead, normal, true), color)
	h.wrong.say(says)
	h.todo.as(fitting(do, helpInside, 2, normal, small, false), soft)
	h.todo.say(do)
}

func (h *help) results(b *words.Book) {
	known := h.help.Rows
	if len(known) == 0 { // before the first snapshot: the places are there
		for _, check := range []string{"mic", "speaker", "camera", "network", "system", "apps"} {
			known = append(known, snapshot.Row{Check: check, Running: true})
		}
	}
	same := len(known) == len(h.rows)
	for i := range h.rows {
		same = same && h.rows[i].check == known[i].Check
	}
	if !same {
		h.rows, h.rowsBox.Objects = nil, nil
		for _, k := range known {
			r := newRow(k.Check, rowsHeight/float32(len(known)), func(v snapshot.Verb) { h.touch(); h.w.do(v) })
			for _, p := range []*pressable{&r.how.pressable, &r.setting.pressable, &r.retry.pressable} {
				p.escape, p.noticed = h.w.escape, h.touch
			}
			h.rows = append(h.rows, r)
			h.rowsBox.Add(r.box)
		}
	}
	for i, r := range h.rows {
		r.set(b, known[i])
	}
}

// time is when an answer is due: counted from now, or from when the request
// will have arrived.
func (h *help) time(b *words.Book, p report.Priority) string {
	if h.w.snap.Away() != snapshot.Near {
		return b.T("help." + string(p) + ".arrived")
	}
	return b.T("help." + string(p) + ".time")
}

// why says the reason for the proposal, or what was chosen instead.
func (h *help) why(b *words.Book, p report.Priority) {
	h.smaller.say(b.T("help.smaller") + " ›")
	text := ""
	switch {
	case p == report.P2 || p == report.P3:
		h.smaller.say(b.T("help.change") + " ›")
		text = b.T("help.chosen", "priority", upper(b.Name("priority."+string(p))), "what", b.T("help."+string(p)), "time", h.time(b, p))
	case h.help.Chosen != "" && h.help.Chosen != h.help.Proposed:
	case h.help.Reason != "":
		text = b.T("help.why", "priority", upper(b.Name("priority."+string(p))), "reason", b.Of(h.help.Reason, nil).Says)
	}
	h.reason.say(text)
}

func (h *help) picture(b *words.Book) {
	pic := h.help.Picture
	h.attach.text.say(b.T("help.attach"))
	h.attach.enable(pic != nil)
	h.attach.set(h.help.WithPicture)
	h.logs.text.say(b.T("help.attach_logs"))
	switch l := h.help.Logs; {
	case l == nil:
	case l.Running:
		h.logs.text.say(b.T("help.attach_logs.running"))
	default:
		h.logs.text.say(b.T("help.attach_logs.found", "n", l.Files))
	}
	h.logs.set(h.help.WithLogs)
	h.thumb.say(b)
	if pic != nil && pic.Displays > 1 {
		h.attach.text.say(b.T("help.attach_all", "n", pic.Displays))
	}
}

func (h *help) frame(f snapshot.Frame) {
	if f.Of != "screen" {
		return
	}
	if m := decode(f.Image); m != nil {
		h.thumb.set(m)
		h.outgoing.picture(m)
	}
}

func (h *help) tick(now time.Time) {
	for _, r := range h.rows {
		r.sign.step(h.w.beat / 4)
	}
	h.bar.tick(now)
	h.unsaid.tick(now)
}

// decode reads a thumbnail. It comes from the session, but a picture is
// always looked at with care: no larger than the session may send.
func decode(png []byte) image.Image {
	c, _, err := image.DecodeConfig(bytes.NewReader(png))
	if err != nil || c.Width > 1280 || c.Height > 720 {
		return nil
	}
	m, _, err := image.Decode(bytes.NewReader(png))
	if err != nil {
		return nil
	}
	return m
}

func joinDot(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, " · ")
}

// bar is the hold: to whom it goes and when, and the way to take it back.
type bar struct {
	h        *help
	text     *prose
	progress *progress
	dont     *button
	change   *button
	now      *button
	box      *fyne.Container
	seen     time.Time // when the hold's snapshot came
}

func newBar(h *help) *bar {
	b := &bar{h: h, text: newProse(normal, ink, 2).middle(), progress: newProgress()}
	b.dont = newButton(plain, func() { h.w.do(snapshot.Verb{Do: snapshot.DontSend}) })
	b.change = newButton(plain, h.touch)
	b.now = newButton(accent, h.send)
	for _, x := range []*button{b.dont, b.change, b.now} {
		x.escape = h.w.escape
	}
	// Change is the one that goes: it stands where no other button can come
	// under the pointer, and only words take its place.
	buttons := newLine(8, b.text, b.text, b.change, b.dont, b.now)
	ground := newFill(surface)
	b.box = newStack(ground, newColumn(0, 0, b.progress, newFixed(0, 54, newPadded(12, 0, buttons))))
	return b
}

// left is what is left of the hold; false when nothing is sent by itself.
func (b *bar) left() (time.Duration, bool) {
	hold := b.h.help.Hold
	if hold == nil || b.h.mine || !b.h.open || b.h.help.Phase != snapshot.Examining {
		return 0, false
	}
	return max(0, hold.Left-b.h.w.now().Sub(b.seen)), true
}

func (b *bar) set(book *words.Book) {
	s, h := b.h.w.snap, b.h
	to := contactName(book, s)
	left, holding := b.left()
	b.dont.say(book.T("help.dont_send"))
	b.change.say(book.T("help.change"))
	b.now.say(book.T("help.send"))
	b.now.may = []string{book.T("help.send_now"), book.T("help.send_again")}
	b.text.tint(ink)
	show(b.change, holding)
	b.dont.enable(true)
	b.now.enable(true)
	b.text.size, b.text.lines = normal, 2
	b.progress.set(0)
	away := s.Away()
	switch {
	case !h.open && h.help.Phase == "": // before the first word of the session
		b.text.say("")
		b.dont.enable(false)
		b.now.enable(false)
	case !h.open:
		b.text.say(book.T("help.over"))
		b.dont.enable(false)
		b.now.enable(false)
	case h.help.Phase == snapshot.Sending:
		b.text.say(book.T("help.sending", "to", to))
		b.dont.enable(false)
		b.now.enable(false)
	case h.help.Phase == snapshot.Refused:
		b.now.say(book.T("help.send_again"))
		b.text.size = small
		b.text.tint(stop)
		b.text.say(book.T("help.refused"))
	case holding:
		b.now.say(book.T("help.send_now"))
		b.count(book, left)
	case away != snapshot.Near:
		b.text.size, b.text.lines = small, 3
		b.text.say(joined(book, book.T("help."+string(away), "to", to, "why", book.Title(s.Desk.Code, nil)), call(book, s)))
	default:
		b.text.size = small
		b.text.tint(soft)
		b.text.say(book.T("help.only_send", "to", to))
	}
	b.text.Refresh()
}

func (b *bar) tick(time.Time) {
	if left, holding := b.left(); holding {
		b.count(b.h.w.book(), left)
	}
}

// count says what happens at the end of the hold: what cannot arrive now is
// not promised to.
func (b *bar) count(book *words.Book, left time.Duration) {
	s, key := b.h.w.snap, "help.hold"
	if away := s.Away(); away != snapshot.Near {
		key += "." + string(away)
		b.text.size, b.text.lines = small, 3
	}
	says := book.T(key, "to", contactName(book, s), "n", int(math.Ceil(left.Seconds())), "why", book.Title(s.Desk.Code, nil))
	if key != "help.hold" {
		says = joined(book, says, call(book, s))
	}
	b.text.say(says)
	if total := b.h.help.Hold.Total; total > 0 {
		b.progress.set(float32(left) / float32(total))
	}
}

// call names the number for what cannot wait, if there is one.
func call(b *words.Book, s snapshot.Snapshot) string {
	if s.Contact.Phone == "" {
		return ""
	}
	return b.T("help.call", "phone", s.Contact.Phone)
}

// progress is a thin line that grows shorter.
type progress struct {
	widget.BaseWidget
	part float32
}

func newProgress() *progress {
	p := &progress{}
	p.ExtendBaseWidget(p)
	return p
}

func (p *progress) set(part float32) {
	part = max(0, min(1, part))
	if part != p.part {
		p.part = part
		p.Refresh()
	}
}

func (p *progress) CreateRenderer() fyne.WidgetRenderer {
	return &progressRenderer{p: p, back: canvas.NewRectangle(color.Transparent), bar: canvas.NewRectangle(nil)}
}

type progressRenderer struct {
	p         *progress
	back, bar *canvas.Rectangle
}

func (r *progressRenderer) MinSize() fyne.Size           { return fyne.NewSize(10, 3) }
func (r *progressRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.bar} }
func (r *progressRenderer) Destroy()                     {}
func (r *progressRenderer) Refresh()                     { r.Layout(r.p.Size()); canvas.Refresh(r.p) }
func (r *progressRenderer) Layout(size fyne.Size) {
	r.back.FillColor, r.bar.FillColor = paint(edge), paint(brand)
	r.back.Resize(size)
	r.bar.Resize(fyne.NewSize(size.Width*r.p.part, size.Height))
}
