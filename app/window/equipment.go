package window

import (
	"math"
	"time"

	_ "image/jpeg" // what the camera sees

	"raisehand/app/snapshot"
	articles "raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// equipmentWidth lets a long sentence stand in half of it; a 1366 × 768 screen
// at 125 % is 1092 wide.
const equipmentWidth = 800

// recordingTakes is how long one's own voice is recorded.
const recordingTakes = 3 * time.Second

// equipment is the test of microphone, loudspeaker and camera that a person
// does by themself: speak, look, listen.
type equipment struct {
	w       *Window
	head    *prose
	mic     *toolCard
	speaker *toolCard
	camera  *toolCard

	meter    *meter
	record   *button
	recorded time.Time // when the recording began
	doing    snapshot.Doing

	play    *button
	heard   *prose
	yes, no *button

	picture *canvas.Image
	seen    time.Time // when the picture came
	empty   *prose

	calm  *prose
	close *button
	help  *button
	all   *fyne.Container
}

func newEquipment(w *Window) *equipment {
	v := &equipment{w: w, head: newProse(lead, ink, 1).strong().middle()}
	do := func(verb string) func() { return func() { w.do(snapshot.Verb{Do: verb}) } }

	v.meter = newWideMeter()
	v.record = newButton(plain, do(snapshot.RecordVoice)).little()
	v.mic = newToolCard(w, "mic", newLine(8, v.meter, v.meter, v.record), 2)

	v.play = newButton(plain, do(snapshot.PlaySound)).little()
	v.heard = newProse(small, ink, 1).strong().middle()
	v.yes = newButton(plain, func() { w.do(snapshot.Verb{Do: snapshot.HeardSound, On: true}) }).little()
	v.no = newButton(plain, func() { w.do(snapshot.Verb{Do: snapshot.HeardSound}) }).little()
	v.speaker = newToolCard(w, "speaker", newFixed(0, 27, newLine(6, v.heard, v.play, v.heard, v.yes, v.no)), 2)

	v.picture = canvas.NewImageFromImage(nil)
	v.picture.FillMode = canvas.ImageFillContain
	v.empty = newProse(normal, soft, 1).centre().middle()
	screen := newFixed(0, 240, newStack(newFill("background"), v.picture, newColumn(80, 0, v.empty)))
	v.camera = newToolCard(w, "camera", screen, 3)

	v.calm = newProse(small, soft, 2).middle()
	v.close = newButton(plain, func() { w.close() })
	v.help = newButton(accent, do(snapshot.GetHelp))
	for _, b := range []*button{v.record, v.play, v.yes, v.no, v.close, v.help} {
		b.escape = w.escape
	}
	bar := newStack(newFill(surface), newColumn(0, 0, newRule(), newFixed(0, 54, newPadded(12, 0, newLine(8, v.calm, v.calm, v.close, v.help)))))
	body := newPadded(12, 0, newBeside(8, newBelow(8, v.mic.box, v.speaker.box), v.camera.box))
	top := newFixed(0, 34, newPadded(16, 4, v.head))
	v.all = growColumn(0, 0, body, top, body, newGap(8), w.notice.box, bar)
	return v
}

func (v *equipment) content() fyne.CanvasObject { return v.all }
func (v *equipment) title(b *words.Book) string { return b.T("equipment.title") }
func (v *equipment) size() fyne.Size            { return fyne.NewSize(equipmentWidth, 535) }
func (v *equipment) first() fyne.Focusable      { return nil }
func (v *equipment) key(*fyne.KeyEvent)         {}
func (v *equipment) types() *entry              { return nil }
func (v *equipment) flush()                     {}

func (v *equipment) cards() []*toolCard { return []*toolCard{v.mic, v.speaker, v.camera} }

func (v *equipment) level(dbfs float64) {
	if v.doing == snapshot.Live || v.doing == snapshot.Recording {
		v.meter.hear(dbfs)
	}
}

func (v *equipment) frame(f snapshot.Frame) {
	if f.Of != "camera" {
		return
	}
	if m := decode(f.Image); m != nil && v.camera.tool.Doing != snapshot.Resting {
		v.picture.Image, v.seen = m, v.w.now()
		v.picture.Refresh()
		show(v.empty, false)
	}
}

// stands is how long a picture is shown when no other follows.
const stands = 1500 * time.Millisecond

func (v *equipment) tick(now time.Time) {
	for _, c := range v.cards() {
		c.sign.step(v.w.beat / 4)
	}
	v.count(v.w.book())
	if v.picture.Image != nil && now.Sub(v.seen) > stands {
		v.noPicture()
	}
}

func (v *equipment) set(b *words.Book, s snapshot.Snapshot) {
	e := s.Equipment
	if e == nil { // before the session's first word: the places are there
		e = &snapshot.Equipment{}
	}
	for _, c := range v.cards() {
		t := e.Tool(c.check)
		if t == nil {
			t = &snapshot.Tool{Check: c.check, Doing: snapshot.Looking}
		}
		c.set(b, *t)
	}
	v.summary(b, *e)
	v.voice(b)
	v.sound(b)
	v.show(b)
	v.calm.say(b.T("equipment.calm"))
	v.close.say(b.T("equipment.close"))
	v.help.say(b.T("equipment.get_help"))
}

// summary says in one sentence how things stand.
func (v *equipment) summary(b *words.Book, e snapshot.Equipment) {
	fault, fine := false, len(e.Tools) > 0
	for _, t := range e.Tools {
		ok := t.Result != nil && t.Result.Verdict == report.OK
		if t.Check == "speaker" { // only a person can hear it
			ok = ok && t.Result.Code == "speaker.heard"
		}
		fine = fine && ok
		fault = fault || t.Result != nil && t.Result.Fault()
	}
	text, color := b.T("equipment.begin"), ink
	switch {
	case e.Waiting:
		text, color = b.T("equipment.waiting"), info
	case len(e.Class) > 0:
		text, color = b.T("equipment.class", "apps", e.Class), info
	case e.Assumed:
		text, color = b.T("equipment.class_assumed"), info
	case fault:
		text = b.T("equipment.fault")
	case fine:
		text, color = b.T("equipment.fine"), ink
	}
	v.head.tint(color)
	v.head.say(text)
}

// voice is the microphone's own part: the level, and one's own voice.
func (v *equipment) voice(b *words.Book) {
	before := v.doing
	v.doing = v.mic.tool.Doing
	if v.doing == snapshot.Recording && before != v.doing {
		v.recorded = v.w.now()
	}
	if v.doing != snapshot.Live && v.doing != snapshot.Recording {
		v.meter.hear(meterFloor)
	}
	v.record.may = []string{b.T("equipment.record"), b.T("equipment.recording", "n", 3), b.T("equipment.playing")}
	v.record.enable(v.doing == snapshot.Live || v.doing == snapshot.Resting && v.mic.tool.Result != nil)
	v.count(b)
}

// count says how much longer one may speak.
func (v *equipment) count(b *words.Book) {
	switch v.doing {
	case snapshot.Recording:
		left := recordingTakes - v.w.now().Sub(v.recorded)
		v.record.say(b.T("equipment.recording", "n", max(0, int(math.Ceil(left.Seconds())))))
	case snapshot.Playing:
		v.record.say(b.T("equipment.playing"))
	default:
		v.record.say(b.T("equipment.record"))
	}
}

// sound is the loudspeaker's own part: a sound, and whether it was heard.
func (v *equipment) sound(b *words.Book) {
	doing := v.speaker.tool.Doing
	v.play.say(b.T("equipment.play"))
	v.play.may = []string{b.T("equipment.play"), b.T("equipment.playing")}
	if doing == snapshot.Playing {
		v.play.say(b.T("equipment.playing"))
	}
	v.play.enable(doing == snapshot.Resting || doing == snapshot.Asking)
	v.heard.say("")
	if doing == snapshot.Asking {
		v.heard.say(b.T("equipment.heard"))
	}
	v.yes.say(b.T("equipment.yes"))
	v.no.say(b.T("equipment.no"))
	show(v.yes, doing == snapshot.Asking)
	show(v.no, doing == snapshot.Asking)
}

// show is the camera's own part: its picture, and nothing old.
func (v *equipment) show(b *words.Book) {
	if t := v.camera.tool; t.Doing == snapshot.Resting || t.Doing == snapshot.Looking && t.Result == nil {
		v.noPicture()
	}
	v.empty.say(b.T("equipment.no_picture"))
	if v.camera.tool.Doing == snapshot.Looking {
		v.empty.say(b.T("equipment.camera.opening"))
	}
	show(v.empty, v.picture.Image == nil)
}

// cardInside is how wide a card's words may be.
const cardInside = (equipmentWidth-2*12-8)/2 - 2*12

// noPicture shows none: what came last is not how it is now.
func (v *equipment) noPicture() {
	v.picture.Image = nil
	v.picture.Refresh()
	show(v.empty, true)
}

// toolCard is one tool: its verdict, its device, what it is tried out with, and
// what to do. It is as high as it will ever be from the first frame.
type toolCard struct {
	check    string
	tool     snapshot.Tool // as last seen
	sign     *sign
	name     *prose
	how      *button // leads to the article that explains what is wrong
	article  string
	setting  *button
	again    *button
	pick     *picker
	says, do *prose
	lines    int // of what it says, at the normal size; one more at the small
	box      *fyne.Container
}

// newToolCard makes a card with its own part in the middle.
func newToolCard(w *Window, check string, own fyne.CanvasObject, lines int) *toolCard {
	c := &toolCard{check: check, lines: lines, sign: newSign(), name: newProse(normal, ink, 1).strong(),
		says: newProse(normal, ink, 0).upTo(lines + 1), do: newProse(small, soft, 0).upTo(lines + 1)}
	c.setting = newButton(plain, func() { w.do(snapshot.Verb{Do: snapshot.OpenSetting, Text: check}) }).little().flat()
	c.again = newButton(plain, func() { w.do(snapshot.Verb{Do: snapshot.TestAgain, Text: check}) }).little().flat()
	c.pick = newPicker(func(id string) { w.do(snapshot.Verb{Do: snapshot.PickDevice, Text: check, Device: id}) })
	c.how = newButton(quiet, func() { w.do(snapshot.Verb{Do: snapshot.OpenArticle, Text: c.article}) }).little().flat()
	c.how.escape, c.setting.escape, c.again.escape, c.pick.escape = w.escape, w.escape, w.escape, w.escape
	top := newFixed(0, 24, newLine(6, c.name, c.sign, c.name, c.how, c.setting, c.again))
	c.box = newStack(newCard(), newPadded(12, 9, newColumn(0, 6, top, c.pick, own, newColumn(0, 2, c.says, c.do))))
	return c
}

func (c *toolCard) set(b *words.Book, t snapshot.Tool) {
	c.tool = t
	c.name.say(b.Name("check." + c.check))
	c.how.say(b.T("equipment.how") + " ›")
	c.setting.say(b.T("help.setting.short"))
	c.again.say(b.T("equipment.again"))
	none := b.T("equipment.no_device")
	if t.Doing == snapshot.Looking {
		none = b.T("equipment.searching")
	}
	c.pick.set(t, none)

	shape, says, do, color := "", "", "", ink
	unwell := false
	if r := t.Result; r != nil {
		words := b.Of(r.Code, r.Params)
		shape, says = string(r.Verdict), words.Says
		if unwell = r.Verdict != report.OK; unwell {
			do = words.Do
		} else {
			color = soft
		}
	}
	switch key := "equipment." + c.check + "." + string(t.Doing); t.Doing {
	case snapshot.Recording, snapshot.Playing:
		shape, says, do, color = running, b.T(key), "", ink
	case snapshot.Asking:
		shape, says, do, color = string(report.Unknown), b.T(key), "", ink
	case snapshot.Looking, snapshot.Live:
		if t.Result == nil {
			shape, says = running, b.T("equipment."+c.check+".looking")
		}
	}
	c.sign.show(shape)
	c.says.as(fitting(says, cardInside, c.lines, normal, small, false), color)
	c.says.say(says)
	c.do.say(do)
	busy := t.Doing == snapshot.Recording || t.Doing == snapshot.Playing
	c.article = ""
	if t.Result != nil && t.Result.Fault() && !busy {
		c.article = articles.Article(t.Result.Code)
	}
	show(c.how, c.article != "")
	show(c.setting, t.Setting && unwell && !busy)
	show(c.again, t.Result != nil && !busy)
}
