package session

import (
	"net/url"
	"slices"
	"time"

	"raisehand/app/snapshot"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// publish makes a new Snapshot and hands it to every face.
func (s *Session) publish() {
	s.letGo() // an equipment test may have waited for an examination's end
	s.seq++
	snap := s.snapshot()
	s.mu.Lock()
	s.last, s.lastAt = snap, time.Now()
	faces := make([]*Face, 0, len(s.faces))
	for f := range s.faces {
		faces = append(faces, f)
	}
	s.mu.Unlock()
	for _, f := range faces {
		f.put(snapshot.Message{Snapshot: &snap})
	}
	s.arm(snap)
}

// arm sets the timer to the next moment at which something changes by itself:
// a minute of a countdown, or its end. With nothing open there is none, and
// the process sleeps.
func (s *Session) arm(snap snapshot.Snapshot) {
	next := time.Duration(0)
	for _, t := range snap.Tickets {
		if t.Left == nil {
			continue
		}
		wait := time.Minute
		if *t.Left > 0 && *t.Left < time.Minute {
			wait = *t.Left + 50*time.Millisecond
		}
		if next == 0 || wait < next {
			next = wait
		}
	}
	s.timer.Stop()
	if next > 0 {
		s.timer.Reset(next)
	}
}

func (s *Session) snapshot() snapshot.Snapshot {
	snap := snapshot.Snapshot{
		Seq: s.seq, Lang: s.lang, Me: s.merge(s.me), Guess: s.Guess,
		Consent: !s.consent.At.IsZero(), Contact: s.contact(),
		Desk:   snapshot.DeskState{URL: s.Settings.Text("desk_url"), Code: s.deskCode},
		NoTray: s.NoTray, Notice: s.notice, Version: s.Version,
	}
	for _, key := range []string{"role", "name", "room", "lang"} {
		if s.Settings.Fixed(key) {
			snap.Fixed = append(snap.Fixed, key)
		}
	}
	for _, e := range s.entries {
		snap.Tickets = append(snap.Tickets, s.ticketView(e))
	}
	if s.help != nil {
		h := s.help.Help
		h.Rows = slices.Clone(h.Rows)
		if h.Hold != nil {
			h.Hold = &snapshot.Hold{Total: h.Hold.Total, Left: max(0, time.Until(s.help.holdEnds))}
		}
		h.Outgoing = s.outgoing(s.help)
		snap.Help = &h
	}
	if s.equipment != nil {
		e := s.equipment.Equipment
		e.Tools = slices.Clone(e.Tools)
		snap.Equipment = &e
	}
	snap.State = state(snap)
	return snap
}

// state is what the icon says.
func state(s snapshot.Snapshot) snapshot.State {
	if s.Help != nil {
		for _, r := range s.Help.Rows {
			if r.Running {
				return snapshot.Checking
			}
		}
	}
	t := s.Active()
	switch {
	case t == nil:
		return snapshot.Idle
	case t.Status.State == deskapi.Queued:
		if t.Code != "" {
			return snapshot.Offline
		}
		return snapshot.Waiting
	case t.Left != nil && *t.Left < 0:
		return snapshot.Overdue
	case t.Status.Deadline != nil && t.Status.Deadline.MetAt != nil:
		return snapshot.Answered
	}
	return snapshot.Waiting
}

// ticketView is one ticket as a face sees it.
func (s *Session) ticketView(e uploader.Entry) snapshot.Ticket {
	t := snapshot.Ticket{
		Words: e.Ticket.Words, Draft: e.Draft, Pending: e.Pending, Code: e.Code,
		Sent: e.Sent, CreatedAt: e.Ticket.CreatedAt, Fresh: s.fresh[e.Ticket.ID],
	}
	if e.Report != nil {
		t.Findings = e.Report.Findings
	}
	t.Outgoing = &snapshot.Outgoing{Ticket: e.Ticket, Report: e.Report, Files: e.Sent, To: s.receiver()}
	if e.Status == nil {
		t.Status = deskapi.Status{ID: e.Ticket.ID, Priority: e.Ticket.Priority, State: deskapi.Queued}
		if e.Refused != nil {
			t.Refused, t.Code = true, "desk.refused"
			if e.Refused.Code != "" {
				t.Code = e.Refused.Code
			}
		}
	} else {
		t.Status = *e.Status
		t.Unread = unread(e.Status.Messages, int(e.SeenSeq))
		t.Left, t.Total = s.left(*e.Status)
	}
	for _, m := range e.Unsent { // said already, only not yet heard: without a time
		t.Status.Messages = append(slices.Clone(t.Status.Messages), deskapi.Message{ID: m.ID, From: "user", Text: m.Text})
	}
	if pics := s.later[e.Ticket.ID]; len(pics) > 0 {
		t.NewPictures = []snapshot.Picture{*picture(pics)}
	}
	return t
}

func unread(messages []deskapi.Message, seen int) (n int) {
	for i, m := range messages {
		if i >= seen && m.From == "technician" {
			n++
		}
	}
	return n
}

// left is the time until the response is due by the desk's clock, and the
// whole time there was. No deadline, paused or met: no countdown.
func (s *Session) left(st deskapi.Status) (*time.Duration, time.Duration) {
	d := st.Deadline
	if d == nil || d.Due.IsZero() {
		return nil, 0
	}
	total := time.Duration(0)
	if len(st.Timeline) > 0 {
		total = d.Due.Sub(st.Timeline[0].At)
	}
	if d.Paused || d.MetAt != nil || !st.State.Open() {
		return nil, total
	}
	left := d.Due.Sub(s.Desk.Client.Now())
	return &left, total
}

// contact says who receives tickets: what the school has set, then what the
// desk says of itself.
func (s *Session) contact() deskapi.Contact {
	c := s.Desk.Contact()
	for key, field := range map[string]*string{"contact_name": &c.Name, "contact_phone": &c.Phone, "contact_mail": &c.Mail, "contact_chat": &c.Chat} {
		if v := s.Settings.Text(key); v != "" {
			*field = v
		}
	}
	return c
}

// receiver names who receives a request; before this computer is known to the
// desk, its address is all there is.
func (s *Session) receiver() string {
	if name := s.contact().Name; name != "" {
		return name
	}
	u, err := url.Parse(s.Settings.Text("desk_url"))
	if err != nil {
		return ""
	}
	return u.Host
}

// Snapshot returns the newest one.
func (s *Session) Snapshot() snapshot.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
