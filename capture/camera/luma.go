package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"sync"
)

// format is how a camera's frames lie in memory.
type format struct {
	code    string // four characters: "YUYV", "MJPG", "NV12"
	width   int
	height  int
	stride  int     // bytes from one line to the next, 0 when the code tells
	fps     float64 // as set, 0 when unknown
	covered bool    // the camera says that its shutter is closed
}

// layout is where an uncompressed format keeps its brightness.
type layout struct {
	bytes   int  // per pixel, in the plane that is read
	at      int  // offset of the brightness, or of the first colour
	colours bool // three colours instead of a brightness, weighed alike: enough to tell black
}

var layouts = map[string]layout{
	"YUYV": {bytes: 2}, "YVYU": {bytes: 2},
	"UYVY": {bytes: 2, at: 1}, "VYUY": {bytes: 2, at: 1},
	"NV12": {bytes: 1}, "NV21": {bytes: 1}, "NV16": {bytes: 1}, "NV61": {bytes: 1},
	"YU12": {bytes: 1}, "YV12": {bytes: 1}, "422P": {bytes: 1}, "GREY": {bytes: 1},
	"RGB3": {bytes: 3, colours: true}, "BGR3": {bytes: 3, colours: true},
	"BGR4": {bytes: 4, colours: true}, "XR24": {bytes: 4, colours: true}, "AR24": {bytes: 4, colours: true},
}

func compressed(code string) bool { return code == "MJPG" || code == "JPEG" }

// readable says whether a format's pictures can be judged.
func readable(code string) bool {
	_, ok := layouts[code]
	return ok || compressed(code)
}

// sparse is the step, in both directions, at which pixels are looked at: every
// sixteenth pixel tells as much about brightness as all of them.
const sparse = 4

// light measures a frame's brightness.
func (f format) light(data []byte) (light, error) {
	if compressed(f.code) {
		return jpegLight(data)
	}
	l, ok := layouts[f.code]
	if !ok {
		return light{}, fmt.Errorf("format %q: %w", f.code, errors.ErrUnsupported)
	}
	stride := max(f.stride, f.width*l.bytes)
	if need := (f.height-1)*stride + f.width*l.bytes; f.width <= 0 || f.height <= 0 || len(data) < need {
		return light{}, fmt.Errorf("frame of %d bytes is too short for %d×%d", len(data), f.width, f.height)
	}
	var s sums
	for y := 0; y < f.height; y += sparse {
		line := data[y*stride:]
		for x := 0; x < f.width; x += sparse {
			p := x*l.bytes + l.at
			if l.colours {
				s.add((int(line[p]) + int(line[p+1]) + int(line[p+2])) / 3)
			} else {
				s.add(int(line[p]))
			}
		}
	}
	return s.light(), nil
}

type sums struct{ n, sum, squares int }

func (s *sums) add(v int) { s.n++; s.sum += v; s.squares += v * v }

func (s *sums) light() light {
	if s.n == 0 {
		return light{}
	}
	mean := float64(s.sum) / float64(s.n)
	return light{mean, math.Sqrt(max(0, float64(s.squares)/float64(s.n)-mean*mean))}
}

func jpegLight(data []byte) (light, error) {
	img, err := jpeg.Decode(bytes.NewReader(withTables(data)))
	if err != nil {
		return light{}, fmt.Errorf("decode frame: %w", err)
	}
	var s sums
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += sparse {
		for x := b.Min.X; x < b.Max.X; x += sparse {
			s.add(brightness(img, x, y))
		}
	}
	return s.light(), nil
}

func brightness(img image.Image, x, y int) int {
	switch m := img.(type) {
	case *image.YCbCr:
		return int(m.Y[m.YOffset(x, y)])
	case *image.Gray:
		return int(m.Pix[m.PixOffset(x, y)])
	}
	r, g, b, _ := img.At(x, y).RGBA()
	return int(r+g+b) / 3 >> 8
}

// JPEG markers, ISO/IEC 10918-1 table B.1.
const (
	startOfImage = 0xd8
	startOfScan  = 0xda
	huffmanTable = 0xc4
)

// withTables gives a motion-JPEG frame the standard's own Huffman tables, which
// many cameras leave out because every decoder is expected to know them.
func withTables(data []byte) []byte {
	if at, ok := segment(data, huffmanTable); ok || at == 0 {
		return data
	}
	at, ok := segment(data, startOfScan)
	if !ok {
		return data
	}
	tables := standardTables()
	whole := make([]byte, 0, len(data)+len(tables))
	whole = append(whole, data[:at]...)
	whole = append(whole, tables...)
	return append(whole, data[at:]...)
}

// segment finds a marker before the compressed data begins; at is where it
// stands, or where the search ended: 0 for something that is no JPEG.
func segment(data []byte, marker byte) (at int, ok bool) {
	if len(data) < 4 || data[0] != 0xff || data[1] != startOfImage {
		return 0, false
	}
	i := 2
	for i+4 <= len(data) && data[i] == 0xff {
		if data[i+1] == marker {
			return i, true
		}
		if data[i+1] == startOfScan {
			break
		}
		i += 2 + int(data[i+2])<<8 + int(data[i+3])
	}
	return i, false
}

// standardTables is the segment with the tables of annex K.3. The encoder of
// the standard library writes no others, so a picture of its making has them.
var standardTables = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 8, 8), image.YCbCrSubsampleRatio420), nil) != nil {
		return nil
	}
	data := b.Bytes()
	at, ok := segment(data, huffmanTable)
	if !ok {
		return nil
	}
	return data[at : at+2+int(data[at+2])<<8+int(data[at+3])]
})
