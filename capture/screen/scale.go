package screen

import (
	"image"

	"golang.org/x/image/draw"
)

// The thumbnail's bounds: what one frame to a window may measure.
const thumbWidth, thumbHeight = 320, 180

// halvePixels is the size from which a picture is halved, if at all: text on a
// smaller screen would no longer be readable.
const halvePixels = 2560 * 1440

// halve returns the picture at half its width and height, each pixel the mean
// of four. An odd last row or column is dropped.
func halve(src *image.RGBA) *image.RGBA {
	w, h := src.Rect.Dx()/2, src.Rect.Dy()/2
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		at := src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y+2*y)
		top := src.Pix[at : at+8*w]
		low := src.Pix[at+src.Stride : at+src.Stride+8*w]
		out := dst.Pix[y*dst.Stride : y*dst.Stride+4*w]
		for i, j := 0, 0; j+3 < len(out); i, j = i+8, j+4 {
			a, b := top[i:i+8:i+8], low[i:i+8:i+8]
			out[j] = byte((int(a[0]) + int(a[4]) + int(b[0]) + int(b[4]) + 2) / 4)
			out[j+1] = byte((int(a[1]) + int(a[5]) + int(b[1]) + int(b[5]) + 2) / 4)
			out[j+2] = byte((int(a[2]) + int(a[6]) + int(b[2]) + int(b[6]) + 2) / 4)
			out[j+3] = 0xff
		}
	}
	return dst
}

// thumbnail shows all displays as they stand beside each other, at most
// thumbWidth × thumbHeight. places are the displays' own bounds.
func thumbnail(pictures []*image.RGBA, places []image.Rectangle) *image.RGBA {
	var all image.Rectangle
	for _, p := range places {
		all = all.Union(p)
	}
	w, h := thumbWidth, thumbHeight
	if all.Dx()*h > all.Dy()*w {
		h = max(1, all.Dy()*w/all.Dx())
	} else {
		w = max(1, all.Dx()*h/all.Dy())
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 3; i < len(dst.Pix); i += 4 {
		dst.Pix[i] = 0xff
	}
	for i, src := range pictures {
		p := places[i].Sub(all.Min)
		to := image.Rect(p.Min.X*w/all.Dx(), p.Min.Y*h/all.Dy(), p.Max.X*w/all.Dx(), p.Max.Y*h/all.Dy())
		for to.Dx() > 0 && to.Dy() > 0 && src.Rect.Dx() >= 2*to.Dx() && src.Rect.Dy() >= 2*to.Dy() {
			src = halve(src) // so that no line of text falls between the samples
		}
		draw.ApproxBiLinear.Scale(dst, to, src, src.Rect, draw.Src, nil)
	}
	return dst
}
