package session

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// Order is how people read the lines of an examination: what the class hears
// and sees first.
var Order = []string{"mic", "speaker", "camera", "network", "system", "apps"}

// rows are the lines of the form: the checks of the examination that have one,
// there from the first frame.
func (s *Session) rows() (names []string) {
	for _, name := range Order {
		if slices.Contains(s.Plan.Rest, name) || slices.Contains(s.Plan.Early, name) {
			names = append(names, name)
		}
	}
	return names
}

// stale is how old an examination may be when its form is opened again; what
// was typed stays, the computer is looked at anew.
const stale = 5 * time.Minute

// pictureAge is how long a screenshot that was not sent is kept in memory.
const pictureAge = 30 * time.Minute

// help is a request that has not been sent: the form and what stands behind
// it.
type help struct {
	snapshot.Help
	report    report.Report
	situation capture.Situation
	pictures  []capture.Picture
	logs      *gathered       // nil: not ticked
	person    *deskapi.Person // for this request only
	consent   deskapi.Consent
	opened    time.Time
	holdEnds  time.Time // on the monotonic clock; zero: nothing is sent by itself
	terminal  bool      // no window belongs to it
	atOnce    bool      // send when the last verdict is in: --yes was said
	stop      context.CancelFunc
	forget    *time.Timer // until the pictures are dropped by themselves
	sent      bool
	seq       int // grows with every examination: late lines of an earlier one are not ours
}

// getHelp opens a request, or brings the open one forward.
func (s *Session) getHelp() {
	w := Window{Name: "help"}
	if s.help != nil {
		if h := s.help; h.Done && time.Since(h.opened) > stale {
			s.examine(h)
		}
		s.Desktop.Open(w)
		return
	}
	w.Hidden = s.Screen != nil
	h := s.newHelp()
	s.help = h
	s.takeScreen(h)
	s.Desktop.Open(w)
	s.examine(h)
}

func (s *Session) newHelp() *help {
	h := &help{Help: snapshot.Help{ID: newID(), Phase: snapshot.Examining}, consent: s.consent}
	if h.consent.At.IsZero() {
		h.Phase = snapshot.Form // without consent nothing is sent by itself
	}
	return h
}

// helpNow is the whole job without a form: somebody asked in a terminal, which
// recorded consent and shows what happens.
func (s *Session) helpNow(v snapshot.Verb) {
	if s.help != nil {
		s.notice = &snapshot.Notice{Code: "help.already_open"}
		return
	}
	h := s.newHelp()
	if _, err := uuid.Parse(v.Ticket); err == nil {
		h.ID = v.Ticket
	}
	h.Words, h.Chosen, h.WithPicture = v.Text, v.Priority, v.On
	h.terminal, h.atOnce = true, !v.Ask
	if v.Ask {
		h.Phase = snapshot.Form
	} else {
		h.Phase = snapshot.Examining
	}
	h.consent = deskapi.Consent{}
	if !v.Ask {
		h.consent = s.consentNow("terminal")
	}
	if v.Person != nil {
		p := *v.Person
		for mine, now := range map[*string]string{&p.Role: s.me.Role, &p.Name: s.me.Name, &p.Room: s.me.Room} {
			if *mine == "" {
				*mine = now
			}
		}
		p = s.merge(p)
		h.person = &p
	}
	s.help = h
	if v.On {
		s.takeScreen(h)
	}
	s.examine(h)
	s.tickLogs(h, v.Logs)
}

// takeScreen reads the screen before our window covers it.
func (s *Session) takeScreen(h *help) {
	if s.Screen == nil {
		return
	}
	go s.Screen(s.ctx, func(l capture.Line) {
		s.post(func() { s.screenSaid(h, l) })
	})
}

func (s *Session) screenSaid(h *help, l capture.Line) {
	if s.help != h {
		return // sent or taken back meanwhile
	}
	switch {
	case l.Captured, l.Result != nil:
		s.Desktop.Reveal(Window{Name: "help"})
	case l.Picture != nil && l.Picture.Name == "thumb.png":
		s.frame(snapshot.Frame{Of: "screen", Image: l.Picture.Data})
	case l.Picture != nil:
		h.pictures = append(h.pictures, *l.Picture)
		h.Picture = picture(h.pictures)
		if len(h.pictures) == 1 {
			h.forget = time.AfterFunc(pictureAge, func() { s.post(func() { s.dropPictures(h) }) })
		}
	}
	if l.Facts != nil {
		h.addFacts(l.Facts)
	}
	if l.Result != nil {
		h.add(*l.Result)
		s.maybeSend(h)
	}
	s.publish()
}

// over ends a request's hold on its pictures, which are by far the largest
// thing in the program: what was not ticked must not stay in memory either.
func (h *help) over() {
	if h.forget != nil {
		h.forget.Stop()
	}
	h.pictures, h.Picture = nil, nil
	go debug.FreeOSMemory() // or the system would see it minutes later
}

// dropPictures forgets a screenshot that nobody sent.
func (s *Session) dropPictures(h *help) {
	h.over()
	h.WithPicture = false
	s.noFrame("screen", "")
	s.publish()
}

func picture(pics []capture.Picture) *snapshot.Picture {
	p := &snapshot.Picture{Displays: len(pics)}
	for _, x := range pics {
		p.Width += x.Width
		p.Height = max(p.Height, x.Height)
		p.Bytes += len(x.Data)
	}
	return p
}

// examine runs every check, each in its own process, all at once.
func (s *Session) examine(h *help) {
	if h.stop != nil {
		h.stop()
	}
	s.closeEquipment() // its probes hold the devices
	ctx, cancel := context.WithCancel(s.ctx)
	h.stop, h.opened, h.Done = cancel, time.Now(), false
	h.seq++
	seq := h.seq
	h.report = report.Report{Schema: report.Schema, TakenAt: time.Now().UTC(), Facts: map[string]any{}, Results: []report.Result{}, Findings: []report.Finding{}}
	h.situation = capture.Situation{ClassAssumed: true}
	h.Rows = nil
	for _, name := range s.rows() {
		h.Rows = append(h.Rows, snapshot.Row{Check: name, Running: true, Setting: s.Desktop.Setting(name)})
	}
	s.diagnose(h)
	go func() {
		defer cancel()
		final, situation := s.Plan.Run(ctx, func(check string, l capture.Line) {
			s.post(func() {
				if h.seq == seq {
					s.checkSaid(h, check, l)
				}
			})
		})
		s.post(func() {
			if h.seq == seq {
				s.examined(h, final, situation)
			}
		})
	}()
	s.publish()
}

func (s *Session) checkSaid(h *help, check string, l capture.Line) {
	switch {
	case l.LevelDB != nil:
		s.level(*l.LevelDB)
		return
	case l.Situation != nil:
		h.situation = *l.Situation
	case l.Facts != nil:
		h.addFacts(l.Facts)
	case l.Interim != nil:
		h.set(check, *l.Interim, true)
	case l.Result != nil:
		h.set(check, *l.Result, false)
		h.add(*l.Result)
	default:
		return
	}
	s.diagnose(h)
	s.publish()
}

// set fills a row.
func (h *help) set(check string, r report.Result, running bool) {
	for i := range h.Rows {
		if h.Rows[i].Check == check {
			h.Rows[i].Result, h.Rows[i].Running = &r, running
		}
	}
}

// add puts a result into the report, in place of an earlier one.
func (h *help) add(r report.Result) {
	results := append([]report.Result(nil), h.report.Results...)
	for i := range results {
		if results[i].Check == r.Check {
			results[i] = r
			h.report.Results = results
			return
		}
	}
	h.report.Results = append(results, r)
}

func (h *help) addFacts(facts map[string]any) {
	all := map[string]any{}
	for k, v := range h.report.Facts {
		all[k] = v
	}
	for k, v := range facts {
		all[k] = v
	}
	h.report.Facts = all
}

// diagnose names the cause with what is known so far.
func (s *Session) diagnose(h *help) {
	h.report = s.Plan.Diagnose(h.report, h.situation)
	h.Findings = h.report.Findings
	h.Proposed, h.Reason = h.report.Proposed, h.report.Reason
	if !h.Proposed.Valid() {
		h.Proposed = report.P1 // nothing found: somebody asked for help all the same
	}
}

// examined: every check has spoken.
func (s *Session) examined(h *help, final report.Report, situation capture.Situation) {
	if screen, ok := h.report.Find("screen"); ok {
		final.Results = append(final.Results, screen)
	}
	facts := h.report.Facts
	h.report, h.situation, h.Done = final, situation, true
	h.addFacts(facts)
	for i := range h.Rows {
		h.Rows[i].Running = false
	}
	s.diagnose(h)
	if h.sent { // the ticket went at the end of its hold; this is its evidence
		s.addReport(h.ID, h.whole())
	}
	s.maybeSend(h)
	s.publish()
}

// maybeSend sends a terminal's request once all is known.
func (s *Session) maybeSend(h *help) {
	if h.atOnce && h.Done && !h.sent && h.logsDone() && (!h.WithPicture || s.screenDone(h)) {
		s.send(h)
	}
}

func (s *Session) screenDone(h *help) bool {
	_, ok := h.report.Find("screen")
	return ok || s.Screen == nil
}

// Shown: a window stands on the screen. What it shows can be taken back, so
// from here the hold counts.
func (s *Session) Shown(w Window) {
	s.post(func() {
		switch h := s.help; {
		case w.Name == "equipment":
			s.equipmentShown()
		case w.Name == "ticket":
			s.seen(w.Ticket)
			if h == nil {
				s.Desktop.Close(Window{Name: "help"}) // the ticket's window has taken its place
			}
		case w.Name == "help" && h != nil && h.Phase == snapshot.Examining && h.Hold == nil && !h.atOnce:
			total := s.Settings.Duration("hold_seconds")
			h.Hold = &snapshot.Hold{Total: total}
			h.holdEnds = time.Now().Add(total)
			time.AfterFunc(total, func() { s.post(func() { s.holdOver(h) }) })
		}
		s.publish()
	})
}

// Closed: a window is gone. A form whose window is closed waits; it is not
// sent behind the person's back.
func (s *Session) Closed(w Window) {
	s.post(func() {
		switch w.Name {
		case "help":
			s.touch()
		case "equipment":
			s.closeEquipment()
		}
		s.publish()
	})
}

// Failed: a window could not open on this computer.
func (s *Session) Failed(w Window) {
	s.post(func() {
		if w.Name == "equipment" {
			s.closeEquipment()
		} else {
			s.touch()
		}
		s.notice = &snapshot.Notice{Code: "window.cannot_open"}
		s.publish()
	})
}

func (s *Session) holdOver(h *help) {
	if s.help == h && h.Hold != nil && h.Phase == snapshot.Examining {
		s.send(h)
		s.publish()
	}
}

// touch stops the hold: from now on only Send sends.
func (s *Session) touch() {
	if h := s.help; h != nil && h.Phase == snapshot.Examining && !h.atOnce {
		h.Phase, h.Hold, h.holdEnds = snapshot.Form, nil, time.Time{}
	}
}

// form carries out a verb of the open form.
func (s *Session) form(v snapshot.Verb) {
	h := s.help
	if h == nil || h.atOnce {
		return
	}
	if v.Do != snapshot.Send {
		s.touch()
	}
	switch v.Do {
	case snapshot.SetWords:
		h.Words = clip(v.Text, deskapi.MaxMessageRunes)
		s.saveSoon()
	case snapshot.SetPriority:
		if v.Priority.Valid() {
			h.Chosen = v.Priority
			s.saveSoon()
		}
	case snapshot.TickPicture:
		h.WithPicture = v.On && h.Picture != nil
	case snapshot.TickLogs:
		s.tickLogs(h, v.On)
	case snapshot.Retry:
		s.retry(h, v.Text)
	case snapshot.Send:
		s.agree(h)
		s.send(h)
	case snapshot.DontSend:
		s.drop(h)
	}
}

// agree: pressing Send under a form that shows what goes is consent for it.
func (s *Session) agree(h *help) {
	if h.consent.At.IsZero() {
		h.consent = s.consentNow("send_pressed")
	}
}

func (s *Session) consentNow(how string) deskapi.Consent {
	return deskapi.Consent{At: time.Now().UTC().Truncate(time.Second), Wording: s.wording(), How: how}
}

// retry runs one check again.
func (s *Session) retry(h *help, check string) {
	if !h.Done {
		return
	}
	s.closeEquipment()
	for i := range h.Rows {
		if h.Rows[i].Check == check {
			h.Rows[i].Running, h.Rows[i].Result = true, nil
		}
	}
	seq := h.seq
	p := s.Plan
	p.Early, p.Rest = nil, []string{check}
	go func() {
		_, _ = p.Run(s.ctx, func(name string, l capture.Line) {
			s.post(func() {
				if h.seq == seq && name == check {
					s.checkSaid(h, name, l)
				}
			})
		})
	}()
}

// drop takes the request back: nothing has left the computer.
func (s *Session) drop(h *help) {
	if h.stop != nil {
		h.stop()
	}
	h.seq++
	h.over()
	s.forgetLogs(h)
	s.help = nil
	s.noFrame("screen", "")
	s.Box.SaveForm(nil)
	s.Desktop.Close(Window{Name: "help"})
}

// send puts the request into the outbox: from here it cannot be lost.
func (s *Session) send(h *help) {
	if h.sent || h.consent.At.IsZero() {
		return
	}
	h.opened = time.Now() // what is sent carries the time of sending
	out := s.outgoing(h)
	parcel := uploader.Parcel{Report: out.Report}
	var long *uploader.File
	if parcel.Ticket, long = uploader.Fit(out.Ticket); long != nil {
		parcel.Files = append(parcel.Files, *long)
	}
	if h.WithPicture {
		for _, p := range h.pictures {
			parcel.Files = append(parcel.Files, uploader.File{Name: p.Name, Type: p.Type, Data: p.Data})
		}
	}
	if h.logs != nil {
		for _, p := range h.logs.files {
			parcel.Files = append(parcel.Files, logFile(p))
		}
	}
	if err := s.Box.Put(parcel); err != nil {
		h.Phase, h.Hold, h.Problem = snapshot.Refused, nil, keepProblem(err)
		h.atOnce = false
		return
	}
	h.sent = true
	h.over()
	if h.logsDone() {
		s.forgetLogs(h)
	}
	s.help = nil
	s.noFrame("screen", "")
	s.Box.SaveForm(nil)
	s.Post.Kick()
	s.reload()
	if !h.terminal {
		s.openTicket(h.ID)
	}
}

// keepProblem says why a request could not be kept on this computer.
func keepProblem(err error) *snapshot.Notice {
	switch {
	case errors.Is(err, uploader.ErrFull):
		return &snapshot.Notice{Code: "outbox.full"}
	case errors.Is(err, uploader.ErrTooLarge):
		return &snapshot.Notice{Code: "desk.too_large"}
	}
	return &snapshot.Notice{Code: "outbox.failed", Params: map[string]any{"reason": err.Error()}}
}

func (s *Session) addReport(id string, r report.Report) {
	if err := s.Box.AddReport(id, capture.Redact(r)); err == nil {
		s.Post.Kick()
		s.reload()
	}
}

// outgoing is exactly what would be sent now.
func (s *Session) outgoing(h *help) *snapshot.Outgoing {
	r := capture.Redact(h.whole())
	person := s.me
	if h.person != nil {
		person = *h.person
	}
	t := deskapi.Ticket{
		Schema: deskapi.Schema, ID: h.ID, CreatedAt: h.opened.UTC().Truncate(time.Millisecond),
		Person: person, Computer: s.Computer, Lang: s.lang,
		Priority: h.Priority(), Proposed: h.Proposed, Reason: h.Reason,
		Findings: codes(r.Findings), Words: h.Words, Consent: h.consent, App: s.Version,
	}
	out := &snapshot.Outgoing{Ticket: t, Report: &r, To: s.receiver()}
	if h.WithPicture {
		for _, p := range h.pictures {
			out.Files = append(out.Files, deskapi.FileInfo{Name: p.Name, Type: p.Type, Bytes: int64(len(p.Data))})
		}
	}
	if h.logs != nil {
		for _, p := range h.logs.files {
			out.Files = append(out.Files, deskapi.FileInfo{Name: p.Name, Type: p.Type, Bytes: int64(len(p.Data))})
		}
	}
	return out
}

// codes are the findings' names for the ticket; "none" is a finding too: the
// computer found nothing, the person did.
func codes(findings []report.Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, f.Code)
	}
	if len(out) == 0 {
		out = append(out, "none")
	}
	return out
}

// form on disk, so that typed words outlive a crash.
type formOnDisk struct {
	Words  string          `json:"words"`
	Chosen report.Priority `json:"chosen,omitempty"`
}

func (s *Session) saveSoon() {
	if s.formDue != nil {
		return
	}
	s.formDue = time.AfterFunc(300*time.Millisecond, func() { s.post(s.saveForm) })
}

func (s *Session) saveForm() {
	s.formDue = nil
	if h := s.help; h != nil && !h.atOnce && (h.Words != "" || h.Chosen != "") {
		raw, err := json.Marshal(formOnDisk{h.Words, h.Chosen})
		if err == nil {
			s.Box.SaveForm(raw)
		}
	}
}

// restoreForm brings back what was typed before a crash or a restart.
func (s *Session) restoreForm() {
	raw, err := s.Box.LoadForm()
	var f formOnDisk
	if err != nil || json.Unmarshal(raw, &f) != nil || f.Words == "" && f.Chosen == "" {
		return
	}
	h := s.newHelp()
	h.Phase = snapshot.Form
	h.Words, h.Chosen, h.Done = f.Words, f.Chosen, true // opened: zero, so the next click examines anew
	for _, name := range s.rows() {
		h.Rows = append(h.Rows, snapshot.Row{Check: name})
	}
	s.help = h
	s.diagnose(h)
}

// newID makes a ticket's ID: its time is in it, and it is its key everywhere.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// maxName bounds a name and a room, in characters.
const maxName = 80

// oneLine takes out what is not a name's business: line ends, terminal codes,
// and signs that turn the direction of the words around it.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
}

// clip keeps the first n characters.
func clip(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
