// Package said is what the micro-VM's guest tells the test outside, one line of
// JSON for each case.
package said

import "raisehand/capture"

// Mark begins a guest's line, so that the kernel's own words are not taken for
// one.
const Mark = "@case "

// Case is what a probe said about a camera in one state.
type Case struct {
	Case         string         `json:"case"`
	Lines        []capture.Line `json:"lines"`
	HolderFrames int            `json:"holder_frames,omitempty"` // that the camera's holder still got afterwards
	Touched      bool           `json:"touched,omitempty"`       // the camera's settings are not what they were
	Pictures     int            `json:"pictures,omitempty"`      // shown live
	ShownMS      int64          `json:"shown_ms,omitempty"`      // from the start to the last of them
	Preview      []byte         `json:"preview,omitempty"`       // the last of them
	Held         bool           `json:"held,omitempty"`          // a process still has a camera after the end
	Trouble      string         `json:"trouble,omitempty"`       // the case could not be set up
}
