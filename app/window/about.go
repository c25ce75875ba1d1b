package window

import (
	"net/url"
	"slices"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/icons"
	"raisehand/assets/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// about says who receives tickets, what they contain, and who the app thinks
// sits here.
type about struct {
	w       *Window
	head    *prose
	version *prose
	to      *prose
	ways    *prose
	desk    *prose
	me      *prose
	change  *button
	tickets *button
	english *button
	chinese *button
	tell    *prose
	text    *prose
	outer   *fyne.Container
	all     *fyne.Container
}

func newAbout(w *Window) *about {
	v := &about{w: w, head: newProse(heading, ink, 1).strong(), version: newProse(small, soft, 1),
		to: newProse(normal, ink, 0).strong(), ways: newProse(normal, ink, 0).byHand(), desk: newProse(small, soft, 0).byHand(),
		me: newProse(normal, ink, 1).byHand(), tell: newProse(normal, ink, 0).strong(), text: newProse(small, ink, 0)}
	press := func(do, text string) func() { return func() { w.do(snapshot.Verb{Do: do, Text: text}) } }
	v.change = newButton(plain, press(snapshot.OpenWelcome, "")).little()
	v.tickets = newButton(plain, press(snapshot.OpenTickets, "")).little()
	v.english = newButton(plain, press(snapshot.SetLang, "en")).little()
	v.chinese = newButton(plain, press(snapshot.SetLang, "zh")).little()
	for _, b := range []*button{v.change, v.tickets, v.english, v.chinese} {
		b.escape = w.escape
	}
	hand := canvas.NewImageFromResource(fyne.NewStaticResource("raisehand.png", icons.App))
	hand.FillMode = canvas.ImageFillContain
	names := newColumn(0, 0, v.head, v.version)
	top := newLine(12, names, newFixed(48, 48, hand), names, v.chinese, v.english)
	me := newLine(8, v.me, v.me, v.change, v.tickets)
	v.outer, _ = newScroll(newPadded(14, 12, newColumn(0, 4, v.to, v.ways, v.desk, newGap(4), v.tell, v.text)))
	card := newStack(newCard(), newPadded(1, 1, v.outer))
	v.all = growColumn(16, 12, card, top, me, card, w.notice.box)
	return v
}

func (v *about) content() fyne.CanvasObject { return v.all }
func (v *about) title(b *words.Book) string { return b.T("about.title") }
func (v *about) size() fyne.Size            { return fyne.NewSize(660, 535) } // the whole notice can be seen
func (v *about) first() fyne.Focusable      { return nil }
func (v *about) frame(snapshot.Frame)       {}
func (v *about) level(float64)              {}
func (v *about) tick(time.Time)             {}
func (v *about) key(*fyne.KeyEvent)         {}
func (v *about) types() *entry              { return nil }
func (v *about) flush()                     {}

func (v *about) set(b *words.Book, s snapshot.Snapshot) {
	v.head.say(b.T("about.name"))
	v.version.say(b.T("about.version", "version", s.Version))
	v.to.say(b.T("about.to", "to", receiver(b, s)))
	ways := []string{}
	if s.Contact.Phone != "" {
		ways = append(ways, b.T("ticket.phone", "phone", s.Contact.Phone))
	}
	v.ways.say(joinDot(append(ways, s.Contact.Mail, s.Contact.Chat)...))
	v.desk.say("")
	if s.Desk.URL != "" {
		v.desk.say(b.T("about.desk", "url", s.Desk.URL))
	}
	if s.Desk.Code != "" {
		says := b.Of(s.Desk.Code, nil)
		v.desk.say(joined(b, says.Says, says.Do))
		if s.Away() != snapshot.Barred { // there may be no request that could be safe here
			v.desk.say(b.T("about.away", "to", contactName(b, s)))
		}
	}
	show(v.ways, v.ways.text != "")
	show(v.desk, v.desk.text != "")
	v.me.say(joinDot(s.Me.Name, s.Me.Room))
	if v.me.text == "" {
		v.me.say(b.T("about.nobody"))
	}
	v.change.say(b.T("help.change"))
	v.tickets.say(b.T("tickets.head"))
	v.english.say("English")
	v.chinese.say("中文")
	free := !slices.Contains(s.Fixed, "lang")
	show(v.english, free && b.Lang != "en")
	show(v.chinese, free && b.Lang != "zh")
	v.tell.say(b.T("consent.head"))
	v.text.say(consent(b, s))
	v.outer.Refresh()
	v.all.Refresh()
}

// receiver is who a request goes to; before the desk has said its name, its
// address stands behind ours for it.
func receiver(b *words.Book, s snapshot.Snapshot) string {
	u, err := url.Parse(s.Desk.URL)
	if s.Contact.Name != "" || err != nil || u.Host == "" {
		return contactName(b, s)
	}
	return b.T("window.desk_at", "desk", contactName(b, s), "address", u.Host)
}

func contactName(b *words.Book, s snapshot.Snapshot) string {
	if s.Contact.Name == "" {
		return b.T("window.desk")
	}
	return s.Contact.Name
}
