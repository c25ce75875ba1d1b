package window

import (
	"slices"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// maxName is how long a name or a room may be.
const maxName = 80

// welcome asks once who sits here, and says what a ticket contains and who
// receives it.
type welcome struct {
	w       *Window
	role    string
	known   bool // who I am has been taken over from the snapshot
	mine    bool // the person has said something here that has not been kept yet
	head    *prose
	lang    *button
	teacher *choice
	student *choice
	nameTag *prose
	name    *entry
	roomTag *prose
	room    *entry
	fixed   *prose
	tell    *prose
	text    *prose
	outer   *fyne.Container
	later   *button
	agree   *button
	hint    *prose // beside Agree
	asked   bool   // it has said that nobody can know who asks
	all     *fyne.Container
}

func newWelcome(w *Window) *welcome {
	v := &welcome{w: w, head: newProse(heading, ink, 1).strong(), nameTag: newProse(small, soft, 1), roomTag: newProse(small, soft, 1),
		fixed: newProse(small, soft, 1), tell: newProse(normal, ink, 1).strong(), text: newProse(small, ink, 0)}
	v.lang = newButton(quiet, func() {
		to := "zh"
		if w.book().Lang == "zh" {
			to = "en"
		}
		w.do(snapshot.Verb{Do: snapshot.SetLang, Text: to})
	}).little()
	v.teacher = newOption(func() { v.choose("teacher") })
	v.student = newOption(func() { v.choose("student") })
	v.name, v.room = newEntry(1, maxName), newEntry(1, maxName)
	typed := func(string) { v.mine = true }
	v.name.typed, v.room.typed = typed, typed
	v.later = newButton(plain, func() { v.answer(false) })
	v.agree = newButton(accent, v.agreed)
	for _, p := range []*pressable{&v.lang.pressable, &v.teacher.pressable, &v.student.pressable, &v.later.pressable, &v.agree.pressable} {
		p.escape = w.escape
	}
	v.name.escape, v.room.escape = w.escape, w.escape
	v.name.enter = func() { v.step(v.room) } // Enter goes on; only Agree agrees
	v.room.enter = func() { v.step(v.agree) }
	fields := container.NewGridWithColumns(2, newColumn(0, 2, v.nameTag, v.name), newColumn(0, 2, v.roomTag, v.room))
	v.outer, _ = newScroll(newPadded(12, 10, newColumn(0, 4, v.tell, v.text)))
	notice := newStack(newCard(), newPadded(1, 1, v.outer))
	v.hint = newProse(small, careful, 2).middle()
	v.all = growColumn(16, 8, notice,
		newLine(8, v.head, v.head, v.lang),
		container.NewGridWithColumns(2, v.teacher, v.student),
		fields, v.fixed, notice, w.notice.box,
		newLine(8, v.hint, v.hint, v.later, v.agree))
	return v
}

func (v *welcome) content() fyne.CanvasObject { return v.all }
func (v *welcome) title(b *words.Book) string { return b.T("welcome.title") }
func (v *welcome) size() fyne.Size            { return fyne.NewSize(660, 535) } // the whole notice can be seen
func (v *welcome) frame(snapshot.Frame)       {}
func (v *welcome) level(float64)              {}
func (v *welcome) tick(time.Time)             {}
func (v *welcome) key(*fyne.KeyEvent)         {}
func (v *welcome) types() *entry              { return nil }

// flush keeps what was said before the window was closed; that is no consent.
func (v *welcome) flush() {
	if v.mine {
		v.say(false)
	}
}

func (v *welcome) step(to fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v.all); c != nil {
		c.Focus(to)
	}
}

// first is the first thing that is not known yet; never Agree, which somebody
// could press who was typing elsewhere when the window came.
func (v *welcome) first() fyne.Focusable {
	switch {
	case v.name.Text == "" && !v.name.Disabled():
		return v.name
	case v.room.Text == "" && !v.room.Disabled():
		return v.room
	}
	return nil
}

func (v *welcome) choose(role string) {
	v.role, v.mine = role, true
	v.teacher.pick(role == "teacher")
	v.student.pick(role == "student")
	v.set(v.w.book(), v.w.snap)
}

// agreed asks once for what is missing: without name and room nobody can come.
// Whoever presses again goes on without.
func (v *welcome) agreed() {
	if v.nobody() && !v.asked {
		v.asked = true
		v.hint.say(v.w.book().T("welcome.missing"))
		v.step(v.first())
		return
	}
	v.answer(true)
}

// nobody says that neither name nor room is known, and one could be typed.
func (v *welcome) nobody() bool {
	return v.name.Text == "" && v.room.Text == "" && v.first() != nil
}

func (v *welcome) answer(yes bool) {
	v.say(yes)
	v.w.close()
}

func (v *welcome) say(yes bool) {
	v.mine = false
	p := deskapi.Person{Role: v.role, Name: v.name.Text, Room: v.room.Text}
	v.w.do(snapshot.Verb{Do: snapshot.Introduce, Person: &p, On: yes})
}

func (v *welcome) set(b *words.Book, s snapshot.Snapshot) {
	who := firstOf(s.Me, s.Guess)
	if !v.known && s.Version != "" { // the session's first word; later the person's own stands
		v.known = true
		if v.role == "" {
			v.role = who.Role
		}
		if v.name.Text == "" {
			v.name.put(who.Name)
		}
		if v.room.Text == "" {
			v.room.put(who.Room)
		}
	}
	is := func(what string) bool { return slices.Contains(s.Fixed, what) }
	if is("role") {
		v.role = s.Me.Role
	}
	if is("name") {
		v.name.put(s.Me.Name)
	}
	if is("room") {
		v.room.put(s.Me.Room)
	}
	if v.role == "" {
		v.role = "teacher"
	}
	able(&v.name.Entry.DisableableWidget, !is("name"))
	able(&v.room.Entry.DisableableWidget, !is("room"))
	v.teacher.enable(!is("role"))
	v.student.enable(!is("role"))
	show(v.lang, !is("lang"))
	v.teacher.pick(v.role == "teacher")
	v.student.pick(v.role == "student")

	v.head.say(b.T("welcome.head"))
	v.lang.say(b.T("lang.other"))
	v.teacher.say(b.T("welcome.teacher"), "")
	v.student.say(b.T("welcome.student"), "")
	v.nameTag.say(b.T("welcome.name"))
	v.roomTag.say(b.T("welcome.room"))
	if v.role == "student" {
		v.roomTag.say(b.T("welcome.class"))
	}
	v.fixed.say("")
	if len(s.Fixed) > 0 {
		v.fixed.say(b.T("welcome.fixed"))
	}
	show(v.fixed, len(s.Fixed) > 0)
	v.tell.say(b.T("consent.head"))
	v.text.say(consent(b, s))
	v.agree.say(b.T("welcome.agree"))
	if s.Consent {
		v.agree.say(b.T("welcome.save"))
	}
	v.later.say(b.T("welcome.later"))
	v.hint.say("")
	if v.asked && v.nobody() {
		v.hint.say(b.T("welcome.missing"))
	}
	v.outer.Refresh()
}

// consent is the whole notice, with the name of who receives tickets.
func consent(b *words.Book, s snapshot.Snapshot) string {
	to := receiver(b, s)
	return b.T("consent.text", "to", to)
}

func firstOf(a, b deskapi.Person) deskapi.Person {
	if a.Role == "" {
		a.Role = b.Role
	}
	if a.Name == "" {
		a.Name = b.Name
	}
	if a.Room == "" {
		a.Room = b.Room
	}
	return a
}

// able lets a field be typed in, or only read.
func able(d interface {
	Enable()
	Disable()
	Disabled() bool
}, on bool) {
	if on && d.Disabled() {
		d.Enable()
	} else if !on && !d.Disabled() {
		d.Disable()
	}
}
