package snapshot

import (
	"encoding/json"
	"fmt"
	"io"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// Verb is one thing a person asked for through a face.
type Verb struct {
	Do       string          `json:"do"`
	Ticket   string          `json:"ticket,omitempty"`   // its ID, where the verb is about one
	Text     string          `json:"text,omitempty"`     // words, a message, a language, a check's name
	Priority report.Priority `json:"priority,omitempty"` //
	On       bool            `json:"on,omitempty"`       // a tick
	Device   string          `json:"device,omitempty"`   // PickDevice: a Device's ID
	Logs     bool            `json:"logs,omitempty"`     // HelpNow: with the logs
	Ask      bool            `json:"ask,omitempty"`      // HelpNow: show what goes, and wait for Send
	Person   *deskapi.Person `json:"person,omitempty"`   //
}

// The verbs.
const (
	Tap          = "tap"           // a click on the icon itself: what matters now, a new request if nothing does
	GetHelp      = "get_help"      // open a request, or bring the open one forward
	HelpNow      = "help_now"      // Ticket: its ID to be, Text: words, Priority, On: with screenshot, Person: the whole job without a form, asked in a terminal with --yes
	Touch        = "touch"         // a key or a click in the form: the hold stops, only Send sends
	SetWords     = "set_words"     // Text: the words typed so far
	SetPriority  = "set_priority"  // Priority
	TickPicture  = "tick_picture"  // On
	TickLogs     = "tick_logs"     // On: gather the logs and send them with the request; off: forget them
	Retry        = "retry"         // Text: the check to run again
	OpenSetting  = "open_setting"  // Text: the check whose settings page to open; changes nothing by itself
	Send         = "send"          // send now
	DontSend     = "dont_send"     // take it back: nothing leaves the computer
	Introduce    = "introduce"     // Person: who I am; On: I agree to the notice
	SetLang      = "set_lang"      // Text: "en" or "zh"
	OpenWelcome  = "open_welcome"  // windows
	OpenTickets  = "open_tickets"  //
	OpenTicket   = "open_ticket"   // Ticket
	OpenAbout    = "open_about"    //
	OpenArticle  = "open_article"  // Text: the article's name; empty: the list of all
	Show         = "show"          // a second start: bring forward what matters now
	Draft        = "draft"         // Ticket, Text: typed but not sent
	Say          = "say"           // Ticket, Text: a message to the people who help
	TakePicture  = "take_picture"  // Ticket: a new screenshot, shown before it is sent
	SendPicture  = "send_picture"  // Ticket, On: send the new screenshot, or throw it away
	Solve        = "solve"         // Ticket: it works again
	Withdraw     = "withdraw"      // Ticket: no longer needed
	Seen         = "seen"          // Ticket: its messages are on the screen
	NoticeClosed = "notice_closed" // the notice has been read; Text "no_tray": the hint about the missing tray
	Quit         = "quit"          //

	// The equipment test; Text: "mic", "speaker" or "camera".
	OpenEquipment  = "open_equipment"  //
	CloseEquipment = "close_equipment" // every probe ends, every device is free
	PickDevice     = "pick_device"     // Text, Device: its ID; empty: the one that is in use
	TestAgain      = "test_again"      // Text
	RecordVoice    = "record_voice"    // record three seconds, then play them
	PlaySound      = "play_sound"      // a short sound from the loudspeaker
	HeardSound     = "heard_sound"     // On: yes, it was heard
)

// Message is one line between the session and a face outside its process.
// To the face: Snapshot, Frame, Level, Text, Show or Raise. From the face: Verb or
// Shown.
type Message struct {
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	Frame    *Frame    `json:"frame,omitempty"`
	Level    *Level    `json:"level,omitempty"`
	Text     *Text     `json:"text,omitempty"`
	Show     bool      `json:"show,omitempty"`  // a window started with --hidden may appear: the screenshot has been taken
	Raise    bool      `json:"raise,omitempty"` // bring the window forward: it was asked for again
	Verb     *Verb     `json:"verb,omitempty"`
	Shown    bool      `json:"shown,omitempty"` // the window stands on the screen
}

// Frame is a picture, at most 320×180, at most 10 a second, the newest wins.
type Frame struct {
	Of     string `json:"of"`               // "screen": the screenshot's thumbnail; "new_picture": the one taken later; "camera": what the camera sees
	Ticket string `json:"ticket,omitempty"` //
	Image  []byte `json:"image"`            // PNG or JPEG
}

// Text is a file that would go with the request, as it would go: redacted
// already. Its name stands among Outgoing's files for as long as it would.
type Text struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Level is what the microphone hears just now.
type Level struct {
	DBFS float64 `json:"dbfs"`
}

// MaxLine bounds one message: a face that sends more is cut off.
const MaxLine = 4 << 20

// Read decodes messages from r, one JSON value a line, and hands each to do
// until r ends or a line is not a message.
func Read(r io.Reader, do func(Message)) error {
	d := json.NewDecoder(r)
	for {
		var m Message
		if err := d.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read message: %w", err)
		}
		do(m)
	}
}

// Write encodes one message as a line.
func Write(w io.Writer, m Message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
