package window

import (
	"image/color"

	"raisehand/app/snapshot"
	articles "raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

// rowsHeight is what all rows together take: with six of them what is fine is
// one quiet line, and the window still fits 1366 × 768 at 125 %.
const rowsHeight = 6 * 26

// row is one thing that is looked at. It stands in its place, at its height,
// from the first frame; results fill it.
type row struct {
	check   string
	article string // that explains what stands here
	sign    *sign
	name    *prose
	status  *prose
	how     *how // the status leads to its article, if there is one
	meter   *meter
	setting *button
	retry   *again
	box     *fyne.Container
}

func newRow(check string, height float32, do func(snapshot.Verb)) *row {
	r := &row{check: check, sign: newSign(), name: newProse(normal, ink, 1).strong(), status: newProse(small, ink, 1).fits(), meter: newMeter()}
	r.setting = newButton(plain, func() { do(snapshot.Verb{Do: snapshot.OpenSetting, Text: check}) }).little().flat()
	r.retry = newAgain(func() { do(snapshot.Verb{Do: snapshot.Retry, Text: check}) })
	r.how = newHow(r.status, func() { do(snapshot.Verb{Do: snapshot.OpenArticle, Text: r.article}) })
	middle := newLine(6, r.how, r.how, r.meter, r.setting, r.retry)
	r.box = newFixed(0, height, newPadded(12, 0, newLine(8, middle, r.sign, newFixed(86, 0, r.name), middle)))
	r.meter.Hide()
	r.setting.Hide()
	r.retry.Hide()
	return r
}

// set fills the row from the snapshot.
func (r *row) set(b *words.Book, s snapshot.Row) {
	r.name.say(b.Name("check." + r.check))
	r.setting.say(b.T("help.setting.short"))
	r.retry.say(b.T("help.retry"))
	shape, text, color := "", b.T("help.row.waiting"), soft
	fault := false
	if s.Result != nil {
		shape, text = string(s.Result.Verdict), b.Of(s.Result.Code, s.Result.Params).Title
		fault = s.Result.Verdict == report.Fail || s.Result.Verdict == report.Warn
		if fault {
			color = ink
		}
	}
	if s.Running {
		shape = running
		if s.Result == nil {
			text = own(b, "help.row.running", r.check)
		}
	}
	r.sign.show(shape)
	r.name.tint(ink)
	if s.Result != nil && !s.Running && !fault {
		r.name.tint(soft) // what is wrong stands out; what is fine stays quiet
	}
	r.status.tint(color)
	r.article = ""
	if fault && !s.Running {
		r.article = articles.Article(s.Result.Code)
	}
	r.how.lead(r.article != "", b.T("help.how"))
	unwell := s.Result != nil && s.Result.Verdict != report.OK
	show(r.meter, s.Running && r.check == "mic")
	show(r.setting, s.Setting && unwell && !s.Running && s.Result.Verdict != report.Skipped)
	show(r.retry, unwell && !s.Running)
	if r.article != "" {
		text += " ›"
	}
	r.status.say(text)
}

// show shows or hides, and says nothing when nothing changes.
func show(o fyne.CanvasObject, on bool) {
	if on != o.Visible() {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
}

// own is a check's own words, or those for any check.
func own(b *words.Book, key, check string) string {
	if s := b.T(key + "." + check); s != key+"."+check {
		return s
	}
	return b.T(key)
}

// how is words that lead to an article, underlined where they do.
type how struct {
	pressable
	says  *prose
	label string
}

func newHow(says *prose, press func()) *how {
	h := &how{says: says}
	h.press, h.off = press, true
	h.ExtendBaseWidget(h)
	return h
}

// lead lets the words lead somewhere, or not; label says so to a screen reader.
func (h *how) lead(on bool, label string) {
	h.label = label
	if h.off == on {
		h.enable(on)
	}
}

func (h *how) heightFor(width float32) float32        { return h.says.heightFor(width) }
func (h *how) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleLink }
func (h *how) AccessibilityLabel() string             { return h.says.text + " " + h.label }

func (h *how) Cursor() desktop.Cursor {
	if h.off {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

func (h *how) CreateRenderer() fyne.WidgetRenderer {
	return &howRenderer{h: h, under: canvas.NewRectangle(color.Transparent), ring: canvas.NewRectangle(color.Transparent)}
}

type howRenderer struct {
	h           *how
	under, ring *canvas.Rectangle
}

func (r *howRenderer) MinSize() fyne.Size { return r.h.says.MinSize() }
func (r *howRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ring, r.h.says, r.under}
}
func (r *howRenderer) Destroy() {}
func (r *howRenderer) Refresh() { r.Layout(r.h.Size()); canvas.Refresh(r.h) }

func (r *howRenderer) Layout(size fyne.Size) {
	r.h.says.Resize(size)
	r.ring.Resize(size)
	words := measure(r.h.says.shown, r.h.says.size, r.h.says.bold)
	r.under.Resize(fyne.NewSize(min(words.Width, size.Width), 1))
	r.under.Move(fyne.NewPos(0, (size.Height+words.Height)/2-1))
	r.under.FillColor = color.Transparent
	switch {
	case r.h.off:
	case r.h.hovered:
		r.under.FillColor = paint(ink)
	default:
		r.under.FillColor = paint(theme.ColorNameInputBorder)
	}
	r.ring.StrokeWidth = 0
	if r.h.focused {
		r.ring.StrokeWidth, r.ring.StrokeColor = 2, paint(ink)
	}
	r.under.Refresh()
	r.ring.Refresh()
}
