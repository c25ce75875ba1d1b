//go:build linux

package e2e

import (
	"fmt"
	"image"
	"image/color"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"raisehand/app/snapshot"
	"raisehand/app/window"
	"raisehand/assets/words"
)

func (l *lab) xdotool(args ...string) (string, error) {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(slices.Clone(l.env), "LC_ALL=C.UTF-8") // or it cannot read Chinese titles
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (l *lab) xdotoolUntil(what string, ok func(string) bool, args ...string) string {
	l.t.Helper()
	var out string
	l.until(what, func() bool {
		var err error
		out, err = l.xdotool(args...)
		return err == nil && ok(out)
	})
	return out
}

// title waits for the window with this title and returns its number.
func (l *lab) title(title string) string {
	l.t.Helper()
	out := l.xdotoolUntil("a window “"+title+"”", func(out string) bool { return out != "" }, "search", "--onlyvisible", "--name", named(title))
	return strings.Fields(out)[0]
}

// named matches a title as xdotool reads it: a dash outside its old encoding is
// missing there. No more than the dash may be: 求助 – 举手 is not 求助 1001 – 举手.
func named(title string) string { return "^" + strings.ReplaceAll(title, "–", ".{0,3}") + "$" }

// gone waits until no window with this title stands on the screen.
func (l *lab) gone(title string) {
	l.t.Helper()
	l.until("the window “"+title+"” to go", func() bool {
		out, err := l.xdotool("search", "--onlyvisible", "--name", named(title))
		return err != nil || out == ""
	})
}

// picture keeps the whole screen as PNG and returns its path.
func (l *lab) picture(name string) string {
	l.t.Helper()
	l.xdotool("sleep", "0.5") // a window draws a moment after the session has spoken; only the picture waits
	path := filepath.Join(picturesTo(l.t), name+"-"+l.lang+".png")
	cmd := exec.Command("import", "-window", "root", path)
	cmd.Env = l.env
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("take a picture: %v\n%s", err, out)
	}
	return path
}

// portrait keeps one window alone.
func (l *lab) portrait(title, name string) {
	l.t.Helper()
	l.xdotool("sleep", "0.5")
	path := filepath.Join(picturesTo(l.t), name+"-"+l.lang+".png")
	cmd := exec.Command("import", "-window", l.title(title), path)
	cmd.Env = l.env
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("take a picture: %v\n%s", err, out)
	}
}

var fyneOnce sync.Once

// place is where a text stands in a window: the same window is laid out in this
// process, with the same snapshot, and asked.
func place(s snapshot.Snapshot, name, arg, text string) (fyne.Position, fyne.Size, bool) {
	fyneOnce.Do(func() { test.NewApp().Settings().SetTheme(window.Theme{}) })
	w, err := window.New(name, arg, func(snapshot.Verb) {}, time.Now, func() {})
	if err != nil {
		panic(err)
	}
	w.Set(s)
	win := test.NewWindow(w.Content())
	win.SetPadded(false)
	win.Resize(w.Size())
	defer win.Close()
	var at fyne.Position
	var size fyne.Size
	found := false
	walk(win.Content(), func(o fyne.CanvasObject) {
		if t, ok := o.(*canvas.Text); ok && !found && t.Visible() && t.Text == text {
			at, size = fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size()
			found = at.Y >= 0 && at.Y+size.Height <= w.Size().Height // not scrolled away
			switch t.Alignment {                                     // where in its box the text itself stands
			case fyne.TextAlignLeading:
				size.Width = t.MinSize().Width
			case fyne.TextAlignTrailing:
				at.X += size.Width - t.MinSize().Width
				size.Width = t.MinSize().Width
			}
		}
	})
	return at, size, found
}

func walk(o fyne.CanvasObject, see func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	see(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, kid := range o.Objects {
			walk(kid, see)
		}
	case fyne.Widget:
		for _, kid := range test.WidgetRenderer(o).Objects() {
			walk(kid, see)
		}
	}
}

// press clicks a text in one of the app's windows with the mouse.
func (l *lab) press(s snapshot.Snapshot, name, arg, text string) {
	l.t.Helper()
	at, size, ok := place(s, name, arg, text)
	if !ok {
		l.t.Fatalf("the %s window does not show “%s”", name, text)
	}
	w, err := window.New(name, arg, func(snapshot.Verb) {}, time.Now, func() {})
	if err != nil {
		l.t.Fatal(err)
	}
	w.Set(s)
	id := l.title(w.Title())
	x, y := int(at.X+size.Width/2), int(at.Y+size.Height/2)
	// As slow as a hand: a press in the same frame as the move counts where the
	// pointer was before.
	out, err := l.xdotool("mousemove", "--sync", "--window", id, fmt.Sprint(x), fmt.Sprint(y),
		"sleep", "0.2", "mousedown", "1", "sleep", "0.1", "mouseup", "1")
	if err != nil {
		l.t.Fatalf("click “%s”: %v %s", text, err, out)
	}
}

// ui is a face's word.
func (l *lab) ui(key string, kv ...any) string { return words.In(l.lang).T(key, kv...) }

// pattern is what the tests draw on the screen, to find it again in the
// screenshot that arrives.
var pattern = []struct {
	at image.Rectangle
	is color.RGBA
}{
	{image.Rect(0, 0, 64, 64), color.RGBA{255, 0, 0, 255}},
	{image.Rect(64, 0, 128, 64), color.RGBA{0, 200, 0, 255}},
	{image.Rect(0, 64, 64, 128), color.RGBA{0, 0, 255, 255}},
	{image.Rect(64, 64, 128, 128), color.RGBA{250, 240, 10, 255}},
}

// draw puts the pattern into the corner of the screen, above everything.
func (l *lab) draw() {
	l.t.Helper()
	x, err := xgb.NewConnDisplay(l.display)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(x.Close)
	root := xproto.Setup(x).DefaultScreen(x)
	for _, p := range pattern {
		id, err := xproto.NewWindowId(x)
		if err != nil {
			l.t.Fatal(err)
		}
		pixel := uint32(p.is.R)<<16 | uint32(p.is.G)<<8 | uint32(p.is.B)
		err = xproto.CreateWindowChecked(x, root.RootDepth, id, root.Root,
			int16(p.at.Min.X), int16(p.at.Min.Y), uint16(p.at.Dx()), uint16(p.at.Dy()), 0,
			xproto.WindowClassInputOutput, root.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{pixel, 1}).Check()
		if err == nil {
			err = xproto.MapWindowChecked(x, id).Check()
		}
		if err != nil {
			l.t.Fatal(err)
		}
	}
}

// drawn says whether a picture shows the pattern.
func drawn(img image.Image) error {
	for _, p := range pattern {
		c := p.at.Min.Add(image.Pt(32, 32))
		if got := color.RGBAModel.Convert(img.At(c.X, c.Y)); got != p.is {
			return fmt.Errorf("at %v the picture is %v, the screen was %v", c, got, p.is)
		}
	}
	return nil
}
