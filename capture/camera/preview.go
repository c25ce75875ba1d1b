package camera

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// The equipment test's picture is for a person to recognise herself in, no
// more: small, and not more often than the eye needs.
const (
	previewWidth  = 320
	previewHeight = 180
	previewEvery  = 100 * time.Millisecond
	previewGood   = 75 // JPEG quality: about 10 kB a picture
)

// again is how soon a camera that was missing or taken is looked for again:
// somebody may be plugging it in.
const again = time.Second

// live looks until ctx ends, or until looking again would find the same.
func (e *examination) live(ctx context.Context) report.Result {
	var last report.Result
	for {
		r := e.look(ctx)
		if ctx.Err() != nil && last.Code != "" && r.Verdict == report.Unknown {
			return last
		}
		if r.Code == "camera.none" && last.Code == "camera.unplugged" {
			r = last // that names it
		}
		e.interim(r)
		last = r
		if !mayChange[r.Code] {
			return r
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return r
		}
	}
}

// mayChange are verdicts that a hand or another program can change while
// somebody watches.
var mayChange = map[string]bool{"camera.none": true, "camera.unplugged": true, "camera.busy": true, "camera.busy_unknown": true, "camera.denied": true}

// show shows a camera's picture until ctx ends, and says what it is worth
// whenever that changes: somebody may open the shutter meanwhile.
func (e *examination) show(ctx context.Context, d device) report.Result {
	if d.denied {
		return denied(d)
	}
	e.at("opening", d)
	opened := time.Now()
	s, err := e.sys.open(d)
	if err != nil {
		return e.unread(ctx, d, err)
	}
	defer s.close()
	e.at("reading", d)
	v := &viewer{e: e, format: s.format()}
	var last report.Result
	for {
		j := newJudge(s.format())
		err := watch(ctx, &shown{s, v}, j)
		if ctx.Err() != nil && (last.Code != "" || !j.judged()) {
			break // cut short: says nothing about the camera
		}
		r := e.conclude(ctx, d, j, err, opened)
		if r.Code != last.Code {
			last = r
		}
		e.interim(r)
		if err != nil {
			break
		}
		opened = time.Now()
	}
	if last.Code == "" {
		last = result(report.Unknown, "camera.not_taken", d)
	}
	return last
}

// shown is a stream whose frames a viewer sees too.
type shown struct {
	stream
	v *viewer
}

func (s *shown) next(ctx context.Context) (frame, error) {
	f, err := s.stream.next(ctx)
	if err == nil && !f.broken && len(f.data) > 0 {
		s.v.show(f)
	}
	return f, err
}

// viewer makes small pictures out of frames, not too many.
type viewer struct {
	e      *examination
	format format
	last   time.Time
}

func (v *viewer) show(f frame) {
	if v.e.Emit == nil || f.at.Sub(v.last) < previewEvery {
		return
	}
	m, err := v.format.preview(f.data)
	if err != nil {
		return // the judge says so when it stays like that
	}
	var b bytes.Buffer
	if jpeg.Encode(&b, m, &jpeg.Options{Quality: previewGood}) != nil {
		return
	}
	v.last = f.at
	size := m.Bounds().Size()
	v.e.Emit(capture.Line{Picture: &capture.Picture{Name: "preview.jpeg", Type: "image/jpeg", Width: size.X, Height: size.Y, Data: b.Bytes()}})
}

// preview is a frame at most 320 × 180 large, in its own proportions.
func (f format) preview(data []byte) (*image.RGBA, error) {
	at, width, height, err := f.pixels(data)
	if err != nil {
		return nil, err
	}
	w, h := previewWidth, previewWidth*height/width
	if h > previewHeight {
		w, h = max(1, previewHeight*width/height), previewHeight
	}
	m := image.NewRGBA(image.Rect(0, 0, w, max(1, h)))
	for y := range max(1, h) {
		row := m.Pix[y*m.Stride:]
		for x := range w {
			row[4*x], row[4*x+1], row[4*x+2] = at(x*width/w, y*height/max(1, h))
			row[4*x+3] = 255
		}
	}
	return m, nil
}

// pixels reads single pixels of a frame.
func (f format) pixels(data []byte) (at func(x, y int) (r, g, b uint8), width, height int, err error) {
	if compressed(f.code) {
		img, err := jpeg.Decode(bytes.NewReader(withTables(data)))
		if err != nil {
			return nil, 0, 0, fmt.Errorf("decode frame: %w", err)
		}
		b := img.Bounds()
		return func(x, y int) (uint8, uint8, uint8) {
			if m, ok := img.(*image.YCbCr); ok {
				c := m.COffset(x+b.Min.X, y+b.Min.Y)
				return color.YCbCrToRGB(m.Y[m.YOffset(x+b.Min.X, y+b.Min.Y)], m.Cb[c], m.Cr[c])
			}
			r, g, bl, _ := img.At(x+b.Min.X, y+b.Min.Y).RGBA()
			return uint8(r >> 8), uint8(g >> 8), uint8(bl >> 8)
		}, max(1, b.Dx()), max(1, b.Dy()), nil
	}
	l, ok := layouts[f.code]
	stride := max(f.stride, f.width*l.bytes)
	if !ok || f.width <= 0 || f.height <= 0 || len(data) < stride*(f.height-1)+f.width*l.bytes {
		return nil, 0, 0, fmt.Errorf("read frame: %d bytes do not hold %d×%d in %q", len(data), f.width, f.height, f.code)
	}
	if l.colours {
		red, blue := 0, 2
		if f.code != "RGB3" {
			red, blue = 2, 0
		}
		return func(x, y int) (uint8, uint8, uint8) {
			p := data[y*stride+x*l.bytes:]
			return p[red], p[1], p[blue]
		}, f.width, f.height, nil
	}
	chroma := f.chroma(data, stride)
	return func(x, y int) (uint8, uint8, uint8) {
		cb, cr := chroma(x, y)
		return color.YCbCrToRGB(data[y*stride+x*l.bytes+l.at], cb, cr)
	}, f.width, f.height, nil
}

// chroma finds the colour of a pixel, none where the frame is too short to
// hold it.
func (f format) chroma(data []byte, stride int) func(x, y int) (cb, cr uint8) {
	const grey = 128
	at := func(i int) uint8 {
		if i < 0 || i >= len(data) {
			return grey
		}
		return data[i]
	}
	luma := stride * f.height
	switch f.code {
	case "YUYV", "YVYU", "UYVY", "VYUY": // two pixels share their colour, in four bytes
		cb, cr := map[string]int{"YUYV": 1, "YVYU": 3, "UYVY": 0, "VYUY": 2}[f.code], map[string]int{"YUYV": 3, "YVYU": 1, "UYVY": 2, "VYUY": 0}[f.code]
		return func(x, y int) (uint8, uint8) {
			p := y*stride + x/2*4
			return at(p + cb), at(p + cr)
		}
	case "NV12", "NV21", "NV16", "NV61": // colours side by side behind the brightness
		down, first := 2, 0
		if f.code == "NV16" || f.code == "NV61" {
			down = 1
		}
		if f.code == "NV21" || f.code == "NV61" {
			first = 1
		}
		return func(x, y int) (uint8, uint8) {
			p := luma + y/down*stride + x/2*2
			return at(p + first), at(p + 1 - first)
		}
	case "YU12", "YV12", "422P": // each colour in a plane of its own
		down := 2
		if f.code == "422P" {
			down = 1
		}
		plane := stride / 2 * ((f.height + down - 1) / down)
		u, v := luma, luma+plane
		if f.code == "YV12" {
			u, v = v, u
		}
		return func(x, y int) (uint8, uint8) {
			p := y/down*(stride/2) + x/2
			return at(u + p), at(v + p)
		}
	}
	return func(int, int) (uint8, uint8) { return grey, grey }
}
