package screen

import (
	"bytes"
	"fmt"
	"hash/adler32"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"
)

// painted is a screen-like picture: flat areas, lines of "text", a gradient,
// some noise, at an origin that is not zero.
func painted(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(3, 5, 3+w, 5+h))
	rnd := rand.New(rand.NewPCG(1, uint64(w*h)))
	for y := range h {
		for x := range w {
			c := color.RGBA{0xf6, 0xf7, 0xf9, 0xff}
			switch {
			case y%24 < 10 && x%400 < 300 && rnd.IntN(3) == 0:
				c = color.RGBA{0x18, 0x21, 0x2b, 0xff}
			case x > w*2/3 && y > h/2:
				c = color.RGBA{uint8(x), uint8(y), uint8(x + y), 0xff}
			case x > w*2/3 && y < h/5:
				c = color.RGBA{uint8(rnd.Uint32()), uint8(rnd.Uint32()), uint8(rnd.Uint32()), 0xff}
			}
			img.SetRGBA(3+x, 5+y, c)
		}
	}
	return img
}

// same fails the test unless data is a PNG of exactly img's colours.
func same(t *testing.T, data []byte, img *image.RGBA) {
	t.Helper()
	got, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds().Size() != img.Rect.Size() {
		t.Fatalf("decoded %v, want %v", got.Bounds().Size(), img.Rect.Size())
	}
	plain, ok := got.(*image.RGBA)
	if !ok {
		t.Fatalf("decoded as %T, want a picture of red, green and blue", got)
	}
	for y := range img.Rect.Dy() {
		at := img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y+y)
		if !bytes.Equal(plain.Pix[y*plain.Stride:][:4*img.Rect.Dx()], img.Pix[at:][:4*img.Rect.Dx()]) {
			t.Fatalf("row %d differs", y)
		}
	}
}

func TestEncode(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {320, 180}, {1999, 1111}, {1200, 2800}} {
		img := painted(size[0], size[1])
		for _, workers := range []int{1, 4} {
			t.Run(fmt.Sprintf("%dx%d by %d", size[0], size[1], workers), func(t *testing.T) {
				data, err := encode(img, workers)
				if err != nil {
					t.Fatal(err)
				}
				same(t, data, img)
			})
		}
	}
	if _, err := encode(image.NewRGBA(image.Rectangle{}), 2); err == nil {
		t.Error("an empty picture was encoded")
	}
}

func TestJoinAdler(t *testing.T) {
	data := make([]byte, 200_001)
	for i := range data {
		data[i] = byte(i*i>>3 | 0x80)
	}
	for _, cut := range []int{0, 1, 65520, 65521, 65522, 131072, len(data)} {
		got := joinAdler(adler32.Checksum(data[:cut]), adler32.Checksum(data[cut:]), len(data)-cut)
		if want := adler32.Checksum(data); got != want {
			t.Errorf("cut at %d: %08x, want %08x", cut, got, want)
		}
	}
}

func TestHalve(t *testing.T) {
	img := painted(101, 51)
	got := halve(img)
	if got.Rect != image.Rect(0, 0, 50, 25) {
		t.Fatalf("size %v", got.Rect)
	}
	for _, p := range []image.Point{{0, 0}, {49, 24}, {20, 11}} {
		sum := 0
		for _, d := range []image.Point{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
			sum += int(img.RGBAAt(3+2*p.X+d.X, 5+2*p.Y+d.Y).G)
		}
		if c := got.RGBAAt(p.X, p.Y); int(c.G) != (sum+2)/4 || c.A != 0xff {
			t.Errorf("pixel %v is %v, want green %d", p, c, (sum+2)/4)
		}
	}
}

func TestThumbnail(t *testing.T) {
	flat := func(r image.Rectangle, c color.RGBA) *image.RGBA {
		img := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
		for i := 0; i < len(img.Pix); i += 4 {
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = c.R, c.G, c.B, c.A
		}
		return img
	}
	red, blue := color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}
	for _, c := range []struct {
		places []image.Rectangle
		size   image.Point
	}{
		{[]image.Rectangle{image.Rect(0, 0, 3840, 2160)}, image.Pt(320, 180)},
		{[]image.Rectangle{image.Rect(0, 0, 1024, 768)}, image.Pt(240, 180)},
		{[]image.Rectangle{image.Rect(0, 0, 1920, 1080), image.Rect(-1920, 0, 0, 1080)}, image.Pt(320, 90)},
		{[]image.Rectangle{image.Rect(0, 0, 1080, 1920), image.Rect(0, 1920, 1080, 3840)}, image.Pt(50, 180)},
	} {
		pictures := []*image.RGBA{}
		for i, p := range c.places {
			pictures = append(pictures, flat(p, []color.RGBA{red, blue}[i]))
		}
		got := thumbnail(pictures, c.places)
		if got.Rect.Size() != c.size {
			t.Errorf("%v: %v, want %v", c.places, got.Rect.Size(), c.size)
		}
		var all image.Rectangle
		for _, p := range c.places {
			all = all.Union(p)
		}
		for i, p := range c.places {
			mid := p.Min.Add(p.Max).Div(2).Sub(all.Min)
			at := got.RGBAAt(mid.X*c.size.X/all.Dx(), mid.Y*c.size.Y/all.Dy())
			if want := []color.RGBA{red, blue}[i]; at != want {
				t.Errorf("%v: display %d is %v in the middle, want %v", c.places, i, at, want)
			}
		}
	}
}

func TestDistinct(t *testing.T) {
	main, right := image.Rect(0, 0, 1920, 1080), image.Rect(1920, 0, 3200, 720)
	part := image.Rect(0, 0, 1024, 768) // a projector that mirrors a corner
	for _, c := range []struct{ in, want []image.Rectangle }{
		{nil, nil},
		{[]image.Rectangle{main, right}, []image.Rectangle{main, right}},
		{[]image.Rectangle{main, main}, []image.Rectangle{main}},
		{[]image.Rectangle{part, right, main}, []image.Rectangle{right, main}},
		{[]image.Rectangle{main, {}}, []image.Rectangle{main}},
	} {
		if got := distinct(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"1080p", 1920, 1080}, {"4K", 3840, 2160}} {
		img := painted(size.w, size.h)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s by %d", size.name, workers), func(b *testing.B) {
				n := 0
				for b.Loop() {
					data, err := encode(img, workers)
					if err != nil {
						b.Fatal(err)
					}
					n = len(data)
				}
				b.ReportMetric(float64(n)/1000, "kB")
			})
		}
		b.Run(size.name+" image/png", func(b *testing.B) {
			e := png.Encoder{CompressionLevel: png.BestSpeed}
			n := 0
			for b.Loop() {
				var out bytes.Buffer
				if err := e.Encode(&out, img); err != nil {
					b.Fatal(err)
				}
				n = out.Len()
			}
			b.ReportMetric(float64(n)/1000, "kB")
		})
		b.Run(size.name+" halve", func(b *testing.B) {
			for b.Loop() {
				halve(img)
			}
		})
	}
}
