// Package deskapi is the wire between a computer and the desk:
// ticket → status ← events, and what each of them means.
package deskapi

import (
	"time"

	"raisehand/capture/report"
)

// Limits of the wire. The desk refuses more, the app does not send more.
const (
	MaxTicketBytes  = 4 << 10  // the ticket itself, so that it fits through any network
	MaxWords        = 600      // characters of words in the ticket; longer words go on as an attachment
	MaxFileBytes    = 25 << 20 // one attachment
	MaxReportBytes  = 1 << 20  // one report version
	MaxMessageRunes = 4000     // one message
)

// Schema is the version of the ticket's fields.
const Schema = 1

// Ticket is a request for help. It is small, and never changes once accepted:
// its ID (UUIDv7, made on the computer) is its idempotency key everywhere.
type Ticket struct {
	Schema    int             `json:"schema"`
	ID        string          `json:"id"`
	CreatedAt time.Time       `json:"created_at"` // UTC, by the computer's own clock
	Person    Person          `json:"person"`
	Computer  string          `json:"computer"` // its name, as the school's IT knows it
	Lang      string          `json:"lang"`     // "en" or "zh": what the person reads
	Priority  report.Priority `json:"priority"`
	Proposed  report.Priority `json:"proposed,omitempty"` // what the computer proposed
	Reason    string          `json:"reason,omitempty"`   // a code: why it proposed that
	Findings  []string        `json:"findings"`           // codes, the likeliest cause first
	Words     string          `json:"words,omitempty"`    // the person's own, never redacted
	Consent   Consent         `json:"consent"`
	App       string          `json:"app"` // version of raisehand
}

// Person is who asks.
type Person struct {
	Role string `json:"role,omitempty"` // "teacher" or "student"
	Name string `json:"name,omitempty"`
	Room string `json:"room,omitempty"` // room or class
}

// Consent records what the person agreed to, and when.
type Consent struct {
	At      time.Time `json:"at"`
	Wording string    `json:"wording"` // the notice's version, "2026-11 zh": which words they saw
	How     string    `json:"how"`     // "first_start", "terminal" (--yes), "policy"
}

// State is where a ticket stands.
type State string

const (
	Queued      State = "queued" // still on this computer; the desk does not know it
	Received    State = "received"
	Assigned    State = "assigned"
	InProgress  State = "in_progress"
	WaitingUser State = "waiting_user"
	Solved      State = "solved"
	Withdrawn   State = "withdrawn"
)

// Open says whether someone still has to act.
func (s State) Open() bool { return s != Solved && s != Withdrawn }

// Deadline is when the first response is due. A ticket without a known
// deadline has none: no countdown is shown.
type Deadline struct {
	Due    time.Time  `json:"response_due"`     // UTC, by the desk's clock
	Source string     `json:"deadline_source"`  // "local": computed by our desk; "helpdesk": by the school's own
	Paused bool       `json:"paused"`           // the clock stands still (waiting for the user)
	MetAt  *time.Time `json:"met_at,omitempty"` // first reply, or work begun
}

// Step is one line of the timeline.
type Step struct {
	State State     `json:"state"`
	At    time.Time `json:"at"`
	By    string    `json:"by,omitempty"`
}

// Message is one thing said about a ticket.
type Message struct {
	ID   string    `json:"id"`   // made by the sender: sending it twice says it once
	At   time.Time `json:"at"`   // by the desk's clock
	From string    `json:"from"` // "user" or "technician"
	Name string    `json:"name,omitempty"`
	Text string    `json:"text"`
}

// Status is a ticket as its owner sees it.
type Status struct {
	ID         string          `json:"id"`
	Number     int64           `json:"number"` // the one people say aloud
	Priority   report.Priority `json:"priority"`
	State      State           `json:"state"`
	Deadline   *Deadline       `json:"deadline,omitempty"`
	Agent      string          `json:"agent,omitempty"` // who has it
	Timeline   []Step          `json:"timeline"`
	Messages   []Message       `json:"messages"`
	Files      []FileInfo      `json:"files"`
	Seq        int64           `json:"seq"`         // number of the last event counted in; the ETag
	ServerTime time.Time       `json:"server_time"` // when the desk said this
}

// Event is one change to a ticket. Seq counts from 1 within the ticket without
// gaps; it is the id of the server-sent event.
type Event struct {
	Seq     int64     `json:"seq"`
	Ticket  string    `json:"ticket"`
	Kind    string    `json:"kind"` // "state", "agent", "message", "deadline", "file", "report"
	At      time.Time `json:"at"`
	Message *Message  `json:"message,omitempty"` // for kind "message"
	Status  Status    `json:"status"`            // as it stands at this event, with Messages and Files left empty
}

// Apply returns the status after e. Events that are already counted in change
// nothing, so a doubled event is harmless.
func (s Status) Apply(e Event) Status {
	if e.Seq <= s.Seq {
		return s
	}
	next := e.Status
	next.Seq = e.Seq
	next.Files = s.Files
	next.Messages = s.Messages
	if e.Message != nil && !s.has(e.Message.ID) {
		next.Messages = append(append([]Message(nil), s.Messages...), *e.Message)
	}
	return next
}

func (s Status) has(message string) bool {
	for _, m := range s.Messages {
		if m.ID == message {
			return true
		}
	}
	return false
}

// FileInfo names an attachment.
type FileInfo struct {
	Name   string `json:"name"` // "screen-1.png", "report-1.json", "words.txt"
	Type   string `json:"type"` // media type; the desk keeps its own short list
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // lower-case hex; its address under /v1/blobs/
}

// Enrol is what a new computer says, once.
type Enrol struct {
	Key      string `json:"key"`      // the enrolment key that the school's IT gave it
	Computer string `json:"computer"` // its name
	OS       string `json:"os"`       // "linux", "windows", "darwin"
}

// Enrolled is the desk's answer: how this computer speaks from now on.
type Enrolled struct {
	Device     string  `json:"device"`      // this computer's number at the desk
	Token      string  `json:"token"`       // secret: sent as "Authorization: Bearer …"
	SigningKey string  `json:"signing_key"` // secret: signs tickets that travel as a QR code
	Contact    Contact `json:"contact"`
}

// Contact says who receives tickets, and how else to reach them.
type Contact struct {
	Name  string `json:"name"`            // "信息中心"
	Phone string `json:"phone,omitempty"` //
	Mail  string `json:"mail,omitempty"`
	Chat  string `json:"chat,omitempty"` // a link
}

// NewMessage is what a person or a technician sends.
type NewMessage struct {
	ID   string `json:"id"` // UUID made by the sender
	Text string `json:"text"`
}

// Problem is an error in the form of RFC 9457. Code is ours: the app turns it
// into a sentence in the person's language.
type Problem struct {
	Type   string `json:"type,omitempty"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code,omitempty"` // "desk.key_wrong", "desk.token_unknown", "desk.ticket_changed", "desk.too_large"
}
