// Package snapshot is all that a face (tray, window, page, terminal) may know,
// and all that it may ask: Snapshot in, Verb out, one JSON value a line.
// It is plain data; whoever holds a Snapshot holds it alone.
package snapshot

import (
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// State is what the tray's icon says.
type State string

const (
	Idle     State = "idle"     // nothing is open
	Checking State = "checking" // an examination runs
	Waiting  State = "waiting"  // a ticket is at the desk, nobody has answered yet
	Answered State = "answered" // somebody works on it
	Overdue  State = "overdue"  // the response deadline has passed without an answer
	Offline  State = "offline"  // a ticket waits on this computer for the network
)

// Snapshot is the whole app at one moment.
type Snapshot struct {
	Seq       uint64          `json:"seq"`  // grows with every change
	Lang      string          `json:"lang"` // "en" or "zh"
	State     State           `json:"state"`
	Me        deskapi.Person  `json:"me"`
	Guess     deskapi.Person  `json:"guess"`               // what the system says of who sits here, for the first start
	Fixed     []string        `json:"fixed,omitempty"`     // which of "role", "name", "room", "lang" the school has set
	Consent   bool            `json:"consent"`             // the notice has been agreed to; without it nothing is sent by itself
	Contact   deskapi.Contact `json:"contact"`             // who receives tickets
	Desk      DeskState       `json:"desk"`                // how the desk answers
	Help      *Help           `json:"help,omitempty"`      // the open request, nil when there is none
	Equipment *Equipment      `json:"equipment,omitempty"` // the equipment test, nil while nobody tests
	Tickets   []Ticket        `json:"tickets,omitempty"`   // own tickets, newest first
	NoTray    bool            `json:"no_tray,omitempty"`   // there is no place for the icon: say where Raisehand is
	Notice    *Notice         `json:"notice,omitempty"`    // one sentence for the person, the newest only
	Version   string          `json:"version"`             // of the app
}

// DeskState says how the desk answered last.
type DeskState struct {
	URL  string `json:"url,omitempty"`
	Code string `json:"code,omitempty"` // empty: it answers; otherwise a word code: "desk.unreachable", "desk.key_wrong", …
}

// Notice is a sentence: a code of assets/words with its parameters.
type Notice struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
}

// Phase is where a request for help stands.
type Phase string

const (
	Examining Phase = "examining" // checks run; the hold counts down beside them when consent was given
	Form      Phase = "form"      // the person has touched the form: only Send sends
	Sending   Phase = "sending"   // on its way into the outbox
	Refused   Phase = "refused"   // could not be kept or was refused; Problem says why; nothing typed is lost
)

// Help is an open request for help.
type Help struct {
	ID          string           `json:"id"` // the ticket's ID, once sent
	Phase       Phase            `json:"phase"`
	Rows        []Row            `json:"rows"` // fixed from the first moment: the checks there are, in the order they are read
	Findings    []report.Finding `json:"findings"`
	Done        bool             `json:"done"` // every row has its verdict
	Proposed    report.Priority  `json:"proposed"`
	Reason      string           `json:"reason,omitempty"` // a code: why
	Chosen      report.Priority  `json:"chosen,omitempty"` // empty: not chosen, the proposal stands
	Words       string           `json:"words"`
	Hold        *Hold            `json:"hold,omitempty"` // nil: nothing is sent by itself
	Picture     *Picture         `json:"picture,omitempty"`
	WithPicture bool             `json:"with_picture"` // the tick
	Logs        *Logs            `json:"logs,omitempty"`
	WithLogs    bool             `json:"with_logs"` // the tick
	Outgoing    *Outgoing        `json:"outgoing,omitempty"`
	Problem     *Notice          `json:"problem,omitempty"`
}

// Priority is the one that will be sent.
func (h Help) Priority() report.Priority {
	if h.Chosen != "" {
		return h.Chosen
	}
	return h.Proposed
}

// Row is one line of the form.
type Row struct {
	Check     string         `json:"check"`
	Running   bool           `json:"running"`
	Result    *report.Result `json:"result,omitempty"`     // the verdict (so far, while Running)
	Setting   bool           `json:"setting,omitempty"`    // this desktop has a settings page for it
	StartedMS int64          `json:"started_ms,omitempty"` // how long it has been running
}

// Hold is the time during which "Don't send" still takes it back.
type Hold struct {
	Left  time.Duration `json:"left_ns"` // at the moment of this snapshot; count down on a monotonic clock
	Total time.Duration `json:"total_ns"`
}

// Picture is the screenshot taken at the click. Its thumbnail travels as a
// Frame.
type Picture struct {
	Displays int `json:"displays"`
	Width    int `json:"width"`  // of all displays' pictures together, pixels
	Height   int `json:"height"` //
	Bytes    int `json:"bytes"`
}

// Logs are what programs wrote down, gathered when it was ticked. Each file's
// text travels as a Text.
type Logs struct {
	Running bool `json:"running,omitempty"` // more may come
	Files   int  `json:"files"`
	Bytes   int  `json:"bytes"`
}

// Outgoing is everything that will be sent (or was), as it will be sent:
// redacted already.
type Outgoing struct {
	Ticket deskapi.Ticket     `json:"ticket"`
	Report *report.Report     `json:"report,omitempty"`
	Files  []deskapi.FileInfo `json:"files,omitempty"`
	To     string             `json:"to"` // who receives it
}

// Ticket is one of the person's own tickets.
type Ticket struct {
	Status      deskapi.Status     `json:"status"`
	Words       string             `json:"words,omitempty"`
	Findings    []report.Finding   `json:"findings,omitempty"`
	Left        *time.Duration     `json:"left_ns,omitempty"` // until the response is due, at this snapshot; negative: overdue; nil: no deadline, paused or met
	Total       time.Duration      `json:"total_ns"`          // the whole time from received to due, for the ring
	Draft       string             `json:"draft,omitempty"`   // typed, not yet sent
	Unread      int                `json:"unread"`            // messages since the window was last open
	Pending     int                `json:"pending"`           // things that still wait on this computer
	Refused     bool               `json:"refused,omitempty"` // the desk will not take it; Code says why
	Fresh       bool               `json:"fresh,omitempty"`   // the desk has spoken of it since the app started
	Code        string             `json:"code,omitempty"`    // why it waits: "desk.unreachable", …
	Sent        []deskapi.FileInfo `json:"sent,omitempty"`    // what was sent
	Outgoing    *Outgoing          `json:"outgoing,omitempty"`
	CreatedAt   time.Time          `json:"created_at"`
	NewPictures []Picture          `json:"new_pictures,omitempty"` // taken later, waiting for the person's yes
}

// Later is the same snapshot some time after it was made: every countdown has
// gone on.
func (s Snapshot) Later(by time.Duration) Snapshot {
	s.Tickets = append([]Ticket(nil), s.Tickets...)
	for i, t := range s.Tickets {
		if t.Left != nil {
			left := *t.Left - by
			s.Tickets[i].Left = &left
		}
	}
	if s.Help != nil && s.Help.Hold != nil {
		h := *s.Help
		h.Hold = &Hold{Left: max(0, h.Hold.Left-by), Total: h.Hold.Total}
		s.Help = &h
	}
	return s
}

// Active is the ticket that the icon and the tooltip speak of: the open one
// that was made last.
func (s Snapshot) Active() *Ticket {
	for i := range s.Tickets {
		if s.Tickets[i].Status.State.Open() {
			return &s.Tickets[i]
		}
	}
	return nil
}

// Find returns the ticket with this ID.
func (s Snapshot) Find(id string) *Ticket {
	for i := range s.Tickets {
		if s.Tickets[i].Status.ID == id {
			return &s.Tickets[i]
		}
	}
	return nil
}
