//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"raisehand/build/lab"
)

// display is an X server of its own with a window manager.
type display struct {
	name   string
	conn   *xgb.Conn
	root   xproto.Window
	depth  byte
	width  int
	height int

	mu     sync.Mutex
	mapped chan time.Time // nil: nobody waits for a window
}

// startDisplay starts an X server that names its own number.
func (o *office) startDisplay(width, height int) (*display, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "+extension", "GLX", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	w.Close()
	o.ends = append(o.ends, func() { cmd.Process.Kill(); cmd.Wait() })
	r.SetReadDeadline(time.Now().Add(lab.Patience))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("wait for Xvfb to name its display: %w", err)
	}
	d := &display{name: ":" + strings.TrimSpace(number), width: width, height: height}
	o.env = append(o.env, "DISPLAY="+d.name)
	xgb.Logger.SetOutput(io.Discard) // it complains of every display that goes away
	if d.conn, err = xgb.NewConnDisplay(d.name); err != nil {
		return nil, err
	}
	o.ends = append(o.ends, d.conn.Close)
	screen := xproto.Setup(d.conn).DefaultScreen(d.conn)
	d.root, d.depth = screen.Root, screen.RootDepth
	if err := d.paint(); err != nil {
		return nil, fmt.Errorf("draw a lesson on the screen: %w", err)
	}
	if err := o.start(exec.Command("openbox", "--sm-disable")); err != nil {
		return nil, err
	}
	atoms, err := d.atoms("_NET_SUPPORTING_WM_CHECK")
	if err != nil {
		return nil, err
	}
	err = lab.Until(context.Background(), "the window manager", func() bool {
		p, err := xproto.GetProperty(d.conn, false, d.root, atoms[0], xproto.AtomWindow, 0, 1).Reply()
		return err == nil && p.ValueLen > 0
	})
	if err != nil {
		return nil, err
	}
	if err := xproto.ChangeWindowAttributesChecked(d.conn, d.root, xproto.CwEventMask, []uint32{xproto.EventMaskSubstructureNotify}).Check(); err != nil {
		return nil, err
	}
	go d.watch()
	return d, nil
}

// watch reports when a window is put on the screen.
func (d *display) watch() {
	for {
		e, err := d.conn.WaitForEvent()
		if e == nil && err == nil {
			return
		}
		if m, ok := e.(xproto.MapNotifyEvent); ok && m.Event == d.root {
			at := time.Now()
			if !d.large(m.Window) {
				continue
			}
			d.mu.Lock()
			if d.mapped != nil {
				d.mapped <- at
				d.mapped = nil
			}
			d.mu.Unlock()
		}
	}
}

// nextWindow tells when the next window stands on the screen.
func (d *display) nextWindow() <-chan time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	ch := make(chan time.Time, 1)
	d.mapped = ch
	return ch
}

// large tells a window from the helpers that toolkits keep.
func (d *display) large(w xproto.Window) bool {
	g, err := xproto.GetGeometry(d.conn, xproto.Drawable(w)).Reply()
	return err == nil && g.Width > 100 && g.Height > 100
}

// windows are those that can be seen.
func (d *display) windows() (list []xproto.Window, err error) {
	tree, err := xproto.QueryTree(d.conn, d.root).Reply()
	if err != nil {
		return nil, err
	}
	for _, w := range tree.Children {
		a, err := xproto.GetWindowAttributes(d.conn, w).Reply()
		if err == nil && a.MapState == xproto.MapStateViewable && d.large(w) {
			list = append(list, w)
		}
	}
	return list, nil
}

// closeAll asks every window to close, as its owner would.
func (d *display) closeAll() error {
	atoms, err := d.atoms("_NET_CLIENT_LIST", "_NET_CLOSE_WINDOW")
	if err != nil {
		return err
	}
	p, err := xproto.GetProperty(d.conn, false, d.root, atoms[0], xproto.AtomWindow, 0, 64).Reply()
	if err != nil {
		return err
	}
	for i := 0; i+4 <= len(p.Value); i += 4 {
		e := xproto.ClientMessageEvent{Format: 32, Window: xproto.Window(xgb.Get32(p.Value[i:])), Type: atoms[1],
			Data: xproto.ClientMessageDataUnionData32New([]uint32{0, 2, 0, 0, 0})}
		xproto.SendEvent(d.conn, false, d.root, xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(e.Bytes()))
	}
	return nil
}

func (d *display) atoms(names ...string) (list []xproto.Atom, err error) {
	for _, name := range names {
		a, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return nil, err
		}
		list = append(list, a.Atom)
	}
	return list, nil
}

// paint makes the screen as hard to pack as a teacher's: a third of a page of
// text, a third of a photograph, a third of plain colour.
func (d *display) paint() error {
	pixmap, err := xproto.NewPixmapId(d.conn)
	if err != nil {
		return err
	}
	gc, err := xproto.NewGcontextId(d.conn)
	if err != nil {
		return err
	}
	xproto.CreatePixmap(d.conn, d.depth, pixmap, xproto.Drawable(d.root), uint16(d.width), uint16(d.height))
	xproto.CreateGC(d.conn, gc, xproto.Drawable(pixmap), 0, nil)
	r := rand.New(rand.NewPCG(1, 2))
	const strip = 8 // lines to one request, well under its limit
	row := make([]byte, 4*d.width*strip)
	for y := 0; y < d.height; y += strip {
		for i := range d.width * strip {
			x, y := i%d.width, y+i/d.width
			p := row[4*i:]
			switch v := r.Uint32(); {
			case x < d.width/3: // text
				p[0], p[1], p[2] = 250, 250, 250
				if y%24 < 14 && x%10 < 8 && v%3 == 0 {
					p[0], p[1], p[2] = 30, 30, 40
				}
			case x < 2*d.width/3: // a photograph
				p[0], p[1], p[2] = byte(y*200/d.height)+byte(v%16), byte(x*200/d.width)+byte(v>>8%16), 90+byte(v>>16%16)
			default:
				p[0], p[1], p[2] = 120, 60, 20
			}
		}
		lines := min(strip, d.height-y)
		xproto.PutImage(d.conn, xproto.ImageFormatZPixmap, xproto.Drawable(pixmap), gc, uint16(d.width), uint16(lines), 0, int16(y), 0, d.depth, row[:4*d.width*lines])
	}
	if err := xproto.ChangeWindowAttributesChecked(d.conn, d.root, xproto.CwBackPixmap, []uint32{uint32(pixmap)}).Check(); err != nil {
		return err
	}
	return xproto.ClearAreaChecked(d.conn, false, d.root, 0, 0, 0, 0).Check()
}
