package main

import (
	"strings"
	"sync"

	"raisehand/app/snapshot"
)

// mailbox keeps what has come from the session until it is drawn. If drawing
// is slower than the session, the newest of each kind wins.
type mailbox struct {
	mu     sync.Mutex
	snap   *snapshot.Snapshot
	frames map[string]snapshot.Frame
	texts  []snapshot.Text
	level  *snapshot.Level
	raise  bool
	full   bool // somebody has been asked to empty it
	leave  func()
	hidden bool
}

// put keeps a message and says whether somebody must be asked to empty the box.
func (b *mailbox) put(m snapshot.Message) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m.Snapshot != nil {
		b.snap = m.Snapshot
	}
	if m.Frame != nil {
		b.frames[m.Frame.Of+m.Frame.Ticket] = *m.Frame
	}
	if m.Text != nil {
		b.texts = append(b.texts, *m.Text)
	}
	if m.Level != nil {
		b.level = m.Level
	}
	b.raise = b.raise || m.Raise
	if m.Show || m.Snapshot != nil && !b.hidden {
		b.leave()
	}
	ask := !b.full
	b.full = true
	return ask
}

func (b *mailbox) take() (*snapshot.Snapshot, []snapshot.Frame, *snapshot.Level, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var frames []snapshot.Frame
	for k, f := range b.frames {
		frames = append(frames, f)
		delete(b.frames, k)
	}
	s, l, r := b.snap, b.level, b.raise
	b.snap, b.level, b.raise, b.full = nil, nil, false, false
	return s, frames, l, r
}

// takeTexts returns the texts that have come.
func (b *mailbox) takeTexts() []snapshot.Text {
	b.mu.Lock()
	defer b.mu.Unlock()
	texts := b.texts
	b.texts = nil
	return texts
}

// firstWords takes what Fyne logs and lets out only the one line that says why
// a window could not be made: Fyne ends the process right after it.
type firstWords struct {
	mu     sync.Mutex
	reason string
	out    func(string)
}

func (w *firstWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := strings.TrimSpace(string(p))
	if _, r, ok := strings.Cut(text, "Fyne error:"); ok {
		w.reason = strings.TrimSpace(r)
	}
	if _, cause, ok := strings.Cut(text, "Cause:"); ok && w.reason == "window creation error" && w.out != nil {
		w.out("open window: " + strings.TrimSpace(cause))
	}
	return len(p), nil
}

func (w *firstWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reason
}
