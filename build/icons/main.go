// Icons draws Raisehand's icons: shapes → PNG and ICO in assets/icons.
// Run it from the root: go run ./build/icons
package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/image/vector"
)

func main() {
	if err := write("assets/icons"); err != nil {
		log.Fatal(err)
	}
}

// States as package snapshot names them.
var states = []string{"idle", "checking", "waiting", "answered", "overdue", "offline"}

// Colours of the palette: brand, ink on brand, info, careful, fine, stop, soft.
type palette struct{ brand, hand, info, careful, fine, stop, soft, sign color.NRGBA }

var (
	light = palette{rgb(0x0B6E69), rgb(0xFFFFFF), rgb(0x1E5BB8), rgb(0x9A5B00), rgb(0x1B7A3D), rgb(0xBF2430), rgb(0x556270), rgb(0xFFFFFF)}
	dark  = palette{rgb(0x4CC3BC), rgb(0x12171D), rgb(0x7FB2FF), rgb(0xF0B24A), rgb(0x5BCB80), rgb(0xFF7B7F), rgb(0xA3B0BF), rgb(0x12171D)}
	clear color.NRGBA
	black = color.NRGBA{A: 255}
	mono  = palette{black, clear, black, black, black, black, black, clear} // macOS colours a template itself
)

func rgb(v uint32) color.NRGBA { return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

func write(dir string) error {
	for _, px := range []int{256, 512} {
		if err := save(filepath.Join(dir, "app-"+strconv.Itoa(px)+".png"), Draw("idle", light, px)); err != nil {
			return err
		}
	}
	for _, s := range states {
		for name, p := range map[string]palette{"light": light, "dark": dark, "template": mono} {
			if err := save(filepath.Join(dir, "tray", s+"-"+name+".png"), Draw(s, p, 64)); err != nil {
				return err
			}
			if name == "template" {
				continue
			}
			if err := saveICO(filepath.Join(dir, "tray", s+"-"+name+".ico"), s, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// Draw draws one state at px × px pixels.
func Draw(state string, p palette, px int) *image.NRGBA {
	d := &drawing{img: image.NewNRGBA(image.Rect(0, 0, px, px)), k: float32(px) / 64}
	face := p.brand
	if state == "offline" {
		face = p.soft
	}
	d.fill(face, d.box(2, 2, 62, 62, 15))
	d.hand(p.hand, px)
	d.badge(state, p)
	return d.img
}

// hand is four fingers, a palm and a thumb. Below 24 pixels the fingers stand
// on whole pixels, or the gaps between them would close.
func (d *drawing) hand(c color.NRGBA, px int) {
	type finger struct{ x, top float32 }
	fingers, wide := []finger{{23.5, 21}, {31.5, 13}, {39.5, 14}, {47, 22}}, float32(6.6)
	if px < 24 {
		fingers, wide = []finger{{22, 21}, {32, 12}, {42, 14}, {52, 24}}, 6.4
	}
	left, right := fingers[0].x-wide/2, fingers[3].x+wide/2
	for _, f := range fingers {
		d.fill(c, d.box(f.x-wide/2, f.top, f.x+wide/2, 42, wide/2))
	}
	d.fill(c, d.box(left, 33, right, 53, 10))
	d.fill(c, d.box(left, 33, right, 42, 1))
	d.fill(c, d.line(left+3, 45, left-8, 34.5, 6.6)) // thumb
	d.fill(c, d.poly(left+1, 38, left-4, 36, left+10, 52, left+14, 40))
}

// badge marks the state by shape, colour comes second.
func (d *drawing) badge(state string, p palette) {
	const x, y, r = 47, 47, 16
	under := func(paths ...path) {
		for _, q := range paths {
			d.erase(q)
		}
	}
	switch state {
	case "checking": // a dot on its way along a line of three
		under(d.line(16, 52, 50, 52, 22))
		d.fill(p.info, d.circle(14, 52, 5.5))
		d.fill(p.info, d.circle(32, 52, 5.5))
		d.fill(p.info, d.circle(51, 51, 10))
	case "waiting": // a clock
		under(d.circle(x, y, r+4))
		d.fill(p.careful, d.circle(x, y, r))
		d.cut(p.sign, d.line(x, y, x, y-10, 4.4))
		d.cut(p.sign, d.line(x, y, x+7.5, y+3, 4.4))
	case "answered": // a large tick
		under(d.line(27, 47, 38, 58, 19), d.line(38, 58, 60, 32, 19))
		d.fill(p.fine, d.line(27, 47, 38, 58, 9.5))
		d.fill(p.fine, d.line(38, 58, 59, 33, 9.5))
	case "overdue": // a warning triangle with an exclamation mark
		under(d.poly(44, 18, 70, 68, 18, 68))
		d.fill(p.stop, d.poly(44, 26, 64, 63, 24, 63))
		d.cut(p.sign, d.line(44, 40, 44, 49, 5.4))
		d.cut(p.sign, d.circle(44, 57, 3.2))
	case "offline": // a line that is broken
		under(d.line(6, 58, 58, 6, 15))
		d.fill(p.stop, d.line(8, 56, 24, 40, 6.5))
		d.fill(p.stop, d.line(40, 24, 56, 8, 6.5))
	}
}

type path func(*vector.Rasterizer)

type drawing struct {
	img *image.NRGBA
	k   float32 // pixels per unit; a drawing is 64 units wide
}

func (d *drawing) mask(q path) *image.Alpha {
	b := d.img.Bounds()
	r := vector.NewRasterizer(b.Dx(), b.Dy())
	q(r)
	m := image.NewAlpha(b)
	r.Draw(m, b, image.Opaque, image.Point{})
	return m
}

func (d *drawing) fill(c color.NRGBA, q path) {
	if c.A == 0 {
		d.erase(q)
		return
	}
	draw.DrawMask(d.img, d.img.Bounds(), image.NewUniform(c), image.Point{}, d.mask(q), image.Point{}, draw.Over)
}

// cut draws a sign upon a badge.
func (d *drawing) cut(c color.NRGBA, q path) { d.fill(c, q) }

// erase makes a shape see-through.
func (d *drawing) erase(q path) {
	m := d.mask(q)
	for i, a := range m.Pix {
		d.img.Pix[4*i+3] = uint8(int(d.img.Pix[4*i+3]) * (255 - int(a)) / 255)
	}
}

const round = 0.5522847498 // of a quarter circle by one cubic curve

func (d *drawing) box(x0, y0, x1, y1, rad float32) path {
	rad = min(rad, (x1-x0)/2, (y1-y0)/2)
	k, c := d.k, rad*(1-round)
	return func(r *vector.Rasterizer) {
		r.MoveTo(k*(x0+rad), k*y0)
		r.LineTo(k*(x1-rad), k*y0)
		r.CubeTo(k*(x1-c), k*y0, k*x1, k*(y0+c), k*x1, k*(y0+rad))
		r.LineTo(k*x1, k*(y1-rad))
		r.CubeTo(k*x1, k*(y1-c), k*(x1-c), k*y1, k*(x1-rad), k*y1)
		r.LineTo(k*(x0+rad), k*y1)
		r.CubeTo(k*(x0+c), k*y1, k*x0, k*(y1-c), k*x0, k*(y1-rad))
		r.LineTo(k*x0, k*(y0+rad))
		r.CubeTo(k*x0, k*(y0+c), k*(x0+c), k*y0, k*(x0+rad), k*y0)
		r.ClosePath()
	}
}

func (d *drawing) circle(x, y, rad float32) path { return d.box(x-rad, y-rad, x+rad, y+rad, rad) }

func (d *drawing) poly(xy ...float32) path {
	return func(r *vector.Rasterizer) {
		r.MoveTo(d.k*xy[0], d.k*xy[1])
		for i := 2; i < len(xy); i += 2 {
			r.LineTo(d.k*xy[i], d.k*xy[i+1])
		}
		r.ClosePath()
	}
}

// line is a stroke with round ends: points around both ends, in order.
func (d *drawing) line(x0, y0, x1, y1, wide float32) path {
	a := math.Atan2(float64(y1-y0), float64(x1-x0))
	const n = 12
	var xy []float32
	for _, end := range []struct {
		x, y float32
		from float64
	}{{x1, y1, a - math.Pi/2}, {x0, y0, a + math.Pi/2}} {
		for i := 0; i <= n; i++ {
			s, c := math.Sincos(end.from + math.Pi*float64(i)/n)
			xy = append(xy, end.x+wide/2*float32(c), end.y+wide/2*float32(s))
		}
	}
	return d.poly(xy...)
}

func save(name string, m image.Image) error {
	raw, err := encode(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, raw, 0o644)
}

func encode(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, m)
	return b.Bytes(), err
}

// saveICO writes the sizes a Windows tray asks for at 100, 125, 150 and 200 %,
// as PNG within ICO (Windows Vista and later).
func saveICO(name, state string, p palette) error {
	var head, body bytes.Buffer
	sizes := []int{16, 20, 24, 32}
	_ = binary.Write(&head, binary.LittleEndian, []uint16{0, 1, uint16(len(sizes))})
	offset := 6 + 16*len(sizes)
	for _, px := range sizes {
		raw, err := encode(Draw(state, p, px))
		if err != nil {
			return err
		}
		head.Write([]byte{byte(px), byte(px), 0, 0})
		_ = binary.Write(&head, binary.LittleEndian, []uint16{1, 32})
		_ = binary.Write(&head, binary.LittleEndian, []uint32{uint32(len(raw)), uint32(offset)})
		offset += len(raw)
		body.Write(raw)
	}
	return os.WriteFile(name, append(head.Bytes(), body.Bytes()...), 0o644)
}
