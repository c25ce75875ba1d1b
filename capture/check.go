// Package capture finds out what is wrong with this computer:
// checks, each in a killable child process → results → findings → redacted.
package capture

import (
	"context"

	"raisehand/capture/report"
)

// Check answers one question about this computer. Run returns by the
// context's deadline if the driver lets it; the child process it lives in is
// killed if not. Run never panics over missing hardware: a check that could not
// look returns Unknown with its reason.
type Check interface {
	Name() string
	Run(context.Context) report.Result
}

// App is a running program in which a class may be taking place.
type App struct {
	Key  string `json:"key"`  // "tencent_meeting"; its name is the word "app.tencent_meeting"
	PIDs []int  `json:"pids"` // its processes
}

// Situation is what a check must know before it touches anything.
type Situation struct {
	Class        []App  `json:"class,omitempty"`         // class apps that run now
	Browsers     []App  `json:"browsers,omitempty"`      // browsers that run now; in which a class takes place stands in Class too
	ClassAssumed bool   `json:"class_assumed,omitempty"` // the look failed: behave as if a class were running
	Desk         string `json:"desk,omitempty"`          // the desk's address, for its clock
}

// InClass says whether a class is running, or must be assumed to be.
func (s Situation) InClass() bool { return s.ClassAssumed || len(s.Class) > 0 }

// Holder returns the class app that owns process pid.
func (s Situation) Holder(pid int) (App, bool) {
	for _, a := range s.Class {
		for _, p := range a.PIDs {
			if p == pid {
				return a, true
			}
		}
	}
	return App{}, false
}

// Name is the form in which a result's Params carry a word that has a
// translation: Params{"app": capture.Name("app.tencent_meeting")} is shown as
// 腾讯会议 or Tencent Meeting.
func Name(key string) string { return "@" + key }

// Line is what a check says while it runs; one of the fields is set. Lines are
// JSON, one a line, on the probe's standard output; the result is the last.
type Line struct {
	LevelDB   *float64       `json:"level_dbfs,omitempty"` // the microphone just now, dBFS (0 is full scale), at most 10 a second
	Captured  bool           `json:"captured,omitempty"`   // the screen has been read: windows may now cover it
	Interim   *report.Result `json:"interim,omitempty"`    // the verdict so far; the check goes on
	Situation *Situation     `json:"situation,omitempty"`  // from programs, for the other checks
	Facts     map[string]any `json:"facts,omitempty"`      // for Report.Facts
	Picture   *Picture       `json:"picture,omitempty"`    // followed by Picture.Bytes raw bytes
	Devices   []Device       `json:"devices,omitempty"`    // what there is to choose from
	Result    *report.Result `json:"result,omitempty"`
}

// Device is a microphone, loudspeaker or camera of this computer.
type Device struct {
	ID      string `json:"id"`   // the system's own, for Ask.Device
	Name    string `json:"name"` // as the system shows it
	Default bool   `json:"default,omitempty"`
}

// Picture announces an image or, from the logs, a text. Its bytes follow the line at once, on the same
// pipe, so that they never touch the disk.
type Picture struct {
	Name   string `json:"name"` // "screen-1.png", "thumb.png"
	Type   string `json:"type"` // "image/png", "text/plain"
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int    `json:"bytes"`
	Data   []byte `json:"-"`
}
