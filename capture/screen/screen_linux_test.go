package screen

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"raisehand/capture"
	"raisehand/capture/report"
)

// xvfb starts a display of its own and returns its name.
func xvfb(tb testing.TB, args ...string) (display string, pid int) {
	tb.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		tb.Skip("Xvfb is not installed: no display to read (Debian package xvfb)")
	}
	r, w, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", append([]string{"-displayfd", "3", "-nolisten", "tcp", "-noreset"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	w.Close()
	tb.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGCONT)
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		tb.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(line), cmd.Process.Pid
}

// pattern is what paint draws on each display: one colour for each block of
// 8 × 8 to a display, told from its place.
func pattern(display, col, row int) uint32 {
	return uint32(0x20+display*0x60)<<16 | uint32(col*28)<<8 | uint32(row*28+3)
}

// paint draws the pattern on the root window, over all the displays.
func paint(tb testing.TB, display string, places []image.Rectangle) {
	tb.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		tb.Fatal(err)
	}
	defer x.Close()
	root := xproto.Setup(x).DefaultScreen(x).Root
	gc, err := xproto.NewGcontextId(x)
	if err != nil {
		tb.Fatal(err)
	}
	xproto.CreateGC(x, gc, xproto.Drawable(root), 0, nil)
	for i, p := range places {
		w, h := p.Dx()/8, p.Dy()/8
		for col := range 8 {
			for row := range 8 {
				xproto.ChangeGC(x, gc, xproto.GcForeground, []uint32{pattern(i, col, row)})
				xproto.PolyFillRectangle(x, xproto.Drawable(root), gc, []xproto.Rectangle{{
					X: int16(p.Min.X + col*w), Y: int16(p.Min.Y + row*h), Width: uint16(w), Height: uint16(h)}})
			}
		}
	}
	if _, err := xproto.GetInputFocus(x).Reply(); err != nil { // answered after all the drawing
		tb.Fatal(err)
	}
}

// divide makes the one screen of Xvfb into displays beside each other, as two
// real monitors divide a desktop.
func divide(tb testing.TB, display string, places []image.Rectangle) {
	tb.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		tb.Fatal(err)
	}
	defer x.Close()
	if err := randr.Init(x); err != nil {
		tb.Fatal(err)
	}
	if _, err := randr.QueryVersion(x, 1, 5).Reply(); err != nil {
		tb.Fatal(err)
	}
	root := xproto.Setup(x).DefaultScreen(x).Root
	has, err := randr.GetScreenResources(x, root).Reply()
	if err != nil {
		tb.Fatal(err)
	}
	for i, p := range places {
		name := fmt.Sprint("display-", i)
		atom, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
		if err != nil {
			tb.Fatal(err)
		}
		m := randr.MonitorInfo{Name: atom.Atom, Primary: i == 0,
			X: int16(p.Min.X), Y: int16(p.Min.Y), Width: uint16(p.Dx()), Height: uint16(p.Dy()),
			WidthInMillimeters: 300, HeightInMillimeters: 200}
		if i == 0 {
			m.Outputs = has.Outputs // else the screen itself stays in the list
			m.NOutput = uint16(len(has.Outputs))
		}
		if err := randr.SetMonitorChecked(x, root, m).Check(); err != nil {
			tb.Fatal(err)
		}
	}
}

// shown fails the test unless the picture is the pattern of that display.
func shown(tb testing.TB, data []byte, display int, size image.Point) {
	tb.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	if img.Bounds().Size() != size {
		tb.Fatalf("display %d is %v, want %v", display, img.Bounds().Size(), size)
	}
	for col := range 8 {
		for row := range 8 {
			r, g, b, _ := img.At(size.X*(2*col+1)/16, size.Y*(2*row+1)/16).RGBA()
			if got, want := r>>8<<16|g>>8<<8|b>>8, pattern(display, col, row); got != want {
				tb.Fatalf("display %d, block %d,%d is %06x, want %06x", display, col, row, got, want)
			}
		}
	}
}

func TestMain(m *testing.M) {
	xgb.Logger.SetOutput(io.Discard) // it speaks of a missing authority file
	os.Exit(m.Run())
}

func run(t *testing.T, c Check) (report.Result, []capture.Line) {
	t.Helper()
	var lines []capture.Line
	c.Emit = func(l capture.Line) { lines = append(lines, l) }
	return c.Run(context.Background()), lines
}

func onX11(t *testing.T, display string) {
	t.Setenv("DISPLAY", display)
	t.Setenv("XDG_SESSION_TYPE", "x11")
}

func TestPictures(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		places []image.Rectangle
		halve  bool
		sizes  []image.Point
		thumb  image.Point
	}{
		{"1080p", []string{"-screen", "0", "1920x1080x24"},
			[]image.Rectangle{image.Rect(0, 0, 1920, 1080)}, true, []image.Point{{1920, 1080}}, image.Pt(320, 180)},
		{"4K halved", []string{"-screen", "0", "3840x2160x24"},
			[]image.Rectangle{image.Rect(0, 0, 3840, 2160)}, true, []image.Point{{1920, 1080}}, image.Pt(320, 180)},
		{"large, whole", []string{"-screen", "0", "2560x1600x24"},
			[]image.Rectangle{image.Rect(0, 0, 2560, 1600)}, false, []image.Point{{2560, 1600}}, image.Pt(288, 180)},
		{"two displays", []string{"-screen", "0", "2880x1200x24"},
			[]image.Rectangle{image.Rect(0, 0, 1600, 1200), image.Rect(1600, 0, 2880, 720)}, false,
			[]image.Point{{1600, 1200}, {1280, 720}}, image.Pt(320, 133)},
	} {
		t.Run(c.name, func(t *testing.T) {
			display, _ := xvfb(t, c.args...)
			paint(t, display, c.places)
			if len(c.places) > 1 {
				divide(t, display, c.places)
			}
			onX11(t, display)
			r, lines := run(t, Check{Pictures: true, Halve: c.halve})
			if r.Verdict != report.OK || r.Code != "screen.ok" || r.Params["displays"] != len(c.places) {
				t.Fatalf("got %s %s %v %v", r.Verdict, r.Code, r.Params, r.Detail)
			}
			order, pictures := []string{}, map[string]*capture.Picture{}
			for _, l := range lines {
				switch {
				case l.Facts != nil:
					order = append(order, fmt.Sprint("facts ", len(l.Facts["displays"].([]any))))
				case l.Captured:
					order = append(order, "captured")
				case l.Picture != nil:
					order = append(order, l.Picture.Name)
					pictures[l.Picture.Name] = l.Picture
				}
			}
			want := []string{fmt.Sprint("facts ", len(c.places)), "captured", "thumb.png", "screen-1.png", "screen-2.png"}[:3+len(c.places)]
			if fmt.Sprint(order) != fmt.Sprint(want) {
				t.Fatalf("said %v, want %v", order, want)
			}
			for i, size := range c.sizes {
				p := pictures[fmt.Sprintf("screen-%d.png", i+1)]
				shown(t, p.Data, i, size)
				if p.Bytes != len(p.Data) || p.Width != size.X || p.Height != size.Y || p.Type != "image/png" {
					t.Errorf("announced %+v", *p)
				}
			}
			thumb := pictures["thumb.png"]
			if thumb.Width != c.thumb.X || thumb.Height != c.thumb.Y {
				t.Errorf("thumbnail %d×%d, want %v", thumb.Width, thumb.Height, c.thumb)
			}
			if len(c.places) == 1 {
				shown(t, thumb.Data, 0, c.thumb)
			}
			if dir := os.Getenv("SCREEN_TEST_PICTURES"); dir != "" {
				os.WriteFile(filepath.Join(dir, c.name+" thumb.png"), thumb.Data, 0o644)
			}
		})
	}
}

func TestOnlyJudge(t *testing.T) {
	display, _ := xvfb(t, "-screen", "0", "800x600x24")
	onX11(t, display)
	r, lines := run(t, Check{})
	if r.Code != "screen.ok" || r.Params["width"] != 800 || r.Params["height"] != 600 {
		t.Errorf("got %s %v", r.Code, r.Params)
	}
	for _, l := range lines {
		if l.Captured || l.Picture != nil {
			t.Errorf("the screen was read although no picture was wanted: %+v", l)
		}
	}
}

func TestNoDisplay(t *testing.T) {
	for _, c := range []struct{ name, display, kind, wayland, code string }{
		{"nothing set", "", "", "", "screen.no_display"},
		{"a terminal session", "", "tty", "", "screen.no_display"},
		{"no such display", ":4242", "x11", "", "screen.no_display"},
		{"nonsense", "nonsense", "x11", "", "screen.no_display"},
		{"Wayland", "", "wayland", "wayland-0", "screen.wayland"},
		{"Wayland with XWayland", ":0", "wayland", "wayland-0", "screen.wayland"},
		{"Wayland, kind not set", ":0", "", "wayland-0", "screen.wayland"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("DISPLAY", c.display)
			t.Setenv("XDG_SESSION_TYPE", c.kind)
			t.Setenv("WAYLAND_DISPLAY", c.wayland)
			r, _ := run(t, Check{Pictures: true})
			if r.Verdict != report.Unknown || r.Code != c.code {
				t.Errorf("got %s %s %v, want unknown %s", r.Verdict, r.Code, r.Detail, c.code)
			}
		})
	}
}

// A display that takes the connection and never answers, as a frozen server
// or a broken tunnel does.
func TestHungDisplay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	onX11(t, fmt.Sprintf("127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port-6000))
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	r := Check{Pictures: true, Emit: func(l capture.Line) { t.Errorf("said %+v", l) }}.Run(ctx)
	if r.Verdict != report.Unknown || r.Code != "screen.failed" {
		t.Errorf("got %s %s", r.Verdict, r.Code)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []string{"1920x1080", "3840x2160"} {
		for _, halve := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s halve=%v", size, halve), func(b *testing.B) {
				display, _ := xvfb(b, "-screen", "0", size+"x24")
				b.Setenv("DISPLAY", display)
				b.Setenv("XDG_SESSION_TYPE", "x11")
				var w, h int
				fmt.Sscanf(size, "%dx%d", &w, &h)
				paint(b, display, []image.Rectangle{image.Rect(0, 0, w, h)})
				var read, encoded int64
				for b.Loop() {
					r := Check{Pictures: true, Halve: halve}.Run(context.Background())
					if r.Verdict != report.OK {
						b.Fatal(r)
					}
					read += r.Detail["read_ms"].(int64)
					encoded += r.Detail["encode_ms"].(int64)
				}
				b.ReportMetric(float64(read)/float64(b.N), "read-ms")
				b.ReportMetric(float64(encoded)/float64(b.N), "encode-ms")
			})
		}
	}
}
