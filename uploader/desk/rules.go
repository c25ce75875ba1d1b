package desk

import (
	"net/http"
	"time"

	"raisehand/uploader/desk/sla"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

// notNow is a move that a ticket in its state cannot make.
var notNow = refusal{Code: "desk.not_now", Status: http.StatusConflict}

// due sets the deadline anew from where its clock started.
func due(rules sla.Rules, c *store.Change) {
	c.Due = nil
	if t, ok := rules.Due(c.Priority, c.Clock); ok {
		c.Due = &t
	}
}

// met stops the response clock: a technician's first reply, or work begun.
// Taking a ticket alone does not.
func met(c *store.Change) {
	if c.Met == nil {
		now := c.At
		c.Met = &now
	}
}

// userMoves is a state set by the person who asked for help: solved,
// withdrawn, or "it is not solved after all".
func userMoves(rules sla.Rules, c *store.Change, to deskapi.State) error {
	switch {
	case to == c.State:
	case to == deskapi.Solved && c.State.Open(), to == deskapi.Withdrawn && c.State.Open():
		c.State = to
	case to == deskapi.Received && c.State == deskapi.Solved:
		// Someone has to answer again, so the clock starts again.
		c.State, c.Clock, c.Met = to, c.At, nil
		due(rules, c)
	case to != deskapi.Solved && to != deskapi.Withdrawn && to != deskapi.Received:
		return bad("state: solved, withdrawn or received")
	default:
		return notNow
	}
	return nil
}

// userSays adds the person's message; an answer that was waited for puts the
// ticket back to work.
func userSays(c *store.Change, m deskapi.NewMessage) (said bool, err error) {
	said, err = c.Say(message(m, "user", c.Body.Person.Name, c.At))
	if said && c.State == deskapi.WaitingUser {
		c.State = deskapi.InProgress
	}
	return said, err
}

// technicianTakes puts a name on the ticket. It is seen, not yet answered.
func technicianTakes(c *store.Change, name string) error {
	if !c.State.Open() {
		return notNow
	}
	c.Agent = name
	if c.State == deskapi.Received {
		c.State = deskapi.Assigned
	}
	return nil
}

// technicianSays adds a reply: the first one meets the deadline.
func technicianSays(c *store.Change, m deskapi.NewMessage, name string) (said bool, err error) {
	said, err = c.Say(message(m, "technician", name, c.At))
	if !said || err != nil {
		return said, err
	}
	met(c)
	if c.Agent == "" {
		c.Agent = name
	}
	if c.State == deskapi.Received {
		c.State = deskapi.Assigned
	}
	return true, nil
}

// technicianMoves is a state set in the console.
func technicianMoves(c *store.Change, to deskapi.State, name string) error {
	switch to {
	case deskapi.Received, deskapi.Assigned, deskapi.InProgress, deskapi.WaitingUser, deskapi.Solved:
	default:
		return bad("state: received, assigned, in_progress, waiting_user or solved")
	}
	if c.State == deskapi.Withdrawn {
		return notNow
	}
	if to == c.State {
		return nil
	}
	c.State = to
	if to == deskapi.Received { // given back: nobody has it
		c.Agent = ""
		return nil
	}
	if c.Agent == "" {
		c.Agent = name
	}
	if to == deskapi.InProgress || to == deskapi.Solved {
		met(c)
	}
	return nil
}

func message(m deskapi.NewMessage, from, name string, at time.Time) deskapi.Message {
	return deskapi.Message{ID: m.ID, At: at, From: from, Name: name, Text: m.Text}
}
