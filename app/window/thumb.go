package window

import (
	"image"

	"raisehand/assets/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// thumb is the screenshot in small; pressing it shows it as large as the
// window is, so that one sees what one is about to send.
type thumb struct {
	pressable
	image *canvas.Image
	empty *prose
	back  *fill
	box   *fyne.Container

	large *canvas.Image
	leave *button
	title *prose
	pane  *fyne.Container
}

func newThumb(show, leave func()) *thumb {
	t := &thumb{image: canvas.NewImageFromImage(nil), empty: newProse(small, soft, 2).centre().middle(), back: newCard(),
		large: canvas.NewImageFromImage(nil), title: newProse(lead, ink, 1).strong()}
	t.image.FillMode, t.large.FillMode = canvas.ImageFillContain, canvas.ImageFillContain
	t.box = newStack(t.back, newPadded(4, 4, newStack(t.image, newColumn(4, 0, t.empty))))
	t.leave = newButton(plain, leave)
	t.leave.escape = leave
	top := newPadded(12, 8, newLine(12, t.title, t.leave, t.title))
	t.pane = newStack(newFill("background"), growColumn(0, 0, t.large, top, newRule(), t.large))
	t.pane.Hide()
	t.press = show
	t.off = true
	t.ExtendBaseWidget(t)
	return t
}

// set shows a picture that has come.
func (t *thumb) set(m image.Image) {
	t.image.Image, t.large.Image = m, m
	t.image.Refresh()
	t.large.Refresh()
	t.enable(true)
	show(t.empty, false)
}

func (t *thumb) say(b *words.Book) {
	t.empty.say(b.T("help.no_picture"))
	t.title.say(b.T("help.picture"))
	t.leave.say("‹ " + b.T("window.back"))
}

func (t *thumb) inside() fyne.CanvasObject           { return t.box }
func (t *thumb) AccessibilityLabel() string          { return t.title.text }
func (t *thumb) CreateRenderer() fyne.WidgetRenderer { return &thumbRenderer{t} }

type thumbRenderer struct{ t *thumb }

func (r *thumbRenderer) Layout(size fyne.Size)        { r.t.box.Resize(size); r.paint() }
func (r *thumbRenderer) MinSize() fyne.Size           { return fyne.NewSize(84, 48) }
func (r *thumbRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.t.box} }
func (r *thumbRenderer) Destroy()                     {}
func (r *thumbRenderer) Refresh()                     { r.paint(); canvas.Refresh(r.t) }

func (r *thumbRenderer) paint() {
	face, border, stroke := surface, edge, float32(1)
	if r.t.hovered && !r.t.off {
		face, border = "hover", brand
	}
	if r.t.focused {
		border, stroke = ink, 3
	}
	r.t.back.set(face, border, stroke)
}
