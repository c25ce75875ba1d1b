// Package window draws Raisehand's windows: Snapshot in, verbs out; it decides
// nothing.
package window

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"raisehand/app/snapshot"
	"raisehand/assets/words"

	"fyne.io/fyne/v2"
)

// Names of the windows.
const (
	Help    = "help"
	Ticket  = "ticket"
	Tickets = "tickets"
	Welcome = "welcome"
	About   = "about"

	Equipment = "equipment"
	Article   = "article"
)

// Do carries what a person asked for to the session.
type Do func(snapshot.Verb)

// view is one window's inside.
type view interface {
	content() fyne.CanvasObject
	title(*words.Book) string
	size() fyne.Size
	set(*words.Book, snapshot.Snapshot) // a new snapshot has come
	frame(snapshot.Frame)               // a picture has come
	level(float64)                      // the microphone hears this, in dBFS
	tick(time.Time)                     // ten times a second
	key(*fyne.KeyEvent)                 // a key that nothing on the window wanted
	types() *entry                      // where a letter goes that nothing on the window wanted; nil: nowhere
	flush()                             // say now what was typed and not said yet
	first() fyne.Focusable              // where the keyboard starts; nil: nowhere
}

// Window is a view with what all windows share: the notice, the language, and
// the clock.
type Window struct {
	view   view
	do     Do
	now    func() time.Time
	close  func()
	back   func() bool // leaves what covers the view, if anything does
	snap   snapshot.Snapshot
	notice *notice
	root   fyne.CanvasObject
	beat   int
}

// New returns the window with this name ("ticket" takes the ticket's ID,
// "article" the article's name); give it a snapshot before it is shown. now must be monotonic; close is called
// when the person wants the window gone.
func New(name, arg string, do Do, now func() time.Time, close func()) (*Window, error) {
	w := &Window{do: do, now: now, close: close}
	side := float32(0)
	if name == Help || name == Equipment { // whose bar goes from edge to edge
		side = 12
	}
	w.notice = newNotice(w, name == Tickets, side)
	switch name {
	case Help:
		w.view = newHelp(w)
	case Ticket:
		w.view = newTicket(w, arg)
	case Tickets:
		w.view = newTickets(w)
	case Welcome:
		w.view = newWelcome(w)
	case About:
		w.view = newAbout(w)
	case Equipment:
		w.view = newEquipment(w)
	case Article:
		w.view = newArticle(w, arg)
	default:
		return nil, fmt.Errorf("no window is called %q", name)
	}
	w.root = newStack(newFill("background"), w.view.content())
	return w, nil
}

// Content is what the window shows.
func (w *Window) Content() fyne.CanvasObject { return w.root }

// Title is the window's title in the snapshot's language.
func (w *Window) Title() string { return w.view.title(w.book()) }

// Size is how large it wants to be; the same in every language.
func (w *Window) Size() fyne.Size { return w.view.size() }

// Set shows a new snapshot.
func (w *Window) Set(s snapshot.Snapshot) {
	w.snap = s
	b := w.book()
	w.view.set(b, s)
	w.notice.set(b, s)
	arrange(w.root)
}

// Frame shows a picture.
func (w *Window) Frame(f snapshot.Frame) { w.view.frame(f) }

// Text keeps what can be read before it goes.
func (w *Window) Text(t snapshot.Text) {
	if h, ok := w.view.(*help); ok {
		h.outgoing.texts[t.Name] = t.Text
		if h.outgoing.box.Visible() {
			h.outgoing.set(w.book(), h.help.Outgoing)
			arrange(w.root)
		}
	}
}

// Level shows what the microphone hears.
func (w *Window) Level(l snapshot.Level) { w.view.level(l.DBFS) }

// Tick moves what moves; call it ten times a second.
func (w *Window) Tick() {
	w.beat++
	w.view.tick(w.now())
}

// Key takes a key that nothing on the window wanted.
func (w *Window) Key(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		w.escape()
		return
	}
	w.view.key(k)
}

// Rune takes a letter typed while nothing has the focus: it begins the words.
func (w *Window) Rune(r rune) {
	e := w.view.types()
	if e == nil {
		return
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(e)
	if c == nil {
		return
	}
	c.Focus(e)
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown}) // behind what stands there
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	e.TypedRune(r)
}

// First is where the keyboard starts.
func (w *Window) First() fyne.Focusable { return w.view.first() }

// Flush says what was typed and has not been said yet; call it before the
// window goes.
func (w *Window) Flush() { w.view.flush() }

func (w *Window) book() *words.Book { return words.In(w.snap.Lang).For(w.snap.Me.Role) }

// escape goes back from what covers the window, or closes it.
func (w *Window) escape() {
	if w.back == nil || !w.back() {
		w.close()
	}
}

// later says a text once typing has paused, and at the latest on flush.
type later struct {
	say   func(string)
	text  string
	due   time.Time
	after time.Duration
}

func (l *later) set(text string, now time.Time) {
	l.text = text
	if l.due.IsZero() {
		l.due = now.Add(l.after)
	}
}

func (l *later) tick(now time.Time) {
	if !l.due.IsZero() && !now.Before(l.due) {
		l.flush()
	}
}

func (l *later) flush() {
	if !l.due.IsZero() {
		l.due = time.Time{}
		l.say(l.text)
	}
}

func (l *later) drop() { l.due = time.Time{} }

// upper begins a name as English begins a line.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
