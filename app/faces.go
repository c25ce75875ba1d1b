package app

import (
	"context"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"raisehand/app/desktop"
	"raisehand/app/session"
	"raisehand/app/snapshot"
	"raisehand/assets/words"
)

// windows are the session's windows, each a process of its own that nobody
// waits for. It is the Desktop of the tray's session.
type windows struct {
	ctx     context.Context
	session *session.Session
	quit    func()

	mu   sync.Mutex
	open map[session.Window]*window
}

// window is one window process.
type window struct {
	face  *session.Face
	stop  context.CancelFunc
	shown bool
	over  bool // told to close: it is on its way out and nobody's window any more
}

func key(w session.Window) session.Window { w.Hidden = false; return w }

// Open starts a window, or brings it forward. It never blocks: the session
// calls it.
func (ws *windows) Open(w session.Window) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if open := ws.open[key(w)]; open != nil {
		open.face.Put(snapshot.Message{Show: true})
		open.face.Put(snapshot.Message{Raise: true})
		return
	}
	ctx, stop := context.WithCancel(ws.ctx)
	open := &window{stop: stop, face: ws.session.Listen()}
	if ws.open == nil {
		ws.open = map[session.Window]*window{}
	}
	ws.open[key(w)] = open
	go ws.run(ctx, w, open)
}

// Reveal lets a window that was started hidden appear.
func (ws *windows) Reveal(w session.Window) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if open := ws.open[key(w)]; open != nil {
		open.face.Put(snapshot.Message{Show: true})
	}
}

// Close ends a window.
func (ws *windows) Close(w session.Window) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if open := ws.open[key(w)]; open != nil {
		open.over = true
		open.stop()
		delete(ws.open, key(w)) // the next Open starts another, without waiting for this one's end
	}
}

// IsOpen says whether the window stands on the screen.
func (ws *windows) IsOpen(w session.Window) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	open := ws.open[key(w)]
	return open != nil && open.shown
}

func (ws *windows) isOver(open *window) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return open.over
}

// Notify shows a notification where the desktop has them.
func (ws *windows) Notify(lang string, title, text snapshot.Notice) {
	b := words.In(lang)
	go desktop.Notify(b.Say(title.Code, title.Params), b.Say(text.Code, text.Params)) // without it the icon still says it
}

func (ws *windows) Setting(check string) bool      { return desktop.Setting(check) }
func (ws *windows) OpenSetting(check string) error { return desktop.OpenSetting(check) }
func (ws *windows) Quit()                          { ws.quit() }

// run is a window's whole life.
func (ws *windows) run(ctx context.Context, w session.Window, open *window) {
	err := ws.talk(ctx, w, open)
	open.stop()
	open.face.Close()
	ws.mu.Lock()
	if ws.open[key(w)] == open {
		delete(ws.open, key(w))
	}
	shown, over := open.shown, open.over
	ws.mu.Unlock()
	switch {
	case over: // the session's own wish: it must not be taken for the next one's end
	case err != nil && !shown:
		ws.session.Failed(w)
	default:
		ws.session.Closed(w)
	}
}

// closing is how long a window that has been told to close may take.
const closing = 2 * time.Second

// speaking gives an environment without a language one: Fyne takes the "C" of
// C.UTF-8 for a language and complains in the log at every start. LANGUAGE alone
// is set, so that the character set, by which one types, stays what it is.
func speaking(env []string) []string {
	locale := ""
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} { // the first that says something counts
		for _, v := range env {
			if rest, ok := strings.CutPrefix(v, name+"="); ok && locale == "" {
				locale = rest
			}
		}
	}
	if strings.HasPrefix(locale, "C.") || strings.HasPrefix(locale, "POSIX.") {
		return append(env, "LANGUAGE=en")
	}
	return env
}

// talk starts the process, gives it Snapshots and takes its verbs until it
// ends or ctx does.
func (ws *windows) talk(ctx context.Context, w session.Window, open *window) error {
	args := []string{w.Name}
	for _, arg := range []string{w.Ticket, w.Article} {
		if arg != "" {
			args = append(args, arg)
		}
	}
	if w.Hidden {
		args = append(args, "--hidden")
	}
	cmd := exec.Command(windowProgram(), args...)
	cmd.Env = speaking(withoutSecrets(os.Environ()))
	cmd.Stderr = log.Writer()
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go feed(ctx, in, open.face)
	read := make(chan struct{})
	go func() {
		defer close(read)
		snapshot.Read(out, func(m snapshot.Message) { ws.heard(w, open, m) })
	}()
	select {
	case <-read:
	case <-ctx.Done():
		in.Close() // it ends when its input ends
		select {
		case <-read:
		case <-time.After(closing):
			cmd.Process.Kill()
		}
	}
	return cmd.Wait()
}

func (ws *windows) heard(w session.Window, open *window, m snapshot.Message) {
	if w.Name == "help" && ws.isOver(open) {
		return // the last words of a request that is gone are not those of the next
	}
	if m.Shown {
		ws.mu.Lock()
		open.shown = true
		ws.mu.Unlock()
		ws.session.Shown(key(w))
	}
	if m.Verb != nil {
		ws.session.Do(*m.Verb)
	}
}

// feed writes the face's messages until either side ends.
func feed(ctx context.Context, to io.Writer, face *session.Face) {
	for {
		m, ok := face.Next(ctx)
		if !ok || snapshot.Write(to, m) != nil {
			return
		}
	}
}

// windowProgram is found beside this program.
func windowProgram() string {
	name := "raisehand-window"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if exe, err := os.Executable(); err == nil {
		return filepath.Join(filepath.Dir(exe), name)
	}
	return name
}

func withoutSecrets(env []string) (kept []string) {
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		if !has(secrets, name) {
			kept = append(kept, kv)
		}
	}
	return kept
}

// terminal is the Desktop of a session without windows.
type terminal struct{}

func (terminal) Open(session.Window)                             {}
func (terminal) Reveal(session.Window)                           {}
func (terminal) Close(session.Window)                            {}
func (terminal) IsOpen(session.Window) bool                      { return false }
func (terminal) Notify(lang string, title, text snapshot.Notice) {}
func (terminal) Setting(check string) bool                       { return false }
func (terminal) OpenSetting(check string) error                  { return nil }
func (terminal) Quit()                                           {}
