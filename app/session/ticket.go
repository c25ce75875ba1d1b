package session

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// openTicket shows one ticket; its messages count as seen once they are on the
// screen.
func (s *Session) openTicket(id string) {
	if s.entry(id) == nil {
		s.Desktop.Open(Window{Name: "tickets"})
		return
	}
	s.Desktop.Open(Window{Name: "ticket", Ticket: id})
}

func (s *Session) entry(id string) *uploader.Entry {
	for i := range s.entries {
		if s.entries[i].Ticket.ID == id {
			return &s.entries[i]
		}
	}
	return nil
}

// ticket carries out a verb about one of the person's tickets. All of them go
// through the outbox: said while the desk is away, they arrive when it is back.
func (s *Session) ticket(v snapshot.Verb) {
	if s.entry(v.Ticket) == nil {
		return
	}
	var err error
	switch v.Do {
	case snapshot.Draft:
		err = s.Box.Draft(v.Ticket, clip(v.Text, deskapi.MaxMessageRunes))
	case snapshot.Say:
		err = s.say(v.Ticket, v.Text)
	case snapshot.Solve:
		err = s.Box.AddState(v.Ticket, deskapi.Solved)
	case snapshot.Withdraw:
		err = s.Box.AddState(v.Ticket, deskapi.Withdrawn)
	case snapshot.Seen:
		s.seen(v.Ticket)
	case snapshot.TakePicture:
		s.takeLater(v.Ticket)
	case snapshot.SendPicture:
		err = s.sendLater(v.Ticket, v.On)
	}
	if err != nil {
		s.notice = keepProblem(err)
	}
	s.Post.Kick()
	s.reload()
}

func (s *Session) say(id, text string) error {
	if text == "" {
		return nil
	}
	m := deskapi.NewMessage{ID: uuid.NewString(), Text: clip(text, deskapi.MaxMessageRunes)}
	if err := s.Box.AddMessage(id, m); err != nil {
		return err
	}
	return s.Box.Draft(id, "")
}

// seen: the messages so far have been on the screen.
func (s *Session) seen(id string) {
	e := s.entry(id)
	if e == nil || e.Status == nil || e.SeenSeq == int64(len(e.Status.Messages)) {
		return
	}
	s.Box.Seen(id, int64(len(e.Status.Messages)))
	s.entries = s.Box.Entries()
}

// takeLater takes another screenshot for an open ticket. It stays in memory
// until the person has seen it and said yes.
func (s *Session) takeLater(id string) {
	if s.Screen == nil {
		s.notice = &snapshot.Notice{Code: "screen.no_display"}
		return
	}
	delete(s.later, id)
	go s.Screen(s.ctx, func(l capture.Line) {
		s.post(func() {
			switch {
			case l.Picture != nil && l.Picture.Name == "thumb.png":
				s.frame(snapshot.Frame{Of: "new_picture", Ticket: id, Image: l.Picture.Data})
			case l.Picture != nil:
				s.later[id] = append(s.later[id], *l.Picture)
			case l.Result != nil && l.Result.Code != "screen.ok":
				s.notice = &snapshot.Notice{Code: l.Result.Code, Params: l.Result.Params}
			}
			s.publish()
		})
	})
	time.AfterFunc(pictureAge, func() { s.post(func() { delete(s.later, id); s.publish() }) })
}

func (s *Session) sendLater(id string, yes bool) error {
	pics := s.later[id]
	delete(s.later, id)
	s.noFrame("new_picture", id)
	if !yes {
		return nil
	}
	at := time.Now().Format("150405")
	for i, p := range pics {
		f := uploader.File{Name: fmt.Sprintf("screen-%s-%d.png", at, i+1), Type: p.Type, Data: p.Data}
		if err := s.Box.AddFile(id, f); err != nil {
			return err
		}
	}
	return nil
}
