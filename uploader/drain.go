package uploader

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"raisehand/uploader/deskapi"
)

// Post brings what the outbox keeps to the desk: tickets before anyone's
// evidence, the urgent before the others, until the desk says yes. Every step
// can be done twice without harm and is recorded after the desk's yes, so the
// process may end anywhere.
type Post struct {
	Outbox  *Outbox
	Desk    *Desk
	Changed func(id string)   // a ticket's Entry has changed; may be nil
	Way     func(code string) // the way to the desk: empty when it answers, otherwise a word code; may be nil
	Failed  func(err error)   // the error behind a code, for the log; may be nil

	mu      sync.Mutex
	code    string
	tried   int                  // failures in a row on the way there
	notYet  time.Time            // before this there is no use in trying
	resting map[string]rest      // single things that the desk could not take just now
	enrolls map[string]time.Time // when a token was last replaced
}

// errGone is a file that somebody has taken out of the outbox.
var errGone = errors.New("the kept file is gone")

type rest struct {
	until time.Time
	tries int
}

// Backoff: the first retry after about a second, for a Wi-Fi that blinked; at
// most every two minutes, for a desk that is away for the night.
const (
	firstWait = time.Second
	longWait  = 2 * time.Minute
)

// backoff is how long to wait after n failures, spread by half so that a
// school's computers do not all come back at once.
func backoff(n int) time.Duration {
	d := longWait
	if n < 8 {
		d = min(firstWait<<max(n-1, 0), longWait)
	}
	return d/2 + rand.N(d/2+1)
}

// Kick ends all waiting: the network is back, or the person asks.
func (p *Post) Kick() { p.Outbox.poke() }

// Run sends until ctx ends.
func (p *Post) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		j, wait := p.next()
		if j == nil {
			p.sleep(ctx, wait)
			continue
		}
		err := p.send(ctx, *j)
		if ctx.Err() == nil {
			p.settle(*j, err)
		}
	}
	return ctx.Err()
}

// sleep ends early when something new is there; then all waiting is over.
func (p *Post) sleep(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-p.Outbox.news:
		p.mu.Lock()
		p.notYet, p.resting = time.Time{}, nil
		p.mu.Unlock()
	}
}

// next picks what is to be sent now, or says how long there is nothing.
func (p *Post) next() (*job, time.Duration) {
	jobs := p.Outbox.jobs(p.Desk.client().Base)
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.notYet.Sub(now); wait > 0 {
		return nil, wait
	}
	wait := time.Hour // nothing waits: only something new wakes us
	for _, j := range jobs {
		if left := p.resting[j.key()].until.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		return &j, 0
	}
	return nil, wait
}

// settle draws the consequence of one attempt.
func (p *Post) settle(j job, err error) {
	if !errors.Is(err, deskapi.ErrYield) {
		p.failed(err)
	}
	var no deskapi.ErrRefused
	var busy deskapi.ErrBusy
	switch {
	case err == nil:
		p.way("")
		p.changed(j.id)
	case errors.Is(err, deskapi.ErrYield):
		p.way("")
	case errors.Is(err, ErrFull), errors.Is(err, ErrUnwritable):
		// The desk has it, this disk could not note so. It holds in memory,
		// and after a restart the desk says yes once more.
		p.Outbox.setCode(j.id, deskapi.Code(err))
		p.changed(j.id)
	case errors.As(err, &no):
		p.way("")
		if !final(j, no.Problem) {
			p.hold(j, 0, deskapi.Code(deskapi.ErrPath))
			return
		}
		p.refuse(j, no.Problem)
	case errors.Is(err, ErrTooLarge):
		p.way("")
		p.refuse(j, deskapi.Problem{Title: err.Error(), Status: 413, Code: "desk.too_large"})
	case errors.As(err, &busy):
		p.hold(j, max(busy.After, 0), deskapi.Code(err))
	case errors.Is(err, errGone):
		p.refuse(j, deskapi.Problem{Title: "the kept file is gone", Code: "outbox.gone"})
	default:
		p.mu.Lock()
		p.tried++
		p.notYet = time.Now().Add(backoff(p.tried))
		p.mu.Unlock()
		p.way(deskapi.Code(err))
	}
}

// final says whether a no to this very thing stays a no. A ticket's must lie
// in the ticket. Beneath a ticket that the desk has taken it may also be that
// the step does not fit any more; but a desk that does not find its own ticket
// has moved, or has been restored, and may find it again, until it is so old
// that the desk has cleared it away.
func final(j job, why deskapi.Problem) bool {
	if j.piece == nil || why.About() {
		return why.About()
	}
	return why.Status == http.StatusConflict || time.Since(j.at) > keptFor
}

// hold lets one thing wait while others go on, and says why.
func (p *Post) hold(j job, after time.Duration, code string) {
	p.rest(j, after)
	if p.Outbox.setCode(j.id, code) {
		p.changed(j.id)
	}
}

// rest is hold without a word.
func (p *Post) rest(j job, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.resting == nil {
		p.resting = map[string]rest{}
	}
	r := p.resting[j.key()]
	r.tries++
	r.until = time.Now().Add(max(after, backoff(r.tries)))
	p.resting[j.key()] = r
}

func (p *Post) refuse(j job, why deskapi.Problem) {
	p.failed(p.Outbox.refused(j, why))
	p.changed(j.id)
}

// way records how the way to the desk is; every waiting ticket says so.
func (p *Post) way(code string) {
	p.mu.Lock()
	news := p.code != code
	p.code = code
	if code == "" {
		p.tried = 0
	}
	p.mu.Unlock()
	for _, id := range p.Outbox.setCodes(code) {
		p.changed(id)
	}
	if news && p.Way != nil {
		p.Way(code)
	}
}

func (p *Post) failed(err error) {
	if err != nil && p.Failed != nil {
		p.Failed(err)
	}
}

func (p *Post) changed(id string) {
	if p.Changed != nil {
		p.Changed(id)
	}
}

// send makes one attempt at one thing, and once more with a new account if the
// desk does not know the old one.
func (p *Post) send(ctx context.Context, j job) error {
	if err := p.Desk.Enrol(ctx); err != nil {
		if _, ok := p.Desk.Enrolled(); !ok {
			return err
		}
		p.failed(err) // the account could not be kept, but it is good
	}
	token := p.Desk.token()
	err := p.hand(ctx, j)
	if errors.Is(err, deskapi.ErrToken) && p.mayReplace(token) {
		if again := p.Desk.enrolInstead(ctx, token); again != nil {
			return again
		}
		err = p.hand(ctx, j)
	}
	if err == nil {
		p.failed(p.Desk.used())
	}
	return err
}

// mayReplace allows one new account in two minutes: a desk that refuses every
// token must not be flooded with computers.
func (p *Post) mayReplace(string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.enrolls == nil {
		p.enrolls = map[string]time.Time{}
	}
	last, ok := p.enrolls[p.Desk.URL]
	if ok && time.Since(last) < longWait {
		return false
	}
	p.enrolls[p.Desk.URL] = time.Now()
	return true
}

// hand gives the desk one thing and records its yes.
func (p *Post) hand(ctx context.Context, j job) error {
	c := p.Desk.client()
	switch {
	case j.piece == nil:
		return p.handTicket(ctx, j)
	case j.piece.Kind == "message":
		if err := c.Message(ctx, j.id, *j.piece.Message); err != nil {
			return err
		}
	case j.piece.Kind == "state":
		if err := c.SetState(ctx, j.id, j.piece.State); err != nil {
			return err
		}
	case j.piece.Kind == "report":
		if err := c.PutReportJSON(ctx, j.id, j.piece.Version, j.piece.Report); err != nil {
			return err
		}
	case j.piece.Kind == "file":
		if err := p.handFile(ctx, j); err != nil {
			return err
		}
	}
	return p.Outbox.sent(j)
}

func (p *Post) handTicket(ctx context.Context, j job) error {
	before, ok, err := p.Outbox.claim(j.id)
	if err != nil {
		p.failed(err) // a disk that refuses does not keep a ticket from leaving
	}
	if !ok {
		return nil
	}
	st, err := p.Desk.client().PostTicketJSON(ctx, j.id, j.ticket)
	if err != nil {
		if !before && deskapi.NeverSent(err) {
			return errors.Join(err, p.Outbox.change(j.id, func(s *state) { s.Tried = false }))
		}
		return err
	}
	return p.Outbox.change(j.id, func(s *state) {
		s.say(st)
		s.Desk = p.Desk.client().Base
	})
}

func (p *Post) handFile(ctx context.Context, j job) error {
	f, err := os.Open(filepath.Join(p.Outbox.dir, j.id, j.piece.base()+".data"))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("send file: %w: %w", errGone, err)
	}
	if err != nil {
		return fmt.Errorf("send file: %w", err)
	}
	defer f.Close()
	more := func() bool { // a ticket or a message does not wait for 25 MiB
		jobs := p.Outbox.jobs(p.Desk.client().Base)
		return len(jobs) == 0 || jobs[0].kind >= kindReport || p.isResting(jobs[0])
	}
	c := p.Desk.client()
	if err := c.Upload(ctx, j.piece.File.SHA256, f, j.piece.File.Bytes, more); err != nil {
		return err
	}
	return c.PutFile(ctx, j.id, *j.piece.File)
}

func (p *Post) isResting(j job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.resting[j.key()].until)
}

// job is one thing to be sent.
type job struct {
	id     string
	kind   int
	urgent string // the ticket's priority
	at     time.Time
	ticket json.RawMessage // for the ticket itself
	piece  *piece          // for what goes beneath
}

func (j job) key() string {
	if j.piece == nil {
		return j.id
	}
	return j.id + "/" + j.piece.base()
}

// jobs lists what can be sent now, in order: tickets first, P0 before the
// others; then words; then reports; then files, small ones first. Words of one
// ticket keep their order. What belongs beneath a ticket at another desk stays
// here: this one does not know the ticket, and may not be meant to.
func (o *Outbox) jobs(desk string) []job {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []job
	for id, e := range o.all {
		j := job{id: id, urgent: string(e.manifest.ticket.Priority), at: e.manifest.At}
		if e.endedHere() {
			continue
		}
		if e.state.Status == nil {
			j.ticket = e.manifest.Ticket
			list = append(list, j)
			continue
		}
		if e.state.Desk != "" && e.state.Desk != desk {
			e.code = "desk.other"
			continue
		}
		if e.code == "desk.other" { // the first one is back
			e.code = ""
		}
		words := false
		for _, x := range e.waiting() {
			j.kind, j.piece = kinds[x.Kind], x
			if j.kind == kindWord && words {
				continue
			}
			words = words || j.kind == kindWord
			list = append(list, j)
		}
	}
	slices.SortFunc(list, func(a, b job) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.urgent, b.urgent),
			cmp.Compare(a.bytes(), b.bytes()), a.at.Compare(b.at), cmp.Compare(a.key(), b.key()))
	})
	return list
}

func (j job) bytes() int64 {
	if j.piece == nil || j.kind != kindFile {
		return 0
	}
	return j.piece.File.Bytes
}

// claim notes that the desk may have the ticket from now on. It returns what
// was noted before, and false if the ticket has been withdrawn meanwhile.
func (o *Outbox) claim(id string) (before, ok bool, err error) {
	err = o.change(id, func(s *state) {
		before, ok = s.Tried, s.Status == nil && s.Refused == nil
		s.Tried = s.Tried || ok
	})
	if errors.Is(err, ErrUnknown) {
		return false, false, nil
	}
	return before, ok, err
}

// sent records the desk's yes to a piece: the file takes another name.
func (o *Outbox) sent(j job) error { return o.finish(j, "sent") }

// refused records the desk's no, to the ticket or to a piece beneath it.
func (o *Outbox) refused(j job, why deskapi.Problem) error {
	if j.piece == nil {
		return o.change(j.id, func(s *state) { s.Refused = &why })
	}
	return errors.Join(
		o.change(j.id, func(s *state) { s.Denied = append(slices.Clone(s.Denied), why) }),
		o.finish(j, "no"))
}

func (o *Outbox) finish(j job, done string) error {
	o.disk.Lock()
	defer o.disk.Unlock()
	e := o.find(j.id)
	if e == nil {
		return nil // dropped meanwhile
	}
	dir := filepath.Join(o.dir, j.id)
	from := j.piece.name()
	o.mu.Lock()
	j.piece.done = done
	to := j.piece.name()
	s := e.state
	o.mu.Unlock()
	err := rename(filepath.Join(dir, from), filepath.Join(dir, to))
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return refusedByDisk(fmt.Errorf("note as %s: %w", done, err))
	}
	return o.saveState(j.id, e, s) // the last piece closes the ticket
}

// setCodes says of every waiting ticket why it waits, and returns those of
// which it was not known.
func (o *Outbox) setCodes(code string) (changed []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, e := range o.all {
		if e.code == "desk.other" {
			continue
		}
		waits := !e.endedHere() && (e.state.Status == nil || len(e.waiting()) > 0)
		if waits && e.code != code {
			e.code = code
			changed = append(changed, id)
		}
	}
	return changed
}

func (o *Outbox) setCode(id, code string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.all[id]
	if e == nil || e.code == code {
		return false
	}
	e.code = code
	return true
}
