// Package screen takes the picture of what the teacher sees:
// displays → pixels → a thumbnail at once, then PNGs, in memory only.
package screen

import (
	"context"
	"fmt"
	"image"
	"runtime"
	"time"

	"github.com/kbinani/screenshot"

	"raisehand/capture"
	"raisehand/capture/report"
)

// maxDisplays bounds what one examination carries; a computer with more is a
// video wall.
const maxDisplays = 8

// Check reads the displays. The zero value works; Emit may be nil.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line)
	Pictures  bool // read the screen and emit Captured, "thumb.png", "screen-1.png", …; without it no pixel is read
	Halve     bool // pictures of more than halvePixels at half their width and height
}

// Name is the check's name in reports and words.
func (Check) Name() string { return "screen" }

// Run returns by ctx's deadline even when the display server hangs; the
// goroutine that waits for the server then stays behind until the process ends.
// A screen that cannot be read is Unknown, never a fault.
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	lines := make(chan capture.Line)
	done := make(chan report.Result, 1)
	say := func(l capture.Line) {
		select {
		case lines <- l:
		case <-ctx.Done():
		}
	}
	go func() { done <- c.look(ctx, say) }()
	for {
		select {
		case l := <-lines:
			if c.Emit != nil {
				c.Emit(l)
			}
		case r := <-done:
			r.TookMS = time.Since(start).Milliseconds()
			return r
		case <-ctx.Done():
			r := c.unknown("screen.failed", fmt.Errorf("the display did not answer: %w", ctx.Err()))
			r.TookMS = time.Since(start).Milliseconds()
			return r
		}
	}
}

func (c Check) unknown(code string, err error) report.Result {
	r := report.Result{Check: c.Name(), Verdict: report.Unknown, Code: code}
	if err != nil {
		r.Detail = map[string]any{"error": err.Error()}
	}
	return r
}

func (c Check) look(ctx context.Context, say func(capture.Line)) report.Result {
	if code, err := obstacle(); code != "" {
		return c.unknown(code, err)
	}
	places := displays()
	if len(places) == 0 {
		return c.unknown("screen.no_display", nil)
	}
	facts := []any{}
	for _, p := range places {
		facts = append(facts, map[string]any{"width": p.Dx(), "height": p.Dy()})
	}
	say(capture.Line{Facts: map[string]any{"displays": facts}})

	r := report.Result{Check: c.Name(), Verdict: report.OK, Code: "screen.ok",
		Params: map[string]any{"displays": len(places), "width": places[0].Dx(), "height": places[0].Dy()},
		Detail: map[string]any{"displays": facts}}
	if c.Pictures {
		if err := c.picture(ctx, places, r.Detail, say); err != nil {
			return c.unknown("screen.failed", err)
		}
	}
	return r
}

// displays lists the bounds of every display, the main one first. A display
// that only repeats another, whole or in part, is left out.
func displays() []image.Rectangle {
	var places []image.Rectangle
	for i := range min(screenshot.NumActiveDisplays(), maxDisplays) {
		places = append(places, screenshot.GetDisplayBounds(i))
	}
	return distinct(places)
}

func distinct(places []image.Rectangle) []image.Rectangle {
	var kept []image.Rectangle
	for i, p := range places {
		repeats := p.Empty()
		for j, q := range places {
			if j != i && p.In(q) && (p != q || j < i) {
				repeats = true
			}
		}
		if !repeats {
			kept = append(kept, p)
		}
	}
	return kept
}

// picture reads every display, says that windows may now cover it, and only
// then makes the files, the smallest first.
func (c Check) picture(ctx context.Context, places []image.Rectangle, detail map[string]any, say func(capture.Line)) error {
	start := time.Now()
	pictures := make([]*image.RGBA, len(places))
	for i, p := range places {
		img, err := screenshot.CaptureRect(p)
		if err != nil {
			return fmt.Errorf("read display %d: %w", i+1, err)
		}
		pictures[i] = img
	}
	say(capture.Line{Captured: true})
	detail["read_ms"] = time.Since(start).Milliseconds()

	if c.Halve {
		for i, img := range pictures {
			if img.Rect.Dx()*img.Rect.Dy() > halvePixels {
				pictures[i] = halve(img)
			}
		}
	}
	if err := send("thumb.png", thumbnail(pictures, places), say); err != nil {
		return err
	}
	for i, img := range pictures {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("encode display %d: %w", i+1, err)
		}
		if err := send(fmt.Sprintf("screen-%d.png", i+1), img, say); err != nil {
			return err
		}
	}
	detail["encode_ms"] = time.Since(start).Milliseconds() - detail["read_ms"].(int64)
	return nil
}

func send(name string, img *image.RGBA, say func(capture.Line)) error {
	data, err := encode(img, min(runtime.GOMAXPROCS(0), 4))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	say(capture.Line{Picture: &capture.Picture{
		Name: name, Type: "image/png", Bytes: len(data), Data: data,
		Width: img.Rect.Dx(), Height: img.Rect.Dy(),
	}})
	return nil
}
