package camera

import (
	"testing"
	"time"
)

// shot is a synthetic YUYV frame: brightness base, with a pattern of ±noise
// that depends on seed.
func shot(base, noise, seed int) []byte {
	const w, h = 64, 48
	data := make([]byte, w*h*2)
	x := uint32(seed)*2654435761 + 1
	for i := range data {
		if i%2 == 1 {
			data[i] = 128
			continue
		}
		x = x*1664525 + 1013904223
		v := base
		if noise > 0 {
			v += int(x>>16)%(2*noise+1) - noise
		}
		data[i] = byte(min(255, max(0, v)))
	}
	return data
}

var yuyv = format{code: "YUYV", width: 64, height: 48, stride: 128, fps: 30}

// films are what cameras have been seen to show; frame i comes i/fps after the
// first.
var films = []struct {
	name   string
	fps    int
	shot   func(i int, at time.Duration) []byte
	want   string
	within time.Duration // of pictures
}{
	{"a living picture", 30, func(i int, _ time.Duration) []byte { return shot(120, 60, i) }, "ok", 850 * time.Millisecond},
	{"a white wall", 30, func(i int, _ time.Duration) []byte { return shot(235, 1, i) }, "ok", 850 * time.Millisecond},
	{"a dark room, noisy", 10, func(i int, _ time.Duration) []byte { return shot(14, 12, i) }, "ok", 900 * time.Millisecond},
	{"a dim room", 15, func(i int, _ time.Duration) []byte { return shot(30, 2, i) }, "ok", 900 * time.Millisecond},
	{"a lens cap", 30, func(i int, _ time.Duration) []byte { return shot(16, 1, i) }, "black", 1100 * time.Millisecond},
	{"an electronic shutter", 30, func(int, time.Duration) []byte { return shot(0, 0, 0) }, "black", 1100 * time.Millisecond},
	{"a lens cap, slow camera", 5, func(i int, _ time.Duration) []byte { return shot(17, 1, i) }, "black", 1300 * time.Millisecond},
	{"dark until it has adapted", 30, func(i int, at time.Duration) []byte {
		if at < 700*time.Millisecond {
			return shot(2, 0, i)
		}
		return shot(90, 20, i)
	}, "ok", 850 * time.Millisecond},
	{"a little slower to adapt", 30, func(i int, at time.Duration) []byte {
		if at < 950*time.Millisecond {
			return shot(2, 0, i)
		}
		return shot(90, 20, i)
	}, "ok", 1200 * time.Millisecond},
	{"one picture for ever", 30, func(int, time.Duration) []byte { return shot(120, 60, 7) }, "frozen", 850 * time.Millisecond},
	{"one picture for ever, slow camera", 5, func(int, time.Duration) []byte { return shot(120, 60, 7) }, "frozen", 1900 * time.Millisecond},
	{"freezes after a start", 30, func(i int, _ time.Duration) []byte { return shot(120, 60, min(i, 15)) }, "frozen", 1100 * time.Millisecond},
	{"every picture twice", 30, func(i int, _ time.Duration) []byte { return shot(120, 60, i/2) }, "ok", 900 * time.Millisecond},
	{"one picture a second", 30, func(_ int, at time.Duration) []byte { return shot(120, 60, int(at/(600*time.Millisecond))) }, "frozen", 1400 * time.Millisecond},
	{"a slide show, fast camera", 60, func(_ int, at time.Duration) []byte {
		return shot(120, 60, int((at+100*time.Millisecond)/(400*time.Millisecond)))
	}, "ok", 1150 * time.Millisecond},
	{"too slow to call frozen", 2, func(int, time.Duration) []byte { return shot(120, 60, 7) }, "ok", longest},
}

func TestJudge(t *testing.T) {
	for _, f := range films {
		t.Run(f.name, func(t *testing.T) {
			j := newJudge(yuyv)
			start := time.Now()
			for i := 0; !j.done(); i++ {
				at := time.Duration(i) * time.Second / time.Duration(f.fps)
				if at > longest+time.Second {
					t.Fatal("never makes up its mind")
				}
				j.add(frame{data: f.shot(i, at), at: start.Add(at)})
			}
			got := "ok"
			switch {
			case j.black():
				got = "black"
			case j.frozen():
				got = "frozen"
			}
			mean, sd := j.light()
			if took := j.last.Sub(j.first); got != f.want || took > f.within {
				t.Errorf("%s after %v (mean %.1f, deviation %.1f, %d alike), want %s within %v", got, took, mean, sd, j.same, f.want, f.within)
			}
		})
	}
}

// Damaged frames neither count nor break a run.
func TestDamagedFrames(t *testing.T) {
	j := newJudge(yuyv)
	start := time.Now()
	j.add(frame{at: start, broken: true})
	j.add(frame{at: start}) // empty
	if j.frames != 0 || j.broken != 2 || j.done() {
		t.Errorf("%d whole, %d broken, done %v", j.frames, j.broken, j.done())
	}
	for i := range 40 {
		j.add(frame{data: shot(120, 60, 7), at: start.Add(time.Duration(i) * 33 * time.Millisecond)})
		j.add(frame{data: []byte{1}, at: start, broken: true})
	}
	if !j.frozen() {
		t.Error("damaged frames hid a frozen picture")
	}
}
