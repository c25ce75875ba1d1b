package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"raisehand/uploader/deskapi"
)

// Limits beneath one ticket, far above what honest use needs.
const (
	maxFiles    = 100
	maxReports  = 20 // of up to 1 MiB; the console reads them all at once
	maxMessages = 2000
	maxSteps    = 500
)

// Change is one ticket being changed. A rule edits the ticket's Priority,
// State, Agent, Clock, Due and Met, and says, attaches and examines; what has
// come of it is saved and told in one transaction, or nothing is.
type Change struct {
	Ticket
	At time.Time
	By string // who does it, for the timeline

	ctx  context.Context
	tx   *sql.Tx
	told []told
}

type told struct{ kind, message string }

// Change runs rule on a ticket. A rule that changes nothing leaves no event.
func (s *Store) Change(ctx context.Context, tenant, id, by string, now time.Time, rule func(*Change) error) (Ticket, error) {
	c := &Change{At: now, By: by}
	var before Ticket
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		c.ctx, c.tx = ctx, tx
		if c.Ticket, err = one(ctx, tx, tenant, id); err != nil {
			return err
		}
		before = c.Ticket
		if err := rule(c); err != nil {
			return err
		}
		return c.save(before)
	})
	if err != nil {
		return Ticket{}, fmt.Errorf("change ticket: %w", err)
	}
	if c.Seq != before.Seq {
		s.changed(tenant, id)
	}
	return c.Ticket, nil
}

// Say adds a message. The same message again is not said twice; another text
// under its id is ErrChanged.
func (c *Change) Say(m deskapi.Message) (said bool, err error) {
	var sender, text string
	err = c.tx.QueryRowContext(c.ctx, `SELECT sender, text FROM messages WHERE tenant = ? AND ticket = ? AND id = ?`,
		c.Tenant, c.Body.ID, m.ID).Scan(&sender, &text)
	if err == nil {
		if sender != m.From || text != m.Text {
			return false, ErrChanged
		}
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	n, err := c.next("messages", maxMessages)
	if err != nil {
		return false, err
	}
	_, err = c.tx.ExecContext(c.ctx, `INSERT INTO messages (tenant, ticket, id, n, at, sender, name, text)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, c.Tenant, c.Body.ID, m.ID, n, ms(c.At), m.From, m.Name, m.Text)
	c.told = append(c.told, told{"message", m.ID})
	return true, err
}

// Attach names a blob as one of the ticket's files. The blob must have arrived
// from the ticket's own computer: ErrNotFound.
func (c *Change) Attach(f deskapi.FileInfo) (attached bool, err error) {
	err = c.tx.QueryRowContext(c.ctx, `SELECT b.bytes FROM blobs b JOIN blob_owners o USING (tenant, sha256)
		WHERE b.tenant = ? AND b.sha256 = ? AND o.device = ?`, c.Tenant, f.SHA256, c.Device).Scan(&f.Bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return false, ErrNotFound
	}
	if err != nil {
		return false, err
	}
	var sha, typ string
	err = c.tx.QueryRowContext(c.ctx, `SELECT sha256, type FROM files WHERE tenant = ? AND ticket = ? AND name = ?`,
		c.Tenant, c.Body.ID, f.Name).Scan(&sha, &typ)
	if err == nil {
		if sha != f.SHA256 || typ != f.Type {
			return false, ErrChanged
		}
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	n, err := c.next("files", maxFiles)
	if err != nil {
		return false, err
	}
	_, err = c.tx.ExecContext(c.ctx, `INSERT INTO files (tenant, ticket, name, type, bytes, sha256, at, n)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, c.Tenant, c.Body.ID, f.Name, f.Type, f.Bytes, f.SHA256, ms(c.At), n)
	c.told = append(c.told, told{kind: "file"})
	return true, err
}

// Examine adds a version of the report. The same version with another content
// is ErrChanged.
func (c *Change) Examine(version int, body, hash []byte) (added bool, err error) {
	var have []byte
	err = c.tx.QueryRowContext(c.ctx, `SELECT hash FROM reports WHERE tenant = ? AND ticket = ? AND version = ?`,
		c.Tenant, c.Body.ID, version).Scan(&have)
	if err == nil {
		if string(have) != string(hash) {
			return false, ErrChanged
		}
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if _, err := c.next("reports", maxReports); err != nil {
		return false, err
	}
	_, err = c.tx.ExecContext(c.ctx, `INSERT INTO reports (tenant, ticket, version, at, body, hash) VALUES (?, ?, ?, ?, ?, ?)`,
		c.Tenant, c.Body.ID, version, ms(c.At), string(body), hash)
	c.told = append(c.told, told{kind: "report"})
	return true, err
}

// next is the number of the next row beneath the ticket.
func (c *Change) next(table string, limit int) (n int, err error) {
	err = c.tx.QueryRowContext(c.ctx, `SELECT count(*) + 1 FROM `+table+` WHERE tenant = ? AND ticket = ?`,
		c.Tenant, c.Body.ID).Scan(&n)
	if err == nil && n > limit {
		return 0, ErrTooMany
	}
	return n, err
}

// save writes what is different from before, and an event for each kind of
// difference.
func (c *Change) save(before Ticket) error {
	if c.State != before.State {
		if len(c.Timeline) >= maxSteps {
			return ErrTooMany
		}
		step := deskapi.Step{State: c.State, At: at(ms(c.At)), By: c.By}
		_, err := c.tx.ExecContext(c.ctx, `INSERT INTO steps (tenant, ticket, n, state, at, by) VALUES (?, ?, ?, ?, ?, ?)`,
			c.Tenant, c.Body.ID, len(c.Timeline)+1, step.State, ms(step.At), step.By)
		if err != nil {
			return fmt.Errorf("timeline: %w", err)
		}
		c.Timeline = append(slices.Clone(c.Timeline), step)
		c.told = append(c.told, told{kind: "state"})
	}
	if c.Agent != before.Agent {
		c.told = append(c.told, told{kind: "agent"})
	}
	if c.Priority != before.Priority || !same(c.Due, before.Due) || !same(c.Met, before.Met) {
		c.told = append(c.told, told{kind: "deadline"})
	}
	if len(c.told) == 0 {
		return nil
	}
	first := c.Seq + 1
	c.Seq += int64(len(c.told))
	_, err := c.tx.ExecContext(c.ctx, `UPDATE tickets SET priority = ?, state = ?, agent = ?, clock_from = ?, due = ?, met_at = ?, seq = ?
		WHERE tenant = ? AND id = ?`, c.Priority, c.State, c.Agent, ms(c.Clock), msOrNull(c.Due), msOrNull(c.Met), c.Seq,
		c.Tenant, c.Body.ID)
	if err != nil {
		return err
	}
	for i, what := range c.told {
		if err := c.tell(first+int64(i), what); err != nil {
			return fmt.Errorf("event: %w", err)
		}
	}
	return nil
}

func (c *Change) tell(seq int64, what told) error {
	status := c.Status(at(ms(c.At)))
	status.Seq = seq
	body, err := json.Marshal(status)
	if err != nil {
		return err
	}
	_, err = c.tx.ExecContext(c.ctx, `INSERT INTO events (tenant, ticket, seq, kind, at, message, status) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		c.Tenant, c.Body.ID, seq, what.kind, ms(c.At), sql.NullString{String: what.message, Valid: what.message != ""}, string(body))
	return err
}

func same(a, b *time.Time) bool {
	return (a == nil) == (b == nil) && (a == nil || ms(*a) == ms(*b))
}

func (s *Store) changed(tenant, ticket string) {
	if s.Changed != nil {
		s.Changed(tenant, ticket)
	}
}

// Events returns a ticket's events after the one numbered after, in order, at
// most 500 at once.
func (s *Store) Events(ctx context.Context, tenant, ticket string, after int64) ([]deskapi.Event, error) {
	var out []deskapi.Event
	err := each(ctx, s.readers, func(r *sql.Rows) error {
		e := deskapi.Event{Ticket: ticket}
		var when int64
		var status string
		var id, sender, name, text sql.NullString
		var said sql.NullInt64
		err := r.Scan(&e.Seq, &e.Kind, &when, &status, &id, &said, &sender, &name, &text)
		if err != nil {
			return err
		}
		e.At = at(when)
		if id.Valid {
			e.Message = &deskapi.Message{ID: id.String, At: at(said.Int64), From: sender.String, Name: name.String, Text: text.String}
		}
		err = json.Unmarshal([]byte(status), &e.Status)
		out = append(out, e)
		return err
	}, `SELECT e.seq, e.kind, e.at, e.status, m.id, m.at, m.sender, m.name, m.text
		FROM events e LEFT JOIN messages m ON m.tenant = e.tenant AND m.ticket = e.ticket AND m.id = e.message
		WHERE e.tenant = ? AND e.ticket = ? AND e.seq > ? ORDER BY e.seq LIMIT 500`, tenant, ticket, after)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return out, nil
}

// QueueEvent is a change somewhere in the queue; N orders them all.
type QueueEvent struct {
	N int64
	deskapi.QueueEvent
}

// QueueEvents returns the changes after the one numbered after, at most 500.
func (s *Store) QueueEvents(ctx context.Context, tenant string, after int64) ([]QueueEvent, error) {
	var out []QueueEvent
	err := each(ctx, s.readers, func(r *sql.Rows) error {
		var e QueueEvent
		err := r.Scan(&e.N, &e.Ticket, &e.Seq, &e.Kind)
		if e.Seq == 1 {
			e.Kind = "new"
		}
		out = append(out, e)
		return err
	}, `SELECT n, ticket, seq, kind FROM events WHERE n > ? AND tenant = ? ORDER BY n LIMIT 500`, after, tenant)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return out, nil
}

// LastEvent is the number of the newest change in the queue, 0 if there is none.
func (s *Store) LastEvent(ctx context.Context, tenant string) (n int64, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT coalesce(max(n), 0) FROM events WHERE tenant = ?`, tenant).Scan(&n)
	return n, err
}
