// Package uploader is how word reaches the people who help:
// ticket → outbox → desk → status.
//
// The outbox is a folder of plain files, one folder to a ticket:
//
//	<id>/ticket.json      the ticket; written last, so a folder without it never was
//	<id>/0001.report.json a piece that waits; .data beside it holds a file's bytes
//	<id>/0001.report.sent the same piece, after the desk's yes
//	<id>/0001.report.no   … after its no
//	<id>/state.json       what the desk said last
//	<id>/draft.txt        typed, not sent
package uploader

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// Finished tickets are kept so that what was sent can be looked at: this long,
// and no more than this many.
const (
	keptFor  = 30 * 24 * time.Hour
	keptMost = 20
)

var (
	ErrTooLarge = deskapi.ErrTooLarge
	ErrUnknown  = errors.New("no such ticket in the outbox")
)

// File is something to attach.
type File struct {
	Name string // "screen-1.png"
	Type string // media type
	Data []byte
}

// Info names the file as the desk will know it.
func (f File) Info() deskapi.FileInfo {
	sum := sha256.Sum256(f.Data)
	return deskapi.FileInfo{Name: f.Name, Type: f.Type, Bytes: int64(len(f.Data)), SHA256: hex.EncodeToString(sum[:])}
}

// Parcel is a ticket with what goes beneath it.
type Parcel struct {
	Ticket   deskapi.Ticket
	Report   *report.Report  // nil: follows later, by AddReport
	Files    []File          //
	Outgoing json.RawMessage // what the person was shown as "what will be sent"; given back in Entry
}

// Entry is a ticket as the outbox knows it. It is a copy.
type Entry struct {
	Ticket    deskapi.Ticket
	CreatedAt time.Time            // when it was put in, UTC, this computer's clock
	Status    *deskapi.Status      // what the desk said last; nil: it does not have the ticket yet
	Heard     time.Time            // when the desk last spoke of it, UTC, this computer's clock; zero: never, or not noted
	Desk      string               // address of the desk that has it: it can be followed only there
	Pending   int                  // things that still wait here, the ticket counted
	Draft     string               // typed, not sent
	Code      string               // why it waits: "desk.unreachable", …; empty if nothing does
	Refused   *deskapi.Problem     // the desk's no to the ticket itself
	Denied    []deskapi.Problem    // its no to pieces beneath
	Sent      []deskapi.FileInfo   // reports and files that the desk has
	Waiting   []deskapi.FileInfo   // those that it has not yet
	Unsent    []deskapi.NewMessage // messages that wait, oldest first
	Report    *report.Report       // the newest version
	Outgoing  json.RawMessage      //
	SeenSeq   int64                // the last event that the person has seen
}

// Outbox keeps tickets on the disk until the desk has them. One process owns
// it; within that, it is safe for several goroutines.
type Outbox struct {
	dir  string
	disk sync.Mutex // held while writing: one change at a time
	mu   sync.Mutex // guards all: never held while the disk works
	all  map[string]*entry
	news chan struct{} // something waits to be sent
}

// entry is one ticket in memory.
type entry struct {
	manifest manifest
	state    state
	pieces   []*piece
	draft    string
	code     string
	report   *report.Report
}

// manifest is ticket.json. The ticket is kept as its bytes.
type manifest struct {
	At       time.Time       `json:"at"`
	Ticket   json.RawMessage `json:"ticket"`
	Outgoing json.RawMessage `json:"outgoing,omitempty"`
	ticket   deskapi.Ticket
}

// state is state.json.
type state struct {
	Status  *deskapi.Status   `json:"status,omitempty"`
	Refused *deskapi.Problem  `json:"refused,omitempty"`
	Denied  []deskapi.Problem `json:"denied,omitempty"`
	Seen    int64             `json:"seen,omitempty"`
	Heard   time.Time         `json:"heard,omitzero"`   // when the desk said Status, by this computer's clock
	Desk    string            `json:"desk,omitempty"`   // address of the desk that has the ticket
	Tried   bool              `json:"tried,omitempty"`  // the desk may have the ticket without our knowing
	Closed  *time.Time        `json:"closed,omitempty"` // when there was nothing left to do
}

// reopen takes back a refusal that was not the ticket's fault: a wrong address
// used to be taken for one. The ticket waits again.
func (s *state) reopen() {
	if s.Refused != nil && s.Status == nil && !s.Refused.About() {
		s.Refused, s.Closed = nil, nil
	}
}

// Kinds of pieces, in the order in which they are sent.
const (
	kindTicket = iota // not a piece: the ticket itself
	kindWord          // message or state: a person waits for it
	kindReport        //
	kindFile          //
)

var kinds = map[string]int{"message": kindWord, "state": kindWord, "report": kindReport, "file": kindFile}

// piece is one thing beneath a ticket, and its file.
type piece struct {
	Kind    string              `json:"kind"`
	Message *deskapi.NewMessage `json:"message,omitempty"`
	State   deskapi.State       `json:"state,omitempty"`
	Version int                 `json:"version,omitempty"`
	Report  json.RawMessage     `json:"report,omitempty"`
	File    *deskapi.FileInfo   `json:"file,omitempty"` // of a report too: what it is as a file

	n    int
	done string // "" waits, "sent", "no"
}

func (p *piece) base() string { return fmt.Sprintf("%04d.%s", p.n, p.Kind) }

func (p *piece) name() string { return p.base() + "." + cmp.Or(p.done, "json") }

// OpenOutbox opens the folder, makes it if need be, and clears away what a
// sudden end left half-written. A ticket whose files cannot be read is left
// alone and not listed.
func OpenOutbox(dir string) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, refusedByDisk(fmt.Errorf("open outbox: %w", err))
	}
	sweep(dir)
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, refusedByDisk(fmt.Errorf("open outbox: %w", err))
	}
	o := &Outbox{dir: dir, all: map[string]*entry{}, news: make(chan struct{}, 1)}
	for _, d := range names {
		id := d.Name()
		if !d.IsDir() || !validID(id) {
			continue
		}
		e, err := readEntry(filepath.Join(dir, id))
		if errors.Is(err, os.ErrNotExist) { // no manifest: it never was
			os.RemoveAll(filepath.Join(dir, id))
			continue
		}
		if err == nil && e.manifest.ticket.ID == id {
			o.all[id] = e
		}
	}
	o.prune()
	return o, nil
}

func readEntry(dir string) (*entry, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "ticket.json"))
	if err != nil {
		return nil, err
	}
	e := &entry{}
	if err := json.Unmarshal(raw, &e.manifest); err != nil {
		return nil, fmt.Errorf("read ticket.json: %w", err)
	}
	if err := json.Unmarshal(e.manifest.Ticket, &e.manifest.ticket); err != nil {
		return nil, fmt.Errorf("read ticket.json: %w", err)
	}
	sweep(dir)
	if raw, err := os.ReadFile(filepath.Join(dir, "state.json")); err == nil {
		if json.Unmarshal(raw, &e.state) != nil {
			e.state = state{Tried: true} // the desk will tell again
		}
		e.state.reopen()
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "draft.txt")); err == nil {
		e.draft = string(raw)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, f := range files {
		if p := readPiece(dir, f.Name()); p != nil {
			e.pieces = append(e.pieces, p)
			has[p.base()] = true
			if p.Kind == "report" {
				var r report.Report
				if json.Unmarshal(p.Report, &r) == nil {
					e.report = &r
				}
			}
		}
	}
	for _, f := range files { // bytes whose piece was not written any more
		if base, ok := strings.CutSuffix(f.Name(), ".data"); ok && !has[base] {
			os.Remove(filepath.Join(dir, f.Name()))
		}
	}
	return e, nil
}

// readPiece returns nil for a file that is no piece.
func readPiece(dir, name string) *piece {
	parts := strings.Split(name, ".")
	if len(parts) != 3 || kinds[parts[1]] == 0 {
		return nil
	}
	n, err := strconv.Atoi(parts[0])
	raw, err2 := os.ReadFile(filepath.Join(dir, name))
	p := &piece{}
	if err != nil || err2 != nil || parts[2] == "data" || json.Unmarshal(raw, p) != nil || p.Kind != parts[1] {
		return nil
	}
	p.n = n
	switch parts[2] {
	case "json":
	case "sent", "no":
		p.done = parts[2]
	default:
		return nil
	}
	return p
}

func validID(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.String() == id
}

// Put keeps a parcel. When it returns nil the ticket cannot be lost, not even
// by a power cut; when it returns an error nothing of it is kept. Putting the
// same ticket twice is once. Words that do not fit go on as words.txt, see
// Fit. Errors: ErrTooLarge, ErrFull.
func (o *Outbox) Put(p Parcel) error {
	t, words := Fit(p.Ticket)
	files := p.Files
	if words != nil && !slices.ContainsFunc(files, func(f File) bool { return f.Name == words.Name }) {
		files = append(slices.Clone(files), *words)
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("keep ticket: %w", err)
	}
	if len(raw) > deskapi.MaxTicketBytes {
		return fmt.Errorf("keep ticket: %w: %d bytes", ErrTooLarge, len(raw))
	}
	if !validID(t.ID) {
		return fmt.Errorf("keep ticket: bad id %q", t.ID)
	}
	e := &entry{manifest: manifest{At: time.Now().UTC(), Ticket: raw, Outgoing: p.Outgoing, ticket: t}}
	data := map[*piece][]byte{}
	if p.Report != nil {
		x, err := e.reportPiece(*p.Report)
		if err != nil {
			return fmt.Errorf("keep ticket: %w", err)
		}
		e.add(x)
		e.report = p.Report
	}
	for _, f := range files {
		x, err := e.filePiece(f)
		if err != nil {
			return fmt.Errorf("keep ticket: %w", err)
		}
		e.add(x)
		data[x] = f.Data
	}

	o.disk.Lock()
	defer o.disk.Unlock()
	if old := o.find(t.ID); old != nil {
		if string(old.manifest.Ticket) == string(raw) {
			return nil
		}
		return fmt.Errorf("keep ticket: %s is kept already with other words", t.ID)
	}
	dir := filepath.Join(o.dir, t.ID)
	if err := o.putDir(dir, e, data); err != nil {
		os.Remove(filepath.Join(dir, "ticket.json"))
		os.RemoveAll(dir)
		return fmt.Errorf("keep ticket: %w", err)
	}
	o.mu.Lock()
	o.all[t.ID] = e
	o.mu.Unlock()
	o.poke()
	return nil
}

func (o *Outbox) putDir(dir string, e *entry, data map[*piece][]byte) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return refusedByDisk(err)
	}
	for _, x := range e.pieces {
		if err := writePiece(dir, x, data[x]); err != nil {
			return err
		}
	}
	if len(e.pieces) > 0 {
		if err := syncDir(dir); err != nil { // before the manifest says that they are there
			return err
		}
	}
	raw, err := json.Marshal(e.manifest)
	if err != nil {
		return err
	}
	if err := keep(dir, "ticket.json", raw); err != nil {
		return err
	}
	return syncDir(o.dir)
}

// writePiece writes the bytes first: a piece without them must not be.
func writePiece(dir string, x *piece, data []byte) error {
	raw, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if x.Kind == "file" {
		if err := write(dir, x.base()+".data", data); err != nil {
			return err
		}
	}
	if err := write(dir, x.name(), raw); err != nil {
		os.Remove(filepath.Join(dir, x.base()+".data"))
		return err
	}
	return nil
}

// Fit returns the ticket with no more words than the wire takes, and the whole
// of them as a file when they had to be cut; nil when not.
func Fit(t deskapi.Ticket) (deskapi.Ticket, *File) {
	whole := strings.ToValidUTF8(t.Words, "\ufffd")
	t.Words = whole
	if utf8.RuneCountInString(whole) > deskapi.MaxWords {
		t.Words = firstRunes(whole, deskapi.MaxWords-1) + "…"
	}
	for t.Words != "" { // signs that JSON writes long
		raw, err := json.Marshal(t)
		if err != nil || len(raw) <= deskapi.MaxTicketBytes {
			break
		}
		n := utf8.RuneCountInString(t.Words) * 3 / 4
		if n < 2 {
			t.Words = ""
			break
		}
		t.Words = firstRunes(whole, n-1) + "…"
	}
	if t.Words == whole {
		return t, nil
	}
	if len(whole) > deskapi.MaxFileBytes {
		whole = strings.ToValidUTF8(whole[:deskapi.MaxFileBytes], "")
	}
	return t, &File{Name: "words.txt", Type: "text/plain", Data: []byte(whole)}
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// AddReport attaches a further examination as the next version.
func (o *Outbox) AddReport(id string, r report.Report) error {
	return o.attach(id, "report", func(e *entry) (*piece, []byte, error) {
		x, err := e.reportPiece(r)
		return x, nil, err
	}, func(e *entry) { e.report = &r })
}

// AddFile attaches a file. A name that the ticket has already gets a number.
// Errors: ErrTooLarge, ErrFull.
func (o *Outbox) AddFile(id string, f File) error {
	return o.attach(id, "file", func(e *entry) (*piece, []byte, error) {
		x, err := e.filePiece(f)
		return x, f.Data, err
	}, nil)
}

// AddMessage says something about the ticket; the draft is done with.
func (o *Outbox) AddMessage(id string, m deskapi.NewMessage) error {
	if utf8.RuneCountInString(m.Text) > deskapi.MaxMessageRunes {
		return fmt.Errorf("keep message: %w", ErrTooLarge)
	}
	err := o.attach(id, "message", func(e *entry) (*piece, []byte, error) {
		for _, p := range e.pieces {
			if p.Message != nil && p.Message.ID == m.ID {
				return nil, nil, nil
			}
		}
		return &piece{Kind: "message", Message: &m}, nil, nil
	}, nil)
	if err == nil {
		err = o.Draft(id, "")
	}
	return err
}

// AddState is the person's own "solved" or "withdrawn". Withdrawing a ticket
// that cannot have reached the desk ends it here, and nothing is sent.
func (o *Outbox) AddState(id string, s deskapi.State) error {
	if s == deskapi.Withdrawn {
		if done, err := o.withdrawHere(id); done || err != nil {
			return err
		}
	}
	return o.attach(id, "state", func(e *entry) (*piece, []byte, error) {
		return &piece{Kind: "state", State: s}, nil, nil
	}, nil)
}

func (o *Outbox) withdrawHere(id string) (bool, error) {
	o.disk.Lock()
	defer o.disk.Unlock()
	e := o.find(id)
	if e == nil {
		return false, fmt.Errorf("withdraw: %w: %s", ErrUnknown, id)
	}
	o.mu.Lock()
	s := e.state
	t := e.manifest.ticket
	o.mu.Unlock()
	if s.Status != nil || s.Tried {
		return false, nil
	}
	now := time.Now().UTC()
	s.Status = &deskapi.Status{ID: id, Priority: t.Priority, State: deskapi.Withdrawn, ServerTime: now,
		Timeline: []deskapi.Step{{State: deskapi.Withdrawn, At: now}}}
	return true, o.saveState(id, e, s)
}

// attach writes one more piece. make returns nil when there is nothing to do.
func (o *Outbox) attach(id, what string, make func(*entry) (*piece, []byte, error), after func(*entry)) error {
	o.disk.Lock()
	defer o.disk.Unlock()
	e := o.find(id)
	if e == nil {
		return fmt.Errorf("keep %s: %w: %s", what, ErrUnknown, id)
	}
	o.mu.Lock()
	x, data, err := make(e)
	if x != nil {
		x.n = e.nextN()
	}
	o.mu.Unlock()
	if err != nil || x == nil {
		return err
	}
	dir := filepath.Join(o.dir, id)
	if err := writePiece(dir, x, data); err != nil {
		return fmt.Errorf("keep %s: %w", what, err)
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("keep %s: %w", what, err)
	}
	o.mu.Lock()
	e.pieces = append(e.pieces, x)
	if after != nil {
		after(e)
	}
	o.mu.Unlock()
	o.poke()
	return nil
}

func (e *entry) nextN() int {
	n := 0
	for _, p := range e.pieces {
		n = max(n, p.n)
	}
	return n + 1
}

func (e *entry) add(x *piece) {
	x.n = e.nextN()
	e.pieces = append(e.pieces, x)
}

func (e *entry) reportPiece(r report.Report) (*piece, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if len(raw) > deskapi.MaxReportBytes {
		return nil, fmt.Errorf("report: %w: %d bytes", ErrTooLarge, len(raw))
	}
	x := &piece{Kind: "report", Version: 1, Report: raw}
	for _, p := range e.pieces {
		x.Version = max(x.Version, p.Version+1)
	}
	info := File{Name: fmt.Sprintf("report-%d.json", x.Version), Type: "application/json", Data: raw}.Info()
	x.File = &info
	return x, nil
}

func (e *entry) filePiece(f File) (*piece, error) {
	if len(f.Data) > deskapi.MaxFileBytes {
		return nil, fmt.Errorf("%s: %w: %d bytes", f.Name, ErrTooLarge, len(f.Data))
	}
	info := f.Info()
	ext := filepath.Ext(f.Name)
	for i := 2; e.hasFile(info.Name); i++ {
		info.Name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(f.Name, ext), i, ext)
	}
	return &piece{Kind: "file", File: &info}, nil
}

func (e *entry) hasFile(name string) bool {
	return slices.ContainsFunc(e.pieces, func(p *piece) bool { return p.File != nil && p.File.Name == name })
}

// Draft keeps typed words that are not sent. It survives the process's end at
// any moment, and a power cut but for the last moment's typing.
func (o *Outbox) Draft(id, text string) error {
	o.disk.Lock()
	defer o.disk.Unlock()
	e := o.find(id)
	if e == nil {
		return fmt.Errorf("keep draft: %w: %s", ErrUnknown, id)
	}
	o.mu.Lock()
	same := e.draft == text
	e.draft = text
	o.mu.Unlock()
	if same {
		return nil
	}
	dir := filepath.Join(o.dir, id)
	if text == "" {
		if err := os.Remove(filepath.Join(dir, "draft.txt")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("drop draft: %w", err)
		}
		return nil
	}
	return write(dir, "draft.txt", []byte(text))
}

// SaveStatus records what the desk said, and that it was now. An older status
// than the known one changes nothing.
func (o *Outbox) SaveStatus(id string, st deskapi.Status) error {
	return o.change(id, func(s *state) {
		if s.Status == nil || st.Seq >= s.Status.Seq {
			s.say(st)
		}
	})
}

// say takes what the desk says now.
func (s *state) say(st deskapi.Status) { s.Status, s.Heard = &st, time.Now().UTC().Round(0) }

// Seen records the last event that the person has looked at.
func (o *Outbox) Seen(id string, seq int64) error {
	return o.change(id, func(s *state) { s.Seen = max(s.Seen, seq) })
}

// Drop removes a ticket from this computer, whatever its state. What the desk
// has, it keeps.
func (o *Outbox) Drop(id string) error {
	o.disk.Lock()
	defer o.disk.Unlock()
	return o.drop(id)
}

func (o *Outbox) drop(id string) error {
	if o.find(id) == nil {
		return fmt.Errorf("drop: %w: %s", ErrUnknown, id)
	}
	o.mu.Lock()
	delete(o.all, id)
	o.mu.Unlock()
	dir := filepath.Join(o.dir, id)
	if err := os.Remove(filepath.Join(dir, "ticket.json")); err != nil { // without it the rest is rubbish already
		return fmt.Errorf("drop: %w", err)
	}
	return os.RemoveAll(dir)
}

// change edits a ticket's state, on disk and in memory.
func (o *Outbox) change(id string, edit func(*state)) error {
	o.disk.Lock()
	defer o.disk.Unlock()
	e := o.find(id)
	if e == nil {
		return fmt.Errorf("keep state: %w: %s", ErrUnknown, id)
	}
	o.mu.Lock()
	s := e.state
	o.mu.Unlock()
	edit(&s)
	return o.saveState(id, e, s)
}

// saveState holds in memory even when the disk refuses: what the desk has said
// is true, and it can say it again after a restart.
func (o *Outbox) saveState(id string, e *entry, s state) error {
	o.mu.Lock()
	before := e.state
	e.state = s
	if s.Closed == nil && e.finished() {
		now := time.Now().UTC()
		s.Closed, e.state.Closed = &now, &now
	}
	o.mu.Unlock()
	if same(before, s) {
		return nil
	}
	raw, err := json.Marshal(s)
	if err == nil {
		err = keep(filepath.Join(o.dir, id), "state.json", raw)
	}
	if err != nil {
		return fmt.Errorf("keep state: %w", err)
	}
	if before.Closed == nil && s.Closed != nil {
		o.prune()
	}
	return nil
}

// heardStep is how far Entry.Heard may be behind after a restart: that the desk
// has said the same again is not worth the disk each time.
const heardStep = time.Minute

// same ignores when the desk said it, unless that is long ago.
func same(a, b state) bool {
	if b.Heard.Sub(a.Heard).Abs() < heardStep {
		a.Heard, b.Heard = time.Time{}, time.Time{}
	}
	if a.Status != nil && b.Status != nil {
		x, y := *a.Status, *b.Status
		x.ServerTime, y.ServerTime = time.Time{}, time.Time{}
		a.Status, b.Status = &x, &y
	}
	return reflect.DeepEqual(a, b)
}

// finished says that nothing is left to do: closed and all sent, or refused.
func (e *entry) finished() bool {
	return e.state.Refused != nil || (e.state.Status != nil && !e.state.Status.State.Open() && len(e.waiting()) == 0)
}

// waiting are the pieces still to be sent, in the order they were added.
func (e *entry) waiting() []*piece {
	if e.endedHere() {
		return nil
	}
	var w []*piece
	for _, p := range e.pieces {
		if p.done == "" {
			w = append(w, p)
		}
	}
	return w
}

// endedHere says that the desk never knew, and never will.
func (e *entry) endedHere() bool {
	return e.state.Refused != nil || (e.state.Status != nil && e.state.Status.Number == 0 && e.state.Status.State == deskapi.Withdrawn)
}

// prune removes finished tickets that are old, or older than the newest
// twenty. The caller holds disk, or nobody else has the outbox yet.
func (o *Outbox) prune() {
	type old struct {
		id string
		at time.Time
	}
	var done []old
	o.mu.Lock()
	for id, e := range o.all {
		if e.state.Closed != nil && e.finished() {
			done = append(done, old{id, *e.state.Closed})
		}
	}
	o.mu.Unlock()
	slices.SortFunc(done, func(a, b old) int { return b.at.Compare(a.at) })
	for i, d := range done {
		if i >= keptMost || time.Since(d.at) > keptFor {
			_ = o.drop(d.id) // what cannot be removed now is removed at the next start
		}
	}
}

// Entries lists all tickets, newest first.
func (o *Outbox) Entries() []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := make([]Entry, 0, len(o.all))
	for _, e := range o.all {
		list = append(list, e.copy())
	}
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.Ticket.ID, a.Ticket.ID))
	})
	return list
}

// Entry returns one ticket.
func (o *Outbox) Entry(id string) (Entry, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.all[id]
	if e == nil {
		return Entry{}, false
	}
	return e.copy(), true
}

func (e *entry) copy() Entry {
	x := Entry{
		Ticket: e.manifest.ticket, CreatedAt: e.manifest.At, Draft: e.draft, Code: e.code,
		Refused: e.state.Refused, Denied: slices.Clone(e.state.Denied), Report: e.report,
		Outgoing: e.manifest.Outgoing, SeenSeq: e.state.Seen, Heard: e.state.Heard, Desk: e.state.Desk,
	}
	if e.state.Status != nil {
		s := *e.state.Status
		x.Status = &s
	}
	for _, p := range e.pieces {
		if p.done == "sent" && p.File != nil {
			x.Sent = append(x.Sent, *p.File)
		}
	}
	for _, p := range e.waiting() {
		x.Pending++
		switch {
		case p.File != nil:
			x.Waiting = append(x.Waiting, *p.File)
		case p.Message != nil:
			x.Unsent = append(x.Unsent, *p.Message)
		}
	}
	if e.state.Status == nil && e.state.Refused == nil {
		x.Pending++
	}
	if x.Pending == 0 {
		x.Code = ""
	}
	return x
}

// Data reads the bytes of a file that is still kept, by its name.
func (o *Outbox) Data(id, name string) ([]byte, error) {
	o.mu.Lock()
	e := o.all[id]
	var at *piece
	if e != nil {
		for _, p := range e.pieces {
			if p.File != nil && p.File.Name == name {
				at = p
			}
		}
	}
	o.mu.Unlock()
	switch {
	case at == nil:
		return nil, fmt.Errorf("read %s: %w: %s", name, ErrUnknown, id)
	case at.Kind == "report":
		return at.Report, nil
	}
	return os.ReadFile(filepath.Join(o.dir, id, at.base()+".data"))
}

// SaveForm keeps the form that is not sent yet beside the outbox (form.json),
// so that typed words survive. nil drops it.
func (o *Outbox) SaveForm(form json.RawMessage) error {
	o.disk.Lock()
	defer o.disk.Unlock()
	home := filepath.Dir(o.dir)
	if form == nil {
		if err := os.Remove(filepath.Join(home, "form.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("drop form: %w", err)
		}
		return nil
	}
	return write(home, "form.json", form)
}

// LoadForm returns the kept form, nil if there is none.
func (o *Outbox) LoadForm() (json.RawMessage, error) {
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(o.dir), "form.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	if !json.Valid(raw) {
		return nil, fmt.Errorf("read form: form.json is damaged")
	}
	return raw, nil
}

func (o *Outbox) find(id string) *entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all[id]
}

func (o *Outbox) poke() {
	select {
	case o.news <- struct{}{}:
	default:
	}
}
