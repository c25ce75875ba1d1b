package mic

import (
	"context"
	"slices"
	"strings"
)

// mostEars is how many other microphones are listened to at once: a computer
// that has more is a studio.
const mostEars = 4

// ear is another microphone, and what it hears.
type ear struct {
	microphone
	heard voice
	close func()
}

// piece is what an ear has just heard.
type piece struct {
	ear *ear
	pcm []float32
}

// wanting says whether the chosen microphone hears so little that another may
// hear more. A device that was asked for by name is not doubted; and in class
// nothing more is switched on, not even a light.
func (x *examination) wanting() bool {
	if x.Device != "" || x.Live || x.Situation.InClass() {
		return false
	}
	h := &x.heard
	return h.deaf() || h.proven() && h.speech() < quietDBFS
}

// openOthers begins to listen to the other microphones. Those that do not open
// are of no use to the person either.
func (x *examination) openOthers(ctx context.Context, m microphone) {
	x.pieces = make(chan piece, 64)
	pieces := x.pieces
	for _, other := range x.view.all {
		if other.id == m.id || !other.lendsAnEar() || len(x.others) == mostEars {
			continue
		}
		ctx, stop := context.WithCancel(ctx)
		e := &ear{microphone: other, close: stop}
		x.others = append(x.others, e)
		go func() {
			s, err := x.on.open(ctx, e.microphone)
			if err != nil {
				return
			}
			defer s.close()
			for {
				select {
				case pcm := <-s.frames:
					select {
					case pieces <- piece{e, pcm}:
					case <-ctx.Done():
						return
					}
				case <-s.ended:
					return
				case <-ctx.Done():
					return
				}
			}
		}()
	}
}

func (x *examination) closeOthers() {
	for _, e := range x.others {
		e.close()
	}
}

// nearer is a microphone that hears the voice that the chosen one does not,
// nil if none does.
func (x *examination) nearer() *ear {
	h := &x.heard
	for _, e := range x.others {
		if !e.heard.proven() || e.heard.speech() < clearDBFS {
			continue
		}
		if h.deaf() || h.proven() && h.speech() < quietDBFS && e.heard.speech() > h.speech()+nearerDB {
			return e
		}
	}
	return nil
}

// lendsAnEar says whether m can be listened to besides without anybody
// noticing, and hears a room.
func (m microphone) lendsAnEar() bool {
	if !m.real() || m.unheard() != "" || m.exclusive || m.wireless || m.socketEmpty {
		return false
	}
	return !m.called(cables) && !m.called(radios)
}

// called says whether m's name holds one of these, in small letters.
func (m microphone) called(names []string) bool {
	name := strings.NewReplacer("-", " ", "_", " ").Replace(strings.ToLower(m.name))
	return slices.ContainsFunc(names, func(part string) bool { return strings.Contains(name, part) })
}

// radios are names of microphones that turn their headset's music into a
// telephone's when they are opened.
var radios = []string{"hands free", "handsfree", "免提", "bluetooth", "蓝牙", "airpods"}

// cables are names, in small letters, of inputs that carry what programs play
// and never a person in the room.
var cables = []string{"cable output", "vb audio", "voicemeeter", "blackhole", "soundflower", "loopback", "ndi ", "obs", "monitor of",
	"virtual desktop", "steam streaming", "zoomaudio", "teams audio", "line in", "线路输入", "wave link", "monitor"}
