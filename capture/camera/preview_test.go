package camera

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// red and blue, as a camera with full range would say them.
var (
	red  = color.YCbCr{Y: 76, Cb: 85, Cr: 255}
	blue = color.YCbCr{Y: 29, Cb: 255, Cr: 107}
)

// painted is a picture in a format: left half red, right half blue, with room
// at the end of each line.
func painted(code string, w, h int) (format, []byte) {
	l := layouts[code]
	stride := w*l.bytes + 8
	data := make([]byte, stride*h*3)
	for y := range h {
		for x := range w {
			c := red
			if x >= w/2 {
				c = blue
			}
			p := y*stride + x*l.bytes
			data[p+l.at] = c.Y
			if l.colours {
				r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
				data[p], data[p+1], data[p+2] = b, g, r
				if code == "RGB3" {
					data[p], data[p+2] = r, b
				}
				continue
			}
			two := y*stride + x/2*4
			luma := stride * h
			pair, half := x/2*2, stride/2
			switch code {
			case "YUYV":
				data[two+1], data[two+3] = c.Cb, c.Cr
			case "YVYU":
				data[two+3], data[two+1] = c.Cb, c.Cr
			case "UYVY":
				data[two], data[two+2] = c.Cb, c.Cr
			case "VYUY":
				data[two+2], data[two] = c.Cb, c.Cr
			case "NV12":
				data[luma+y/2*stride+pair], data[luma+y/2*stride+pair+1] = c.Cb, c.Cr
			case "NV21":
				data[luma+y/2*stride+pair+1], data[luma+y/2*stride+pair] = c.Cb, c.Cr
			case "NV16":
				data[luma+y*stride+pair], data[luma+y*stride+pair+1] = c.Cb, c.Cr
			case "NV61":
				data[luma+y*stride+pair+1], data[luma+y*stride+pair] = c.Cb, c.Cr
			case "YU12":
				data[luma+y/2*half+x/2], data[luma+half*h/2+y/2*half+x/2] = c.Cb, c.Cr
			case "YV12":
				data[luma+half*h/2+y/2*half+x/2], data[luma+y/2*half+x/2] = c.Cb, c.Cr
			case "422P":
				data[luma+y*half+x/2], data[luma+half*h+y*half+x/2] = c.Cb, c.Cr
			}
		}
	}
	return format{code: code, width: w, height: h, stride: stride}, data
}

// Whatever a camera speaks, a person sees the same picture.
func TestPreviewOfEveryFormat(t *testing.T) {
	check := func(name string, m *image.RGBA, err error) {
		t.Helper()
		if err != nil || m.Bounds().Dx() != 240 || m.Bounds().Dy() != 180 {
			t.Errorf("%s: %v, %v", name, m, err)
			return
		}
		l, r := m.RGBAAt(40, 90), m.RGBAAt(200, 90)
		if name == "GREY" {
			if l.R != l.G || l.R != red.Y || r.B != blue.Y {
				t.Errorf("%s: %v %v", name, l, r)
			}
		} else if l.R < 200 || l.B > 60 || r.B < 200 || r.R > 60 {
			t.Errorf("%s: left %v is not red, or right %v not blue", name, l, r)
		}
	}
	for code := range layouts {
		f, data := painted(code, 640, 480)
		m, err := f.preview(data)
		check(code, m, err)
		for _, n := range []int{0, 1, len(data) / 9, 640 * 480} { // whatever comes, no panic
			_, _ = f.preview(data[:n])
		}
	}
	f, data := painted("RGB3", 640, 480)
	whole, _ := f.preview(data)
	var b bytes.Buffer
	big := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			big.SetRGBA(x, y, whole.RGBAAt(x*240/640, y*180/480))
		}
	}
	if err := jpeg.Encode(&b, big, nil); err != nil {
		t.Fatal(err)
	}
	m, err := format{code: "MJPG", width: 640, height: 480}.preview(b.Bytes())
	check("MJPG", m, err)
}

// In the equipment test the picture goes on until the asker goes, ten times a
// second at most, and the verdict follows what is seen.
func TestLive(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	film := &tape{frames: 400, shot: func(i int) frame {
		if i > 200 {
			return dark(i)
		}
		return living(i)
	}}
	var codes []string
	var devices, pictures int
	c := Check{Live: true, Device: back.path, sys: two(&tape{}, film), Emit: func(l capture.Line) {
		switch {
		case l.Devices != nil:
			devices = len(l.Devices)
		case l.Interim != nil:
			codes = append(codes, l.Interim.Code)
			if l.Interim.Code == "camera.black" {
				leave()
			}
		case l.Picture != nil:
			m, kind, err := image.DecodeConfig(bytes.NewReader(l.Picture.Data))
			if err != nil || kind != "jpeg" || m.Width != l.Picture.Width || m.Width > 320 || m.Height > 180 {
				t.Errorf("a picture of %v, %s, %v", m, kind, err)
			}
			pictures++
		}
	}}
	r := c.Run(ctx)
	if len(codes) != 2 || codes[0] != "camera.ok" || codes[1] != "camera.black" || r.Code != "camera.black" || r.Params["device"] != "Back" {
		t.Errorf("codes %v, at last %+v", codes, r)
	}
	seconds := 300.0 * 33 / 1000
	if devices != 2 || pictures < 20 || float64(pictures) > 10*seconds+1 {
		t.Errorf("%d devices, %d pictures in %.1f s", devices, pictures, seconds)
	}
}

// A driver that hangs is named while the window waits; a camera that went away
// and one in a class are not waited for.
func TestLiveTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		check Check
		want  string
		v     report.Verdict
	}{
		"gone":     {Check{Live: true, Device: "/dev/video9", sys: one(fine())}, "camera.unplugged", report.Fail},
		"in class": {Check{Live: true, Situation: zoom, sys: one(fine())}, "camera.not_taken", report.Skipped},
		"denied":   {Check{Live: true, sys: &room{cams: []device{wall}}}, "camera.denied", report.Fail},
		"silent":   {Check{Live: true, sys: one(&tape{})}, "camera.no_frames", report.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c.check.Emit = func(l capture.Line) {
				if l.Interim != nil { // what may still change is looked at until somebody goes
					cancel()
				}
			}
			if r := c.check.Run(ctx); r.Code != c.want || r.Verdict != c.v {
				t.Errorf("%+v", r)
			}
			if r, ok := c.check.sys.(*room); ok && name == "in class" && r.opened.Load() != 0 {
				t.Error("a camera was taken in class")
			}
		})
	}
}

// A camera that is plugged in, or given back by another program, while
// somebody watches is shown by itself.
func TestLivePlugIn(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	desk := &room{gives: map[string]*tape{front.path: {refused: errBusy}}}
	var codes []string
	devices := 0
	c := Check{Live: true, sys: desk, Emit: func(l capture.Line) {
		if l.Devices != nil {
			devices++
		}
		if l.Interim == nil {
			return
		}
		switch codes = append(codes, l.Interim.Code); l.Interim.Code {
		case "camera.none":
			desk.cams = []device{front}
		case "camera.busy_unknown":
			desk.gives[front.path] = &tape{shot: living, frames: 1000}
		case "camera.ok":
			leave()
		}
	}}
	c.Run(ctx)
	if len(codes) != 3 || codes[2] != "camera.ok" || devices != 1 {
		t.Errorf("codes %v, %d lists of cameras", codes, devices)
	}
}
