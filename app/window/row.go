package window

import (
	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"

	"fyne.io/fyne/v2"
)

// rowsHeight is what all rows together take: with six of them what is fine is
// one quiet line, and the window still fits 1366 × 768 at 125 %.
const rowsHeight = 6 * 25

// row is one thing that is looked at. It stands in its place, at its height,
// from the first frame; results fill it.
type row struct {
	check   string
	sign    *sign
	name    *prose
	status  *prose
	meter   *meter
	setting *button
	retry   *again
	box     *fyne.Container
}

func newRow(check string, height float32, do func(snapshot.Verb)) *row {
	r := &row{check: check, sign: newSign(), name: newProse(normal, ink, 1).strong(), status: newProse(small, ink, 1).fits(), meter: newMeter()}
	r.setting = newButton(plain, func() { do(snapshot.Verb{Do: snapshot.OpenSetting, Text: check}) }).little().flat()
	r.retry = newAgain(func() { do(snapshot.Verb{Do: snapshot.Retry, Text: check}) })
	middle := newLine(6, r.status, r.status, r.meter, r.setting, r.retry)
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
	unwell := s.Result != nil && s.Result.Verdict != report.OK
	show(r.meter, s.Running && r.check == "mic")
	show(r.setting, s.Setting && unwell && !s.Running && s.Result.Verdict != report.Skipped)
	show(r.retry, unwell && !s.Running)
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
