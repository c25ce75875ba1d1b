package window

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"raisehand/app/snapshot"
	articles "raisehand/assets/help"
	"raisehand/assets/help/read"
	"raisehand/assets/words"
	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// article is what a person can read when something is wrong: one cause step by
// step, with the check beside it that says whether it is gone; or, without a
// name, the list of all that can be read.
type article struct {
	w     *Window
	name  string   // empty: the list
	trail []string // the articles before this one
	lang  string   // in which it is shown
	head  string   // its title in that language
	check string   // the row this article is about, once one was seen

	back   *button
	list   *button
	page   *fyne.Container
	scroll *container.Scroll
	outer  *fyne.Container
	sign   *sign
	row    *prose
	retry  *button
	ask    *button
	bar    *fyne.Container
	rule   *fill // above the bar
	all    *fyne.Container
}

func newArticle(w *Window, name string) *article {
	v := &article{w: w, name: name, page: newColumn(0, 8), sign: newSign(), row: newProse(normal, ink, 1)}
	v.back = newButton(plain, func() { v.goBack() }).little()
	v.list = newButton(quiet, func() { v.open("") }).little()
	v.retry = newButton(accent, func() {
		again := snapshot.Verb{Do: snapshot.Retry, Text: v.check}
		if w.snap.Help == nil {
			again.Do = snapshot.TestAgain
		}
		w.do(again)
	})
	v.ask = newButton(plain, func() { w.do(snapshot.Verb{Do: snapshot.GetHelp}) })
	for _, b := range []*button{v.back, v.list, v.retry, v.ask} {
		b.escape = w.escape
	}
	v.outer, v.scroll = newScroll(newPadded(20, 12, v.page))
	rest := newGap(0)
	top := newPadded(12, 8, newLine(8, rest, v.back, rest, v.list))
	gap := newGap(0)
	v.bar = newPadded(16, 10, newLine(8, v.row, v.sign, v.row, gap, v.retry, v.ask))
	v.rule = newRule()
	v.all = growColumn(0, 0, v.outer, top, newRule(), v.outer, w.notice.box, v.rule, v.bar)
	w.back = v.goBack
	return v
}

func (v *article) content() fyne.CanvasObject { return v.all }
func (v *article) size() fyne.Size            { return fyne.NewSize(520, 535) } // fits 1366 × 768 at 125 %
func (v *article) first() fyne.Focusable      { return nil }
func (v *article) frame(snapshot.Frame)       {}
func (v *article) level(float64)              {}
func (v *article) types() *entry              { return nil }
func (v *article) flush()                     {}
func (v *article) tick(time.Time)             { v.sign.step(v.w.beat) }

// key scrolls, so that an article can be read without a mouse.
func (v *article) key(k *fyne.KeyEvent) {
	step := map[fyne.KeyName]float32{fyne.KeyDown: 40, fyne.KeyUp: -40, fyne.KeyPageDown: 400, fyne.KeyPageUp: -400,
		fyne.KeyHome: -1e6, fyne.KeyEnd: 1e6}[k.Name]
	if step != 0 {
		v.scroll.ScrollToOffset(fyne.NewPos(0, max(0, v.scroll.Offset.Y+step)))
	}
}

func (v *article) title(b *words.Book) string {
	if v.head == "" {
		v.head = b.T("article.list")
		if title, _, ok := articles.Text(b.Lang, v.name); ok {
			v.head = title
		}
	}
	return b.T("article.title", "title", v.head)
}

// open shows another article; goBack returns from it.
func (v *article) open(name string) {
	if _, _, ok := articles.Text(v.lang, name); !ok && name != "" {
		if to, err := url.Parse(name); err == nil && to.Scheme != "" {
			fyne.CurrentApp().OpenURL(to)
		}
		return
	}
	v.trail = append(v.trail, v.name)
	v.turn(name)
}

func (v *article) goBack() bool {
	if len(v.trail) == 0 {
		return false
	}
	last := len(v.trail) - 1
	name := v.trail[last]
	v.trail = v.trail[:last]
	v.turn(name)
	return true
}

func (v *article) turn(name string) {
	v.name, v.lang, v.head, v.check = name, "", "", ""
	v.w.Set(v.w.snap)
	v.scroll.ScrollToTop()
}

func (v *article) set(b *words.Book, s snapshot.Snapshot) {
	if v.lang != b.Lang {
		v.lang, v.head = b.Lang, ""
		v.draw(b)
	}
	v.back.say("‹ " + b.T("window.back"))
	v.list.say(b.T("article.list"))
	v.retry.say(b.T("help.retry"))
	v.ask.say(b.T("menu.get_help"))
	show(v.back, len(v.trail) > 0)
	show(v.list, v.name != "")
	r := v.about(s)
	show(v.sign, r != nil)
	show(v.retry, r != nil)
	show(v.ask, s.Help == nil)
	show(v.bar, r != nil || s.Help == nil) // never an empty bar
	show(v.rule, v.bar.Visible())
	v.row.say("")
	if r == nil {
		return
	}
	shape, text := running, own(b, "help.row.running", r.Check)
	if r.Result != nil && !r.Running {
		shape, text = string(r.Result.Verdict), b.Of(r.Result.Code, r.Result.Params).Title
	}
	v.sign.show(shape)
	v.row.say(text)
	if r.Running {
		v.retry.Disable()
	} else {
		v.retry.Enable()
	}
}

// about finds the row that this article explains. Once found it stays, so that
// one sees the fault go.
func (v *article) about(s snapshot.Snapshot) *snapshot.Row {
	if v.name == "" {
		return nil
	}
	for _, r := range examined(s) {
		if v.check == "" && explains(v.name, r.Result) {
			v.check = r.Check
		}
		if r.Check == v.check {
			return &r
		}
	}
	return nil
}

// examined is what is looked at now: the request's rows, or else the tools of
// the equipment test.
func examined(s snapshot.Snapshot) (rows []snapshot.Row) {
	switch {
	case s.Help != nil:
		return s.Help.Rows
	case s.Equipment != nil:
		for _, t := range s.Equipment.Tools {
			busy := t.Doing != snapshot.Resting && t.Doing != snapshot.Live
			rows = append(rows, snapshot.Row{Check: t.Check, Running: busy || t.Result == nil, Result: t.Result})
		}
	}
	return rows
}

func explains(name string, r *report.Result) bool {
	if r == nil {
		return false
	}
	if articles.Article(r.Code) == name {
		return true
	}
	for _, f := range r.Also {
		if articles.Article(f.Code) == name {
			return true
		}
	}
	return false
}

// draw sets the article, or the list, from its top.
func (v *article) draw(b *words.Book) {
	v.page.Objects = nil
	if _, markdown, ok := articles.Text(b.Lang, v.name); ok {
		for _, block := range read.Article(markdown) {
			v.block(block)
		}
	} else {
		v.contents(b)
	}
	v.outer.Refresh()
}

func (v *article) flow(runs []read.Run, size fyne.ThemeSizeName, color fyne.ThemeColorName) *flow {
	f := newFlow(runs, size, color, v.open)
	f.escape = v.w.escape
	return f
}

func (v *article) block(b read.Block) {
	switch b.Kind {
	case read.Title:
		f := v.flow(b.Runs, heading, ink)
		f.strong = true
		v.page.Add(f)
	case read.Heading:
		f := v.flow(b.Runs, lead, brand)
		f.strong = true
		v.page.Add(newGap(4))
		v.page.Add(f)
	case read.Item:
		mark := "•"
		if b.Number > 0 {
			mark = strconv.Itoa(b.Number) + "."
		}
		m := v.flow([]read.Run{{Text: mark, Bold: b.Number > 0}}, normal, brand)
		v.page.Add(container.New(&indented{left: 24 * float32(b.Depth), mark: 24}, m, v.flow(b.Runs, normal, ink)))
	case read.Picture:
		v.picture(b)
	case read.Row:
		cells := container.New(&cells{gap: 12})
		for _, c := range b.Cells {
			f := v.flow(c, small, ink)
			f.strong = b.Head
			cells.Add(f)
		}
		v.page.Add(cells)
	default:
		v.page.Add(container.New(&indented{left: 24 * float32(b.Depth)}, v.flow(nil, normal, ink), v.flow(b.Runs, normal, ink)))
	}
}

// picture stands on a card of its own, in its natural proportions.
func (v *article) picture(b read.Block) {
	raw, ok := articles.Picture(b.Source)
	if !ok {
		return
	}
	image := canvas.NewImageFromResource(fyne.NewStaticResource(b.Source, raw))
	image.FillMode = canvas.ImageFillContain
	told := v.flow(b.Runs, small, soft)
	sheet := newCard()
	sheet.color = paper // drawings are for a white ground
	v.page.Add(newColumn(0, 4, newStack(sheet, newPadded(12, 8, newFixed(0, 110, image))), told))
}

// contents is the list: guides first, then what a person sees, then causes.
func (v *article) contents(b *words.Book) {
	head := newProse(heading, ink, 0).strong()
	head.say(b.T("article.list"))
	v.page.Add(head)
	last := articles.Kind("")
	for _, e := range articles.List(b.Lang) {
		if e.Kind == articles.IT { // for those who look after the computers; linked from the others
			continue
		}
		if e.Kind != last {
			v.block(read.Block{Kind: read.Heading, Runs: []read.Run{{Text: b.T("article.kind." + string(e.Kind))}}})
			last = e.Kind
		}
		v.page.Add(v.flow([]read.Run{{Text: strings.TrimSpace(e.Title), Link: e.Name}}, normal, ink))
	}
}

// indented is a list's mark and the words beside it.
type indented struct{ left, mark float32 }

func (i *indented) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return heightOf(o[1], width-i.left-i.mark)
}

func (i *indented) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(i.left+i.mark+80, o[1].MinSize().Height)
}

func (i *indented) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(i.mark, size.Height))
	o[0].Move(fyne.NewPos(i.left, 0))
	o[1].Resize(fyne.NewSize(size.Width-i.left-i.mark, size.Height))
	o[1].Move(fyne.NewPos(i.left+i.mark, 0))
}

// cells are a table's row: columns of equal width.
type cells struct{ gap float32 }

func (c *cells) each(n int, width float32) float32 {
	return (width - c.gap*float32(n-1)) / float32(max(1, n))
}

func (c *cells) heightFor(o []fyne.CanvasObject, width float32) (h float32) {
	for _, x := range o {
		h = max(h, heightOf(x, c.each(len(o), width)))
	}
	return h
}

func (c *cells) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(80, 16) }

func (c *cells) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := c.each(len(o), size.Width)
	for i, x := range o {
		x.Resize(fyne.NewSize(w, size.Height))
		x.Move(fyne.NewPos(float32(i)*(w+c.gap), 0))
	}
}
