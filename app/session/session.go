// Package session is the app without its face: verbs and results in →
// one goroutine owns the state → Snapshots out.
package session

import (
	"context"
	"sync"
	"time"

	"raisehand/app/policy"
	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// Window names one window; Ticket says which, where there may be several.
type Window struct {
	Name    string // "help", "ticket", "tickets", "welcome", "about", "equipment", "article"
	Ticket  string // of a ticket's window: its ID
	Article string // of an article's window: its name, or empty for the list of all
	Hidden  bool   // start it, but show it only when Reveal is called
}

// Desktop is what the session asks of the computer around it.
type Desktop interface {
	Open(Window)                                     // start it, or bring it forward
	Reveal(Window)                                   // a window started hidden may appear
	Close(Window)                                    //
	IsOpen(Window) bool                              //
	Notify(lang string, title, text snapshot.Notice) // words are the desktop's business
	Setting(check string) bool                       // there is a settings page for this check's device
	OpenSetting(check string) error                  //
	Quit()                                           // the person is done with Raisehand
}

// Config is what a session stands on.
type Config struct {
	Settings policy.Set
	Save     func(map[string]any) error // keeps the person's own settings
	Lang     string                     // the system's language, "en" or "zh", when no setting says otherwise
	Wording  func(lang string) string   // the version of the notice that a first start shows
	Guess    deskapi.Person             // who the system thinks sits here
	Computer string                     // its name
	Version  string                     // of the app
	Box      *uploader.Outbox
	Post     *uploader.Post
	Desk     *uploader.Desk
	Plan     capture.Plan
	Probe    func(check string, a capture.Ask, say func(capture.Line)) capture.Check // a check in a process of its own, for the equipment test; nil: there is none
	Screen   func(context.Context, func(capture.Line))                               // takes a screenshot in a process of its own; nil: there is none
	Logs     func(context.Context, capture.Situation, func(capture.Line))            // reads logs in a process of its own, not yet redacted; nil: there is none
	Desktop  Desktop
	NoTray   bool // there is no place for an icon
}

// Session runs the app. Make one with New, run it with Run; everything else
// may be called from any goroutine.
type Session struct {
	Config
	inbox chan func()
	ctx   context.Context

	// All below belongs to the goroutine of Run.
	seq       uint64
	lang      string
	me        deskapi.Person
	consent   deskapi.Consent
	asked     bool // the first start's page has been answered, with yes or with not now
	help      *help
	equipment *equipment
	entries   []uploader.Entry
	follows   map[string]context.CancelFunc
	fresh     map[string]bool              // tickets of which the desk has spoken since the start
	later     map[string][]capture.Picture // screenshots taken for an open ticket, not yet agreed to
	notice    *snapshot.Notice
	deskCode  string      // why the desk cannot be reached; empty: it answers
	timer     *time.Timer // the next moment at which a snapshot changes by itself
	formDue   *time.Timer

	mu     sync.Mutex // guards what faces read
	faces  map[*Face]struct{}
	last   snapshot.Snapshot
	lastAt time.Time
	frames map[string]snapshot.Frame // pictures that may be looked at now
	texts  map[string]snapshot.Text  // and texts
}

// New makes a session; nothing runs yet.
func New(c Config) *Session {
	s := &Session{
		Config:  c,
		inbox:   make(chan func(), 64),
		follows: map[string]context.CancelFunc{},
		fresh:   map[string]bool{},
		later:   map[string][]capture.Picture{},
		faces:   map[*Face]struct{}{},
		frames:  map[string]snapshot.Frame{},
		texts:   map[string]snapshot.Text{},
	}
	s.timer = time.NewTimer(time.Hour)
	s.timer.Stop()
	s.settle()
	return s
}

// Introduced says whether the first start has been done. Before Run only.
func (s *Session) Introduced() bool { return s.asked }

// settle takes what the settings say.
func (s *Session) settle() {
	set := s.Settings
	s.lang = s.Lang
	if l := set.Text("lang"); l != "" {
		s.lang = l
	}
	s.me = deskapi.Person{Role: set.Text("role"), Name: set.Text("name"), Room: set.Text("room")}
	if at, err := time.Parse(time.RFC3339, set.Text("consent_at")); err == nil {
		s.consent = deskapi.Consent{At: at, Wording: set.Text("consent_wording"), How: "first_start"}
	}
	s.asked = !s.consent.At.IsZero() || set.Text("notice_seen") != ""
}

// Run owns the state until ctx ends. Following and sending go on beside it.
func (s *Session) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	s.ctx = ctx
	var beside sync.WaitGroup
	s.Post.Changed = func(id string) { s.post(s.reload) }
	s.Post.Way = func(code string) { s.post(func() { s.way(code) }) }
	beside.Go(func() { s.Post.Run(ctx) })
	defer beside.Wait()
	defer cancel()
	s.restoreForm()
	s.reload()
	s.enrol()
	for {
		select {
		case f := <-s.inbox:
			f()
		case <-s.timer.C:
			s.publish()
		case <-ctx.Done():
			s.saveForm()
			return
		}
	}
}

// enrol makes this computer known to the desk, which then says who answers.
// Not before the person has agreed: until then nothing goes out by itself.
func (s *Session) enrol() {
	if s.consent.At.IsZero() || s.Settings.Text("desk_url") == "" {
		return
	}
	go func() {
		s.Desk.Enrol(s.ctx) // a ticket tries again, and says why it cannot
		s.post(s.publish)
	}()
}

// post hands f to the goroutine that owns the state.
func (s *Session) post(f func()) {
	select {
	case s.inbox <- f:
	case <-s.done():
	}
}

func (s *Session) done() <-chan struct{} {
	if s.ctx == nil {
		return nil
	}
	return s.ctx.Done()
}

// reload reads the outbox again: something was sent, answered or refused.
func (s *Session) reload() {
	s.entries = s.Box.Entries()
	for _, e := range s.entries {
		s.follow(e)
	}
	s.publish()
}

// follow keeps listening to every open ticket that the desk knows.
func (s *Session) follow(e uploader.Entry) {
	id := e.Ticket.ID
	stop, on := s.follows[id]
	open := e.Status != nil && e.Status.State.Open()
	switch {
	case on && !open:
		stop()
		delete(s.follows, id)
	case !on && open:
		ctx, cancel := context.WithCancel(s.ctx)
		s.follows[id] = cancel
		from := *e.Status
		f := uploader.Follower{
			Client: s.Desk.Client,
			On:     func(st deskapi.Status) { s.post(func() { s.heard(id, st) }) },
			Way:    func(code string) { s.post(func() { s.way(code) }) },
		}
		go f.Run(ctx, id, from)
	}
}

// way: how the desk answers has changed.
func (s *Session) way(code string) {
	s.deskCode = code
	s.publish()
}

// heard takes in what the desk said about a ticket.
func (s *Session) heard(id string, now deskapi.Status) {
	var before deskapi.Status
	for _, e := range s.entries {
		if e.Ticket.ID == id && e.Status != nil {
			before = *e.Status
		}
	}
	if now.Seq < before.Seq {
		return
	}
	s.Box.SaveStatus(id, now)
	s.fresh[id] = true
	s.tell(before, now)
	s.reload()
	if w := (Window{Name: "ticket", Ticket: id}); s.Desktop.IsOpen(w) {
		s.seen(id)
	}
}

// tell raises a notification when somebody has acted and no window shows it.
func (s *Session) tell(before, now deskapi.Status) {
	if s.Desktop.IsOpen(Window{Name: "ticket", Ticket: now.ID}) {
		return
	}
	say := func(title, text snapshot.Notice) { s.Desktop.Notify(s.lang, title, text) }
	switch {
	case len(now.Messages) > len(before.Messages) && now.Messages[len(now.Messages)-1].From == "technician":
		m := now.Messages[len(now.Messages)-1]
		say(notice("notify.message", "name", m.Name, "number", now.Number), notice("notify.text", "text", m.Text))
	case now.State != before.State && before.State != "" && now.State != deskapi.Received:
		say(notice("notify.state", "number", now.Number, "state", capture.Name("state."+string(now.State))), notice("notify.text", "text", now.Agent))
	}
}

// notice names a sentence, parameters given as name, value, name, value.
func notice(code string, kv ...any) snapshot.Notice {
	n := snapshot.Notice{Code: code, Params: map[string]any{}}
	for i := 0; i+1 < len(kv); i += 2 {
		n.Params[kv[i].(string)] = kv[i+1]
	}
	return n
}

// Do carries out one verb, in the order in which they were asked.
func (s *Session) Do(v snapshot.Verb) {
	s.post(func() {
		s.do(v)
		s.publish()
	})
}

func (s *Session) do(v snapshot.Verb) {
	switch v.Do {
	case snapshot.GetHelp:
		s.getHelp()
	case snapshot.Tap:
		s.tap()
	case snapshot.HelpNow:
		s.helpNow(v)
	case snapshot.Touch, snapshot.SetWords, snapshot.SetPriority, snapshot.TickPicture, snapshot.TickLogs, snapshot.Retry, snapshot.Send, snapshot.DontSend:
		s.form(v)
	case snapshot.OpenSetting:
		s.touch()
		if err := s.Desktop.OpenSetting(v.Text); err != nil {
			s.notice = &snapshot.Notice{Code: "settings.page_missing"}
		}
	case snapshot.Introduce:
		s.introduce(v)
	case snapshot.SetLang:
		s.setLang(v.Text)
	case snapshot.OpenWelcome, snapshot.OpenTickets, snapshot.OpenAbout:
		s.Desktop.Open(Window{Name: v.Do[len("open_"):]})
	case snapshot.OpenArticle:
		s.touch()
		s.Desktop.Open(Window{Name: "article", Article: v.Text})
	case snapshot.OpenEquipment:
		s.openEquipment()
	case snapshot.CloseEquipment:
		s.closeEquipment()
	case snapshot.PickDevice, snapshot.TestAgain, snapshot.RecordVoice, snapshot.PlaySound, snapshot.HeardSound:
		s.equip(v)
	case snapshot.OpenTicket:
		s.openTicket(v.Ticket)
	case snapshot.Show:
		s.show()
	case snapshot.Draft, snapshot.Say, snapshot.Solve, snapshot.Withdraw, snapshot.Seen, snapshot.TakePicture, snapshot.SendPicture:
		s.ticket(v)
	case snapshot.NoticeClosed:
		if v.Text == "no_tray" {
			s.NoTray = false // read: it need not be said again
		} else {
			s.notice = nil
		}
	case snapshot.Quit:
		s.saveForm()
		s.Desktop.Quit()
	}
}

// show brings forward what matters now: a second start, or no place for an
// icon. The list of requests is also the way to a new one.
func (s *Session) show() {
	switch {
	case !s.asked:
		s.Desktop.Open(Window{Name: "welcome"})
	case s.help != nil:
		s.Desktop.Open(Window{Name: "help"})
	case s.equipment != nil:
		s.Desktop.Open(Window{Name: "equipment"})
	default:
		s.Desktop.Open(Window{Name: "tickets"})
	}
}

// tap: somebody who has asked for help and clicks again wants to see how it
// stands, not to ask twice.
func (s *Session) tap() {
	active := s.snapshot().Active()
	if s.help != nil || active == nil {
		s.getHelp()
		return
	}
	s.openTicket(active.Status.ID)
}

// introduce records who sits here, and whether they agree to the notice.
func (s *Session) introduce(v snapshot.Verb) {
	change := map[string]any{}
	if p := v.Person; p != nil {
		s.me = s.merge(*p)
		for key, text := range map[string]string{"role": s.me.Role, "name": s.me.Name, "room": s.me.Room} {
			if !s.Settings.Fixed(key) {
				change[key] = text
			}
		}
	}
	if v.On {
		s.consent = s.consentNow("first_start")
		change["consent_at"], change["consent_wording"] = s.consent.At.Format(time.RFC3339), s.consent.Wording
	}
	s.asked = true
	change["notice_seen"] = time.Now().UTC().Format(time.RFC3339)
	if err := s.Save(change); err != nil {
		s.notice = &snapshot.Notice{Code: "settings.not_saved"}
	}
	if s.NoTray { // or nothing of Raisehand would be left to see
		s.Desktop.Open(Window{Name: "tickets"})
	}
	if v.On {
		s.enrol()
		s.Desktop.Close(Window{Name: "welcome"})
	}
}

// merge keeps what the school has fixed.
func (s *Session) merge(p deskapi.Person) deskapi.Person {
	for key, field := range map[string]*string{"role": &p.Role, "name": &p.Name, "room": &p.Room} {
		if s.Settings.Fixed(key) {
			*field = s.Settings.Text(key)
		}
		*field = clip(oneLine(*field), maxName)
	}
	return p
}

// wording names the notice that this person saw: its version and language.
func (s *Session) wording() string {
	return s.Wording(s.lang)
}

func (s *Session) setLang(lang string) {
	if s.Settings.Fixed("lang") || !policy.Valid("lang", lang) {
		return
	}
	s.lang = lang
	if err := s.Save(map[string]any{"lang": lang}); err != nil {
		s.notice = &snapshot.Notice{Code: "settings.not_saved"}
	}
}
