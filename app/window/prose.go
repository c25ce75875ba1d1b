package window

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// prose is words on a window: Chinese and Latin broken into lines as each
// wants it, cut with an ellipsis where they must not move what stands below.
type prose struct {
	widget.BaseWidget
	text  string // as it was said
	shown string // as it is set
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName
	bold  bool
	align fyne.TextAlign
	lines int  // always as high as this many lines; 0: as high as the words need
	most  int  // as high as the words need, but no more lines than this
	mid   bool // in the middle of the height
	large bool // normal size if one line of it is enough, small otherwise
	oneOf bool // one line that asks for the width of its words
	typed bool // a person typed it: it may hold any character, and may be cut
	cut   bool // the words did not fit
}

func newProse(size fyne.ThemeSizeName, color fyne.ThemeColorName, lines int) *prose {
	p := &prose{size: size, color: color, lines: lines}
	p.ExtendBaseWidget(p)
	return p
}

// newLabel is one line as wide as its words.
func newLabel(size fyne.ThemeSizeName, color fyne.ThemeColorName) *prose {
	p := newProse(size, color, 1)
	p.oneOf = true
	return p
}

func (p *prose) strong() *prose { p.bold = true; return p }

// upTo lets the words take as many lines as they need, up to most.
func (p *prose) upTo(most int) *prose { p.lines, p.most = 0, most; return p }

// middle puts the words into the middle of the height.
func (p *prose) middle() *prose { p.mid = true; return p }

// fits takes the normal size where one line of it is enough.
func (p *prose) fits() *prose { p.large = true; return p.middle() }

func (p *prose) centre() *prose { p.align = fyne.TextAlignCenter; return p }

// byHand marks words that a person typed.
func (p *prose) byHand() *prose { p.typed = true; return p }

// say shows other words.
func (p *prose) say(text string) {
	if p.text != text {
		p.text, p.shown = text, typeset(text)
		p.Refresh()
	}
}

// tint shows them in another colour.
func (p *prose) tint(c fyne.ThemeColorName) {
	if p.color != c {
		p.color = c
		p.Refresh()
	}
}

// as shows them in another size and colour.
func (p *prose) as(size fyne.ThemeSizeName, c fyne.ThemeColorName) {
	if p.size != size || p.color != c {
		p.size, p.color = size, c
		p.Refresh()
	}
}

func (p *prose) style() fyne.TextStyle { return fyne.TextStyle{Bold: p.bold} }

func (p *prose) lineHeight() float32 { return measure("国", p.size, p.bold).Height }

// heightFor is how high the words are in this width.
func (p *prose) heightFor(width float32) float32 {
	if p.large { // the same, whichever size it takes
		return max(float32(p.lines)*measure("国", small, p.bold).Height, measure("国", normal, p.bold).Height)
	}
	n := p.lines
	if n == 0 {
		rows, _ := wrap(p.shown, width, p.width, p.most)
		n = max(1, len(rows))
	}
	return float32(n) * p.lineHeight()
}

func (p *prose) width(r rune) float32 { return runeWidth(r, p.size, p.bold) }

func (p *prose) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	if p.oneOf {
		return fyne.NewSize(measure(p.shown, p.size, p.bold).Width, p.lineHeight())
	}
	return fyne.NewSize(textSize(p.size), p.heightFor(max(p.Size().Width, textSize(p.size))))
}

func (p *prose) AccessibilityLabel() string             { return p.text }
func (p *prose) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
func (p *prose) CreateRenderer() fyne.WidgetRenderer    { return &proseRenderer{p: p} }

type proseRenderer struct {
	drawn
	p     *prose
	texts []fyne.CanvasObject
}

func (r *proseRenderer) MinSize() fyne.Size           { return r.p.MinSize() }
func (r *proseRenderer) Objects() []fyne.CanvasObject { return r.texts }
func (r *proseRenderer) Destroy()                     {}
func (r *proseRenderer) Refresh() {
	r.again(r.p.Size(), r.draw)
	canvas.Refresh(r.p)
}

func (r *proseRenderer) Layout(size fyne.Size) { r.once(size, r.draw) }

func (r *proseRenderer) draw(size fyne.Size) {
	p := r.p
	if p.large {
		p.size = normal
		if sum([]rune(p.shown), p.width) > size.Width {
			p.size = small
		}
	}
	limit := max(p.lines, p.most)
	rows, cut := []string{p.shown}, false
	if p.shown == "" {
		rows = nil
	} else if !p.oneOf {
		rows, cut = wrap(p.shown, size.Width, p.width, limit)
	}
	p.cut = cut
	for len(r.texts) < len(rows) {
		r.texts = append(r.texts, canvas.NewText("", nil))
	}
	r.texts = r.texts[:len(rows)]
	high := p.lineHeight()
	top := float32(0)
	if p.mid || p.oneOf || p.lines == 1 {
		top = max(0, (size.Height-high*float32(len(rows)))/2)
	}
	for i, s := range rows {
		t := r.texts[i].(*canvas.Text)
		t.Text, t.TextSize, t.TextStyle, t.Color, t.Alignment = s, textSize(p.size), p.style(), paint(p.color), p.align
		t.Resize(fyne.NewSize(size.Width, high))
		t.Move(fyne.NewPos(0, top+float32(i)*high))
		t.Refresh()
	}
}

func measure(s string, size fyne.ThemeSizeName, bold bool) fyne.Size {
	return fyne.MeasureText(s, textSize(size), fyne.TextStyle{Bold: bold})
}

type runeKey struct {
	r    rune
	size fyne.ThemeSizeName
	bold bool
}

var runeWidths = map[runeKey]float32{} // only the drawing goroutine asks

// runeWidth remembers how wide a character is: measuring whole sentences
// again for every line would cost too much for a long paste.
func runeWidth(r rune, size fyne.ThemeSizeName, bold bool) float32 {
	k := runeKey{r, size, bold}
	w, ok := runeWidths[k]
	if !ok {
		w = measure(string(r), size, bold).Width
		runeWidths[k] = w
	}
	return w
}

// wrap breaks text into lines no wider than width, at most limit of them (0:
// as many as it takes), and says whether something had to be cut.
func wrap(text string, width float32, of func(rune) float32, limit int) (lines []string, cut bool) {
	for _, para := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		lines = append(lines, wrapLine([]rune(para), width, of)...)
	}
	if limit > 0 && len(lines) > limit {
		lines, cut = lines[:limit], true
		last := []rune(lines[limit-1])
		room := width - of('…')
		for len(last) > 0 && sum(last, of) > room {
			last = last[:len(last)-1]
		}
		lines[limit-1] = strings.TrimRight(string(last), " ,，、") + "…"
	}
	return lines, cut
}

func sum(rs []rune, of func(rune) float32) (w float32) {
	for _, r := range rs {
		w += of(r)
	}
	return w
}

func wrapLine(rs []rune, width float32, of func(rune) float32) (lines []string) {
	start, good := 0, 0 // the line's first rune, and where it may be broken
	var w float32
	for i := 0; i < len(rs); i++ {
		if i > start && breakable(rs[i-1], rs[i]) {
			good = i
		}
		w += of(rs[i])
		if w <= width || i == start || rs[i] == ' ' {
			continue
		}
		at := good
		if at <= start {
			at = i // one long word: break it anywhere
		}
		lines = append(lines, strings.TrimRight(string(rs[start:at]), " "))
		start, good, w = at, at, 0
		for _, r := range rs[at : i+1] {
			w += of(r)
		}
	}
	return append(lines, strings.TrimRight(string(rs[start:]), " "))
}

const (
	noStart = "\uff0c\u3002\uff01\uff1f\u3001\uff1a\uff1b\u201d\u2019\uff09\u300b\u300d\u300f\u3011\u3009\u2026\u2014\u00b7\u203a%,.!?:;)]}~"
	noEnd   = "\u201c\u2018\uff08\u300a\u300c\u300e\u3010\u3008([{"
)

// breakable says whether a line may end after a and begin with b: after a
// space, or beside a Chinese character, but no line begins with a comma or
// ends with an opening bracket.
func breakable(a, b rune) bool {
	if strings.ContainsRune(noStart, b) || strings.ContainsRune(noEnd, a) || b == ' ' {
		return false
	}
	return a == ' ' || a == '-' || a == '/' || wide(a) || wide(b)
}

func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x30ff || r >= 0xff00 && r <= 0xffef
}

// typeset sets an ellipsis as the language around it does: on the line in
// English, in the middle of the height in Chinese, which is how the font has it.
func typeset(s string) string {
	if !strings.ContainsRune(s, '\u2026') {
		return s
	}
	rs := []rune(s)
	var out strings.Builder
	for i, r := range rs {
		if r == '\u2026' && i > 0 && !wide(rs[i-1]) && rs[i-1] != '\u2026' {
			out.WriteString("...")
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// fitting is the largest of two sizes in which the words take no more than so
// many lines.
func fitting(text string, width float32, lines int, large, little fyne.ThemeSizeName, bold bool) fyne.ThemeSizeName {
	rows, _ := wrap(typeset(text), width, func(r rune) float32 { return runeWidth(r, large, bold) }, 0)
	if len(rows) > lines {
		return little
	}
	return large
}
