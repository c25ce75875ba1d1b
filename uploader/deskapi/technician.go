package deskapi

import (
	"encoding/json"
	"time"

	"raisehand/capture/report"
)

// Me is a signed-in technician.
type Me struct {
	Name string `json:"name"`
	Role string `json:"role"` // "technician" or "admin"
	CSRF string `json:"csrf"` // goes into X-CSRF-Token on everything but GET
	Team string `json:"team"` // the desk's own name
}

// SignIn is a name and its password.
type SignIn struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Queue is what waits, the one that is due first on top.
type Queue struct {
	ServerTime time.Time   `json:"server_time"`
	Tickets    []QueueItem `json:"tickets"`
}

// QueueItem is one line of the queue.
type QueueItem struct {
	Status   Status         `json:"status"` // Messages and Files left empty
	Person   Person         `json:"person"`
	Computer string         `json:"computer"`
	Findings []string       `json:"findings"`         // codes
	Params   map[string]any `json:"params,omitempty"` // for the sentence of the first, once a report has come
	Words    string         `json:"words,omitempty"`  // the first 120 characters
	Unread   int            `json:"unread"`           // messages from the user since the last reply
}

// Page is everything the desk knows of one ticket.
type Page struct {
	Ticket     Ticket          `json:"ticket"`
	Status     Status          `json:"status"`
	ReceivedAt time.Time       `json:"received_at"`
	Reports    []ReportVersion `json:"reports"` // oldest first
}

// ReportVersion is one examination of the computer, as it arrived.
type ReportVersion struct {
	Version int             `json:"version"`
	At      time.Time       `json:"at"`
	Report  json.RawMessage `json:"report"` // a report.Report
}

// SetState moves a ticket.
type SetState struct {
	State State `json:"state"`
}

// SetPriority corrects a ticket's urgency; its deadline is computed anew from
// the time it was received.
type SetPriority struct {
	Priority report.Priority `json:"priority"`
}

// QueueEvent says that a ticket in the queue has changed. The console reads
// the ticket again; the event carries no content.
type QueueEvent struct {
	Ticket string `json:"ticket"`
	Seq    int64  `json:"seq"`
	Kind   string `json:"kind"` // "new", or an Event's kind
}
