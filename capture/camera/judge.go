package camera

import (
	"hash/maphash"
	"math"
	"time"
)

// When a picture counts as black or frozen. Measured with virtual cameras and
// set so that a dark room with a sensor's noise is neither.
const (
	settle      = 800 * time.Millisecond  // cameras adapt to the light for that long
	longest     = 2500 * time.Millisecond // after the first frame: long enough for ten frames at 5 a second
	blackMean   = 24                      // of 255; limited-range black is 16
	blackSD     = 4
	darkSamples = 3 // looks at the light, all dark, that make a black picture
	lookEvery   = 100 * time.Millisecond
	frozenRun   = 10 // identical frames …
	frozenFor   = 500 * time.Millisecond
)

// frame is one picture as it came, still in the camera's own format.
type frame struct {
	data   []byte
	at     time.Time
	broken bool // the driver says that it is damaged
}

// light is how bright a picture is and how much its brightness varies, 0–255.
type light struct{ mean, sd float64 }

func (l light) dark() bool { return l.mean < blackMean && l.sd < blackSD }

// judge looks at frames as they come until it can tell a living picture from a
// black or a frozen one.
type judge struct {
	format  format
	frames  int // whole ones
	broken  int
	damaged int       // broken ones since the last whole one
	first   time.Time // whole frame
	last    time.Time
	settled []light // after the camera has adapted, every lookEvery
	err     error   // the latest frame that could not be decoded
	unread  int     // frames that could not be decoded

	seed   maphash.Seed
	sum    uint64
	same   int       // length of the run of identical frames that the latest ends
	since  time.Time // when that run began
	looked time.Time
}

func newJudge(f format) *judge { return &judge{format: f, seed: maphash.MakeSeed()} }

func (j *judge) add(f frame) {
	if f.broken || len(f.data) == 0 {
		j.broken++
		j.damaged++
		return
	}
	j.damaged = 0
	if j.frames == 0 {
		j.first = f.at
	}
	j.frames++
	j.last = f.at
	if sum := maphash.Bytes(j.seed, f.data); j.same > 0 && sum == j.sum {
		j.same++
	} else {
		j.sum, j.same, j.since = sum, 1, f.at
	}
	if f.at.Sub(j.first) < settle || f.at.Sub(j.looked) < lookEvery {
		return
	}
	j.looked = f.at
	l, err := j.format.light(f.data)
	if err != nil {
		j.err = err
		j.unread++
		return
	}
	j.settled = append(j.settled, l)
}

// done says whether more frames would change the verdict.
func (j *judge) done() bool {
	switch age := j.last.Sub(j.first); {
	case j.frames == 0 || age < settle:
		return false
	case age >= longest:
		return true
	case len(j.settled) == 0:
		return j.garbled()
	case j.black():
		return true
	case j.settled[len(j.settled)-1].dark():
		return false // on its way to black, or to light
	}
	return j.same == 1 || j.frozen()
}

// judged says whether there was enough to see: the camera had adapted.
func (j *judge) judged() bool { return j.frames > 0 && len(j.settled) > 0 }

// black: every look since the camera adapted was dark.
func (j *judge) black() bool {
	for _, l := range j.settled {
		if !l.dark() {
			return false
		}
	}
	return len(j.settled) >= darkSamples
}

// frozen: the same picture again and again, to the last bit. A living sensor
// has noise even before a white wall.
func (j *judge) frozen() bool {
	return j.same >= frozenRun && j.last.Sub(j.since) >= frozenFor
}

// garbled: not one frame of a known format could be decoded.
func (j *judge) garbled() bool { return len(j.settled) == 0 && j.unread >= darkSamples }

// light is the average of the looks since the camera adapted.
func (j *judge) light() (mean, sd float64) {
	for _, l := range j.settled {
		mean += l.mean / float64(len(j.settled))
		sd += l.sd / float64(len(j.settled))
	}
	return mean, sd
}

// fps is the rate at which whole frames came, 0 when that was too short to tell.
func (j *judge) fps() float64 {
	if span := j.last.Sub(j.first); span >= settle/2 {
		return round1(float64(j.frames-1) / span.Seconds())
	}
	return 0
}

func round1(x float64) float64 { return math.Round(x*10) / 10 }
