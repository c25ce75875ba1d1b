package camera

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"
)

// Every layout says the same of the same picture: left half dark, right half
// bright.
func TestLightOfEveryFormat(t *testing.T) {
	const w, h, pad, dark, bright = 64, 48, 32, 40, 200
	for code, l := range layouts {
		stride := w*l.bytes + pad
		data := bytes.Repeat([]byte{255}, stride*h*2) // what must not be read is white
		for y := range h {
			for x := range w {
				v := byte(dark)
				if x >= w/2 {
					v = bright
				}
				p := y*stride + x*l.bytes
				data[p+l.at] = v
				if l.colours {
					data[p+1], data[p+2] = v, v
				}
			}
		}
		got, err := format{code: code, width: w, height: h, stride: stride}.light(data)
		if err != nil || math.Abs(got.mean-120) > 0.01 || math.Abs(got.sd-80) > 0.01 {
			t.Errorf("%s: %+v, %v, want a mean of 120 and a deviation of 80", code, got, err)
		}
	}
}

func jpegOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func halves() image.Image {
	img := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio422)
	for y := range 48 {
		for x := range 64 {
			img.Y[img.YOffset(x, y)] = 40
			if x >= 32 {
				img.Y[img.YOffset(x, y)] = 200
			}
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	return img
}

func TestLightOfMotionJPEG(t *testing.T) {
	whole := jpegOf(t, halves())
	at, ok := segment(whole, huffmanTable)
	if !ok {
		t.Fatal("the encoder wrote no tables")
	}
	// As most webcams send it: without tables, with bytes after the end.
	bare := append(append([]byte{}, whole[:at]...), whole[at+2+int(whole[at+2])<<8+int(whole[at+3]):]...)
	if _, err := jpeg.Decode(bytes.NewReader(bare)); err == nil {
		t.Fatal("decodes without tables: this test shows nothing")
	}
	bare = append(bare, make([]byte, 100)...)
	for name, data := range map[string][]byte{"with tables": whole, "without tables": bare} {
		got, err := format{code: "MJPG", width: 64, height: 48}.light(data)
		if err != nil || math.Abs(got.mean-120) > 2 || math.Abs(got.sd-80) > 2 {
			t.Errorf("%s: %+v, %v, want a mean of 120 and a deviation of 80", name, got, err)
		}
	}
	grey := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range grey.Pix {
		grey.Pix[i] = 77
	}
	if got, err := (format{code: "JPEG"}).light(jpegOf(t, grey)); err != nil || math.Abs(got.mean-77) > 1 {
		t.Errorf("grey: %+v, %v", got, err)
	}
	cmyk := image.NewCMYK(image.Rect(0, 0, 8, 8))
	cmyk.Set(0, 0, color.White)
	if b := brightness(cmyk, 0, 0); b != 255 {
		t.Errorf("another colour model: %d, want 255", b)
	}
}

// What a bad cable makes of a frame is an error, never a panic.
func TestLightOfRubbish(t *testing.T) {
	whole := jpegOf(t, halves())
	for cut := range whole {
		_, _ = format{code: "MJPG"}.light(whole[:cut])
	}
	for _, data := range [][]byte{nil, {0xff}, {0xff, 0xd8, 0xff, 0xc4}, {0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff}, {0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0}} {
		if _, err := (format{code: "MJPG"}).light(data); err == nil {
			t.Errorf("% x decodes", data)
		}
	}
	for _, f := range []format{yuyv, {code: "YUYV"}, {code: "YUYV", width: -4, height: 4}, {code: "NV12", width: 640, height: 480}} {
		if _, err := f.light(make([]byte, 100)); err == nil {
			t.Errorf("%+v: 100 bytes make a picture", f)
		}
	}
	if _, err := (format{code: "H264"}).light(make([]byte, 100)); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("H264: %v", err)
	}
}

func FuzzLightOfMotionJPEG(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, halves(), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = format{code: "MJPG"}.light(data) })
}
