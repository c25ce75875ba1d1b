package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// Ticket is one ticket as it stands. Body never changes; the rest does.
type Ticket struct {
	Tenant   string
	Device   string
	Body     deskapi.Ticket
	Number   int64
	Received time.Time

	Priority report.Priority
	State    deskapi.State
	Agent    string
	Clock    time.Time  // the deadline counts from here
	Due      *time.Time // nil: no deadline known
	Met      *time.Time // first reply, or work begun

	Seq      int64
	Timeline []deskapi.Step
	Unread   int             // messages from the user since the last reply
	Leading  *report.Finding // the newest report's first; nil: no report has come, or it found nothing
}

// Status is the ticket as its owner sees it, Messages and Files left empty.
func (t Ticket) Status(now time.Time) deskapi.Status {
	s := deskapi.Status{
		ID: t.Body.ID, Number: t.Number, Priority: t.Priority, State: t.State, Agent: t.Agent,
		Timeline: t.Timeline, Messages: []deskapi.Message{}, Files: []deskapi.FileInfo{},
		Seq: t.Seq, ServerTime: now.UTC(),
	}
	if t.Due != nil {
		s.Deadline = &deskapi.Deadline{
			Due: *t.Due, Source: "local", Paused: t.State == deskapi.WaitingUser, MetAt: t.Met,
		}
	}
	return s
}

// New is a ticket that has arrived.
type New struct {
	Tenant, Device string
	Body           deskapi.Ticket
	Raw            []byte // as it arrived: also the fields that this desk does not know yet
	Hash           []byte // of its canonical form
	At             time.Time
	Due            *time.Time
}

// Create accepts a ticket once. The same one again is the one that is there;
// another body under its id, or another computer, is ErrChanged.
func (s *Store) Create(ctx context.Context, n New) (t Ticket, created bool, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var device string
		var hash []byte
		err := tx.QueryRowContext(ctx, `SELECT device, body_hash FROM tickets WHERE tenant = ? AND id = ?`,
			n.Tenant, n.Body.ID).Scan(&device, &hash)
		switch {
		case err == nil && (device != n.Device || string(hash) != string(n.Hash)):
			return ErrChanged
		case err == nil:
			t, err = one(ctx, tx, n.Tenant, n.Body.ID)
			return err
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		created = true
		t, err = create(ctx, tx, n)
		return err
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("create ticket: %w", err)
	}
	if created {
		s.changed(n.Tenant, n.Body.ID)
	}
	return t, created, nil
}

func create(ctx context.Context, tx *sql.Tx, n New) (Ticket, error) {
	var number int64
	err := tx.QueryRowContext(ctx,
		`UPDATE tenants SET next_number = next_number + 1 WHERE tenant = ? RETURNING next_number - 1`,
		n.Tenant).Scan(&number)
	if err != nil {
		return Ticket{}, fmt.Errorf("number: %w", err)
	}
	p := n.Body.Person
	search := strings.ToLower(strings.Join([]string{p.Name, p.Room, n.Body.Computer, n.Body.Words,
		strings.Join(n.Body.Findings, " ")}, "\n"))
	_, err = tx.ExecContext(ctx, `INSERT INTO tickets
		(tenant, id, number, device, body, body_hash, priority, state, received_at, clock_from, due, seq, search)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
		n.Tenant, n.Body.ID, number, n.Device, string(n.Raw), n.Hash, n.Body.Priority, deskapi.Received,
		ms(n.At), ms(n.At), msOrNull(n.Due), search)
	if err != nil {
		return Ticket{}, err
	}
	c := &Change{At: n.At, By: p.Name, ctx: ctx, tx: tx}
	if c.Ticket, err = one(ctx, tx, n.Tenant, n.Body.ID); err != nil {
		return Ticket{}, err
	}
	before := c.Ticket
	before.State = "" // so that "received" is its first step and first event
	if err := c.save(before); err != nil {
		return Ticket{}, err
	}
	return c.Ticket, nil
}

// Ticket returns one ticket.
func (s *Store) Ticket(ctx context.Context, tenant, id string) (Ticket, error) {
	return one(ctx, s.readers, tenant, id)
}

// Of returns a computer's own tickets, newest first.
func (s *Store) Of(ctx context.Context, tenant, device string) ([]Ticket, error) {
	return list(ctx, s.readers, `t.tenant = ? AND t.device = ? ORDER BY t.received_at DESC, t.number DESC LIMIT 200`, tenant, device)
}

// Queue returns the tickets that technicians see: unanswered ones first, the
// one due first on top and at the same instant the more urgent one; then the
// other open ones, then those done, newest first.
func (s *Store) Queue(ctx context.Context, tenant string, all bool, search string) ([]Ticket, error) {
	search = strings.ToLower(strings.TrimSpace(search))
	number := strings.TrimPrefix(search, "#")
	return list(ctx, s.readers, `t.tenant = ?
		AND (? OR t.state NOT IN ('solved', 'withdrawn'))
		AND (? = '' OR instr(t.search, ?) OR CAST(t.number AS TEXT) = ? OR lower(t.agent) = ?)
		ORDER BY t.state IN ('solved', 'withdrawn'),
			CASE WHEN t.state IN ('solved', 'withdrawn') THEN -t.received_at END,
			t.met_at IS NOT NULL, t.due IS NULL, t.due, t.priority, t.number
		LIMIT 1000`, tenant, all, search, search, number, search)
}

// columns are those of a Ticket, in the order scan reads them.
const columns = `t.tenant, t.device, t.body, t.number, t.received_at, t.priority, t.state, t.agent,
	t.clock_from, t.due, t.met_at, t.seq,
	(SELECT json_group_array(json_array(s.state, s.at, s.by) ORDER BY s.n) FROM steps s
		WHERE s.tenant = t.tenant AND s.ticket = t.id),
	(SELECT count(*) FROM messages m WHERE m.tenant = t.tenant AND m.ticket = t.id AND m.sender = 'user'
		AND m.n > (SELECT coalesce(max(r.n), 0) FROM messages r
			WHERE r.tenant = t.tenant AND r.ticket = t.id AND r.sender = 'technician')),
	(SELECT json_extract(p.body, '$.findings[0]') FROM reports p
		WHERE p.tenant = t.tenant AND p.ticket = t.id ORDER BY p.version DESC LIMIT 1)`

func one(ctx context.Context, q querier, tenant, id string) (Ticket, error) {
	got, err := list(ctx, q, `t.tenant = ? AND t.id = ?`, tenant, id)
	if err != nil {
		return Ticket{}, err
	}
	if len(got) == 0 {
		return Ticket{}, ErrNotFound
	}
	return got[0], nil
}

func list(ctx context.Context, q querier, where string, args ...any) ([]Ticket, error) {
	out := []Ticket{}
	err := each(ctx, q, func(r *sql.Rows) error {
		t, err := scan(r)
		out = append(out, t)
		return err
	}, `SELECT `+columns+` FROM tickets t WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read tickets: %w", err)
	}
	return out, nil
}

func scan(r *sql.Rows) (Ticket, error) {
	var t Ticket
	var body, steps string
	var received, clock int64
	var due, met sql.NullInt64
	var leading sql.NullString
	err := r.Scan(&t.Tenant, &t.Device, &body, &t.Number, &received, &t.Priority, &t.State, &t.Agent,
		&clock, &due, &met, &t.Seq, &steps, &t.Unread, &leading)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(body), &t.Body); err != nil {
		return t, fmt.Errorf("ticket %d: %w", t.Number, err)
	}
	if leading.Valid {
		t.Leading = &report.Finding{}
		if json.Unmarshal([]byte(leading.String), t.Leading) != nil {
			t.Leading = nil // a computer's report is its own affair: the queue does without
		}
	}
	t.Received, t.Clock, t.Due, t.Met = at(received), at(clock), atOrNil(due), atOrNil(met)
	t.Timeline, err = timeline(steps)
	return t, err
}

// timeline reads [["received",1790000000000,""],…].
func timeline(text string) ([]deskapi.Step, error) {
	var rows [][3]json.RawMessage
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	steps := make([]deskapi.Step, len(rows))
	for i, row := range rows {
		var when int64
		if err := errors.Join(json.Unmarshal(row[0], &steps[i].State), json.Unmarshal(row[1], &when),
			json.Unmarshal(row[2], &steps[i].By)); err != nil {
			return nil, fmt.Errorf("timeline: %w", err)
		}
		steps[i].At = at(when)
	}
	return steps, nil
}

// Messages returns what was said about a ticket, oldest first.
func (s *Store) Messages(ctx context.Context, tenant, ticket string) ([]deskapi.Message, error) {
	out := []deskapi.Message{}
	err := each(ctx, s.readers, func(r *sql.Rows) error {
		var m deskapi.Message
		var when int64
		err := r.Scan(&m.ID, &when, &m.From, &m.Name, &m.Text)
		m.At = at(when)
		out = append(out, m)
		return err
	}, `SELECT id, at, sender, name, text FROM messages WHERE tenant = ? AND ticket = ? ORDER BY n`, tenant, ticket)
	return out, err
}

// Files returns a ticket's attachments in the order they came.
func (s *Store) Files(ctx context.Context, tenant, ticket string) ([]deskapi.FileInfo, error) {
	out := []deskapi.FileInfo{}
	err := each(ctx, s.readers, func(r *sql.Rows) error {
		var f deskapi.FileInfo
		err := r.Scan(&f.Name, &f.Type, &f.Bytes, &f.SHA256)
		out = append(out, f)
		return err
	}, `SELECT name, type, bytes, sha256 FROM files WHERE tenant = ? AND ticket = ? ORDER BY n`, tenant, ticket)
	return out, err
}

// Reports returns a ticket's examinations, oldest first.
func (s *Store) Reports(ctx context.Context, tenant, ticket string) ([]deskapi.ReportVersion, error) {
	out := []deskapi.ReportVersion{}
	err := each(ctx, s.readers, func(r *sql.Rows) error {
		var v deskapi.ReportVersion
		var when int64
		var body string
		err := r.Scan(&v.Version, &when, &body)
		v.At, v.Report = at(when), json.RawMessage(body)
		out = append(out, v)
		return err
	}, `SELECT version, at, body FROM reports WHERE tenant = ? AND ticket = ? ORDER BY version`, tenant, ticket)
	return out, err
}

// Page returns everything about a ticket.
func (s *Store) Page(ctx context.Context, t Ticket, now time.Time) (deskapi.Page, error) {
	p := deskapi.Page{Ticket: t.Body, ReceivedAt: t.Received}
	if p.Ticket.Findings == nil {
		p.Ticket.Findings = []string{}
	}
	var err error
	if p.Status, err = s.Whole(ctx, t, now); err != nil {
		return p, err
	}
	p.Reports, err = s.Reports(ctx, t.Tenant, t.Body.ID)
	return p, err
}

// Whole is a ticket's status with its messages and files. They are read after
// the ticket: an event that tells of one already here is harmless.
func (s *Store) Whole(ctx context.Context, t Ticket, now time.Time) (st deskapi.Status, err error) {
	st = t.Status(now)
	if st.Messages, err = s.Messages(ctx, t.Tenant, t.Body.ID); err != nil {
		return st, fmt.Errorf("read messages: %w", err)
	}
	if st.Files, err = s.Files(ctx, t.Tenant, t.Body.ID); err != nil {
		return st, fmt.Errorf("read files: %w", err)
	}
	return st, nil
}

// Pages hands every ticket of a tenant to on, in the order they were received.
func (s *Store) Pages(ctx context.Context, tenant string, now time.Time, on func(deskapi.Page) error) error {
	for last := int64(0); ; {
		some, err := list(ctx, s.readers, `t.tenant = ? AND t.number > ? ORDER BY t.number LIMIT 100`, tenant, last)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, t := range some {
			page, err := s.Page(ctx, t, now)
			if err != nil {
				return err
			}
			if err := on(page); err != nil {
				return err
			}
			last = t.Number
		}
	}
}
