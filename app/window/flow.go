package window

import (
	"image/color"

	"raisehand/assets/help/read"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// flow is a paragraph in which some words are strong and some lead elsewhere,
// broken into lines as Chinese and Latin want it.
type flow struct {
	widget.BaseWidget
	runs   []read.Run
	size   fyne.ThemeSizeName
	color  fyne.ThemeColorName
	strong bool
	follow func(link string)
	escape func()

	pieces []piece
	width  float32 // for which the pieces were cut
}

// piece is part of a run on one line.
type piece struct {
	run  int
	text string
	x    float32
	line int
	w    float32
}

// leading is a line's height in heights of its letters: an article is read,
// not glanced at.
const leading = 1.2

func newFlow(runs []read.Run, size fyne.ThemeSizeName, color fyne.ThemeColorName, follow func(string)) *flow {
	f := &flow{runs: runs, size: size, color: color, follow: follow}
	f.ExtendBaseWidget(f)
	return f
}

func (f *flow) lineHeight() float32 { return leading * measure("国", f.size, false).Height }

func (f *flow) heightFor(width float32) float32 {
	lines := 1
	for _, p := range f.cut(width) {
		lines = max(lines, p.line+1)
	}
	return float32(lines) * f.lineHeight()
}

func (f *flow) MinSize() fyne.Size {
	f.ExtendBaseWidget(f)
	w := max(f.Size().Width, textSize(f.size))
	return fyne.NewSize(textSize(f.size), f.heightFor(w))
}

func (f *flow) AccessibilityLabel() string             { return read.Plain(f.runs) }
func (f *flow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// cut breaks the runs into pieces, each on one line.
func (f *flow) cut(width float32) []piece {
	if f.pieces != nil && f.width == width {
		return f.pieces
	}
	var letters []rune
	var of []int
	for i, r := range f.runs {
		for _, c := range typeset(r.Text) {
			letters, of = append(letters, c), append(of, i)
		}
	}
	f.pieces, f.width = f.pieces[:0], width
	at := 0
	for line, words := range wrapRunes(letters, width, func(i int) float32 { return f.runeWidth(letters[i], of[i]) }) {
		x := float32(0)
		for i := words.from; i < words.to; i++ {
			w := f.runeWidth(letters[i], of[i])
			if last := len(f.pieces) - 1; last >= at && f.pieces[last].line == line && f.pieces[last].run == of[i] {
				f.pieces[last].text += string(letters[i])
				f.pieces[last].w += w
			} else {
				f.pieces = append(f.pieces, piece{run: of[i], text: string(letters[i]), x: x, line: line, w: w})
			}
			x += w
		}
		at = len(f.pieces)
	}
	return f.pieces
}

func (f *flow) runeWidth(r rune, run int) float32 { return runeWidth(r, f.size, f.bold(run)) }
func (f *flow) bold(run int) bool                 { return f.strong || f.runs[run].Bold }

// span is a line of letters, from and to.
type span struct{ from, to int }

// wrapRunes breaks letters into lines no wider than width.
func wrapRunes(rs []rune, width float32, of func(int) float32) (lines []span) {
	start, good := 0, 0
	var w float32
	end := func(at int) {
		to := at
		for to > start && rs[to-1] == ' ' {
			to--
		}
		lines = append(lines, span{start, to})
		start = at
	}
	for i := range rs {
		if rs[i] == '\n' {
			end(i)
			start, good, w = i+1, i+1, 0
			continue
		}
		if i > start && breakable(rs[i-1], rs[i]) {
			good = i
		}
		w += of(i)
		if w <= width || i == start || rs[i] == ' ' {
			continue
		}
		if good <= start {
			good = i // one long word: break it anywhere
		}
		end(good)
		w = 0
		for j := start; j <= i; j++ {
			w += of(j)
		}
	}
	end(len(rs))
	return lines
}

func (f *flow) CreateRenderer() fyne.WidgetRenderer { return &flowRenderer{f: f} }

type flowRenderer struct {
	drawn
	f     *flow
	parts []fyne.CanvasObject
}

func (r *flowRenderer) MinSize() fyne.Size           { return r.f.MinSize() }
func (r *flowRenderer) Objects() []fyne.CanvasObject { return r.parts }
func (r *flowRenderer) Destroy()                     {}
func (r *flowRenderer) Refresh()                     { r.again(r.f.Size(), r.draw); canvas.Refresh(r.f) }
func (r *flowRenderer) Layout(size fyne.Size)        { r.once(size, r.draw) }

func (r *flowRenderer) draw(size fyne.Size) {
	f := r.f
	r.parts = r.parts[:0]
	high := f.lineHeight()
	for _, p := range f.cut(size.Width) {
		run := f.runs[p.run]
		var o fyne.CanvasObject
		if run.Link != "" && f.follow != nil {
			l := newLink(p.text, f.size, f.bold(p.run), func() { f.follow(run.Link) })
			l.escape = f.escape
			o = l
		} else {
			t := canvas.NewText(p.text, paint(f.color))
			t.TextSize, t.TextStyle = textSize(f.size), fyne.TextStyle{Bold: f.bold(p.run)}
			if run.Code {
				t.Color = paint(info)
			}
			o = t
		}
		o.Resize(fyne.NewSize(p.w+1, high))
		o.Move(fyne.NewPos(p.x, float32(p.line)*high))
		r.parts = append(r.parts, o)
	}
}

// link is words inside a paragraph that lead elsewhere.
type link struct {
	pressable
	text string
	size fyne.ThemeSizeName
	bold bool
}

func newLink(text string, size fyne.ThemeSizeName, bold bool, press func()) *link {
	l := &link{text: text, size: size, bold: bold}
	l.press = press
	l.ExtendBaseWidget(l)
	return l
}

func (l *link) AccessibilityLabel() string             { return l.text }
func (l *link) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleLink }

func (l *link) CreateRenderer() fyne.WidgetRenderer {
	return &linkRenderer{l: l, text: canvas.NewText(l.text, nil), under: canvas.NewRectangle(color.Transparent), ring: canvas.NewRectangle(color.Transparent)}
}

type linkRenderer struct {
	drawn
	l           *link
	text        *canvas.Text
	under, ring *canvas.Rectangle
}

func (r *linkRenderer) MinSize() fyne.Size { return measure(r.l.text, r.l.size, r.l.bold) }
func (r *linkRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ring, r.text, r.under}
}
func (r *linkRenderer) Destroy()              {}
func (r *linkRenderer) Refresh()              { r.again(r.l.Size(), r.draw); canvas.Refresh(r.l) }
func (r *linkRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *linkRenderer) draw(size fyne.Size) {
	r.text.TextSize, r.text.TextStyle, r.text.Color = textSize(r.l.size), fyne.TextStyle{Bold: r.l.bold}, paint(brand)
	r.text.Resize(size)
	stroke := float32(1)
	if r.l.hovered {
		stroke = 2
	}
	r.under.FillColor = paint(brand)
	r.under.Resize(fyne.NewSize(size.Width-1, stroke))
	r.under.Move(fyne.NewPos(0, (size.Height+r.text.MinSize().Height)/2-2))
	r.ring.StrokeWidth, r.ring.StrokeColor = 0, nil
	if r.l.focused {
		r.ring.StrokeWidth, r.ring.StrokeColor = 2, paint(ink)
	}
	r.ring.Resize(size)
	r.text.Refresh()
	r.under.Refresh()
	r.ring.Refresh()
}
