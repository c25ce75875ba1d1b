package snapshot

import "raisehand/capture/report"

// Equipment is the test of microphone, loudspeaker and camera that a person
// does by themself, without a request.
type Equipment struct {
	Class   []string `json:"class,omitempty"`   // class apps that run, by the name of their word: "@app.zoom"
	Assumed bool     `json:"assumed,omitempty"` // nobody could say whether a class runs: one is assumed
	Waiting bool     `json:"waiting,omitempty"` // a request's examination has the devices first
	Tools   []Tool   `json:"tools"`             // microphone, loudspeaker, camera: fixed from the first moment
}

// InClass says whether a class runs, or must be assumed to.
func (e Equipment) InClass() bool { return e.Assumed || len(e.Class) > 0 }

// Tool is one thing that is tested.
type Tool struct {
	Check   string         `json:"check"` // "mic", "speaker", "camera"
	Devices []Device       `json:"devices,omitempty"`
	Device  string         `json:"device,omitempty"` // the one chosen; empty: the one in use
	Doing   Doing          `json:"doing,omitempty"`
	Result  *report.Result `json:"result,omitempty"` // the newest verdict; nil: none yet
	Setting bool           `json:"setting,omitempty"`
}

// Chosen is the device that is tested, false before it is known.
func (t Tool) Chosen() (Device, bool) {
	for _, d := range t.Devices {
		if t.Device == d.ID || t.Device == "" && d.Default {
			return d, true
		}
	}
	return Device{}, false
}

// Doing is what happens with a tool just now.
type Doing string

// What may happen with a tool.
const (
	Resting   Doing = ""          // nothing: the verdict stands
	Looking   Doing = "looking"   // a probe looks, no verdict yet
	Live      Doing = "live"      // the level or the picture is shown as it is
	Recording Doing = "recording" // the person's voice, three seconds
	Playing   Doing = "playing"   // the voice, or the sound
	Asking    Doing = "asking"    // did you hear it?
)

// Device is something to choose.
type Device struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Default bool   `json:"default,omitempty"`
}

// Tool returns the one for a check, nil if there is none.
func (e *Equipment) Tool(check string) *Tool {
	if e == nil {
		return nil
	}
	for i := range e.Tools {
		if e.Tools[i].Check == check {
			return &e.Tools[i]
		}
	}
	return nil
}
