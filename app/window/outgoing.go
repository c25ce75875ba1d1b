package window

import (
	"fmt"
	"image"
	"sort"
	"strconv"
	"strings"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// outgoing is the list of everything that will be sent, or was: readable,
// complete, as it leaves the computer.
type outgoing struct {
	w     *Window
	back  *button
	head  *prose
	list  *fyne.Container
	image *canvas.Image
	outer *fyne.Container
	box   *fyne.Container
	sent  bool   // it has gone already
	shown string // what the list was made of
}

func newOutgoing(w *Window, back func()) *outgoing {
	o := &outgoing{w: w, head: newProse(lead, ink, 1).strong(), list: newColumn(0, 4)}
	o.back = newButton(plain, back)
	o.back.escape = back
	o.image = canvas.NewImageFromImage(nil)
	o.image.FillMode = canvas.ImageFillContain
	o.outer, _ = newScroll(newPadded(16, 12, o.list))
	top := newPadded(12, 8, newLine(12, o.head, o.back, o.head))
	o.box = newStack(newFill("background"), growColumn(0, 0, o.outer, top, newRule(), o.outer))
	return o
}

func (o *outgoing) picture(m image.Image) {
	o.image.Image = m
	o.image.Refresh()
}

func (o *outgoing) set(b *words.Book, out *snapshot.Outgoing) {
	o.back.say("‹ " + b.T("window.back"))
	o.head.say(b.T("out.title"))
	if o.sent {
		o.head.say(b.T("out.title.sent"))
	}
	key := b.Lang + fmt.Sprintf("%+v", out)
	if out != nil && out.Report != nil {
		key += fmt.Sprintf("%+v", *out.Report)
	}
	if key == o.shown {
		return
	}
	o.shown = key
	o.list.Objects = nil
	if out == nil {
		o.para(b.T("out.wait"), soft)
	} else {
		o.ticket(b, out)
		o.report(b, out.Report)
		o.files(b, out.Files)
	}
	o.outer.Refresh()
}

func (o *outgoing) heading(text string) {
	p := newProse(normal, brand, 0).strong()
	p.say(text)
	o.list.Add(newGap(4))
	o.list.Add(p)
}

func (o *outgoing) para(text string, c fyne.ThemeColorName) {
	p := newProse(normal, c, 0).byHand()
	p.say(text)
	o.list.Add(p)
}

// field is a name and what stands behind it.
func (o *outgoing) field(name, value string) {
	if value == "" {
		return
	}
	n, v := newProse(small, soft, 0).byHand(), newProse(small, ink, 0).byHand()
	n.say(name)
	v.say(value)
	o.list.Add(container.New(&twoColumns{first: 150, gap: 10}, n, v))
}

func (o *outgoing) ticket(b *words.Book, out *snapshot.Outgoing) {
	t := out.Ticket
	o.heading(b.T("out.to", "to", out.To))
	o.field(b.T("out.when"), clock(b, t.CreatedAt, true))
	role := ""
	if t.Person.Role != "" {
		role = b.T("welcome." + t.Person.Role)
	}
	o.field(b.T("out.person"), joinDot(role, t.Person.Name, t.Person.Room))
	o.field(b.T("out.computer"), t.Computer)
	priority := ""
	if t.Priority.Valid() {
		priority = upper(b.Name("priority." + string(t.Priority)))
	}
	o.field(b.T("out.priority"), priority)
	if t.Proposed.Valid() && t.Proposed != t.Priority {
		o.field(b.T("out.proposed"), upper(b.Name("priority."+string(t.Proposed))))
	}
	if t.Reason != "" {
		o.field(b.T("out.reason"), b.Of(t.Reason, nil).Says)
	}
	for _, f := range t.Findings {
		o.field(b.T("out.finding"), titleOf(b, f, nil))
	}
	o.field(b.T("out.words"), t.Words)
	o.field(b.T("out.lang"), b.T("lang."+words.Pick(t.Lang)))
	if !t.Consent.At.IsZero() {
		o.field(b.T("out.consent"), joinDot(clock(b, t.Consent.At, true), t.Consent.Wording))
	}
	o.field(b.T("out.app"), t.App)
	o.field(b.T("out.id"), t.ID)
}

func titleOf(b *words.Book, code string, params map[string]any) string {
	s := b.Of(code, params)
	if s.Title == code {
		return code
	}
	return s.Title + " (" + code + ")"
}

func (o *outgoing) report(b *words.Book, r *report.Report) {
	if r == nil {
		return
	}
	o.heading(b.T("out.results"))
	o.field(b.T("out.when"), clock(b, r.TakenAt, true))
	for _, x := range r.Results {
		o.field(nameOf(b, "check."+x.Check), joinDot(titleOf(b, x.Code, x.Params), b.T("out.took", "n", x.TookMS)))
		o.values(b, x.Detail)
	}
	for _, f := range r.Findings {
		o.field(b.T("out.finding"), titleOf(b, f.Code, f.Params))
	}
	if len(r.Facts) > 0 {
		o.heading(b.T("out.facts"))
		o.values(b, r.Facts)
	}
}

func (o *outgoing) values(b *words.Book, m map[string]any) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		o.field(nameOf(b, "fact."+k), b.Value(m[k]))
	}
}

// nameOf is a thing's name, or its plain key.
func nameOf(b *words.Book, key string) string {
	if n := b.Name(key); n != key {
		return n
	}
	_, bare, _ := strings.Cut(key, ".")
	return bare
}

func (o *outgoing) files(b *words.Book, files []deskapi.FileInfo) {
	o.heading(b.T("out.files"))
	if len(files) == 0 {
		o.para(b.T("out.no_files"), soft)
		return
	}
	for _, f := range files {
		o.field(f.Name, bytesOf(f.Bytes)+" · "+f.Type)
		if strings.HasPrefix(f.Type, "image/") && o.image.Image != nil {
			o.list.Add(newFixed(320, 180, o.image))
		}
	}
}

func bytesOf(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return strconv.FormatInt((n+512)>>10, 10) + " kB"
	}
	return strconv.FormatInt(n, 10) + " B"
}

// clock is a time on this computer's own clock, with its day if asked for.
func clock(b *words.Book, t time.Time, day bool) string {
	if t.IsZero() {
		return ""
	}
	t = t.Local()
	if !day {
		return t.Format("15:04")
	}
	if b.Lang == "zh" {
		return t.Format("1月2日 15:04")
	}
	return t.Format("2 Jan 15:04")
}

// twoColumns is a name of fixed width and what stands behind it.
type twoColumns struct{ first, gap float32 }

func (c *twoColumns) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return max(heightOf(o[0], c.first), heightOf(o[1], width-c.first-c.gap))
}

func (c *twoColumns) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(c.first+c.gap+80, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

func (c *twoColumns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(c.first, size.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width-c.first-c.gap, size.Height))
	o[1].Move(fyne.NewPos(c.first+c.gap, 0))
}
