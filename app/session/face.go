package session

import (
	"context"
	"maps"
	"sync"
	"time"

	"raisehand/app/snapshot"
)

// Face is one listener. A slow one loses nothing that counts: of Snapshots,
// levels and pictures the newest waits for it.
type Face struct {
	s    *Session
	wake chan struct{}

	mu     sync.Mutex
	snap   *snapshot.Snapshot
	level  *snapshot.Level
	frames map[string]snapshot.Frame
	texts  map[string]snapshot.Text
	queue  []snapshot.Message // everything else, in order
}

// Listen starts a face; its first message is the Snapshot as it stands.
func (s *Session) Listen() *Face {
	f := &Face{s: s, wake: make(chan struct{}, 1), frames: map[string]snapshot.Frame{}, texts: map[string]snapshot.Text{}}
	s.mu.Lock()
	s.faces[f] = struct{}{}
	last, frames, texts := s.last.Later(time.Since(s.lastAt)), maps.Clone(s.frames), maps.Clone(s.texts)
	s.mu.Unlock()
	if last.Seq > 0 {
		f.put(snapshot.Message{Snapshot: &last})
	}
	for _, frame := range frames {
		f.put(snapshot.Message{Frame: &frame})
	}
	for _, text := range texts {
		f.put(snapshot.Message{Text: &text})
	}
	return f
}

// Close ends it.
func (f *Face) Close() {
	f.s.mu.Lock()
	delete(f.s.faces, f)
	f.s.mu.Unlock()
}

// Put queues a message that is for this face alone.
func (f *Face) Put(m snapshot.Message) { f.put(m) }

func (f *Face) put(m snapshot.Message) {
	f.mu.Lock()
	switch {
	case m.Snapshot != nil:
		if f.snap == nil || f.snap.Seq <= m.Snapshot.Seq {
			f.snap = m.Snapshot
		}
	case m.Level != nil:
		f.level = m.Level
	case m.Frame != nil:
		f.frames[m.Frame.Of+m.Frame.Ticket] = *m.Frame
	case m.Text != nil:
		f.texts[m.Text.Name] = *m.Text
	default:
		f.queue = append(f.queue, m)
	}
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Next waits for the next message; ok is false when ctx has ended.
func (f *Face) Next(ctx context.Context) (m snapshot.Message, ok bool) {
	for {
		if m, ok := f.take(); ok {
			return m, true
		}
		select {
		case <-f.wake:
		case <-ctx.Done():
			return m, false
		}
	}
}

func (f *Face) take() (m snapshot.Message, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case len(f.queue) > 0:
		m, f.queue = f.queue[0], f.queue[1:]
	case len(f.texts) > 0: // before the snapshot that names it
		for k, text := range f.texts {
			delete(f.texts, k)
			m.Text = &text
			break
		}
	case f.snap != nil:
		m.Snapshot, f.snap = f.snap, nil
	case f.level != nil:
		m.Level, f.level = f.level, nil
	default:
		for k, frame := range f.frames {
			delete(f.frames, k)
			m.Frame = &frame
			return m, true
		}
		return m, false
	}
	return m, true
}

func (s *Session) level(db float64) {
	s.each(snapshot.Message{Level: &snapshot.Level{DBFS: db}})
}

// frame shows a picture to every face, and to those that come later.
func (s *Session) frame(f snapshot.Frame) {
	s.mu.Lock()
	s.frames[f.Of+f.Ticket] = f
	s.mu.Unlock()
	s.each(snapshot.Message{Frame: &f})
}

// noFrame forgets a picture.
func (s *Session) noFrame(of, ticket string) {
	s.mu.Lock()
	delete(s.frames, of+ticket)
	s.mu.Unlock()
}

func (s *Session) each(m snapshot.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.faces {
		f.put(m)
	}
}

// text shows a text to every face, and to those that come later.
func (s *Session) text(t snapshot.Text) {
	s.mu.Lock()
	s.texts[t.Name] = t
	s.mu.Unlock()
	s.each(snapshot.Message{Text: &t})
}

// noTexts forgets them.
func (s *Session) noTexts() {
	s.mu.Lock()
	clear(s.texts)
	s.mu.Unlock()
}
