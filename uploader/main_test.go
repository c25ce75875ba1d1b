package uploader

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// scratch lives as long as the tests.
var scratch string

// TestMain also plays the part of the process that is killed.
func TestMain(m *testing.M) {
	if home := os.Getenv("UPLOADER_TEST_HOME"); home != "" {
		if err := sendEverything(home); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		return
	}
	var err error
	if scratch, err = os.MkdirTemp("", "uploader"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// What the killed process sends.
var killedID = cmp.Or(os.Getenv("UPLOADER_TEST_ID"), newTicket(report.P0).ID)

var killedFiles = []File{
	{"screen-1.png", "image/png", bytes.Repeat([]byte("png"), 700_000)}, // three pieces
	{"words.txt", "text/plain", []byte("麦克风没有声音")},
}

func killedParcel() Parcel {
	t := newTicket(report.P0)
	t.ID, t.CreatedAt = killedID, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	return Parcel{Ticket: t, Report: &report.Report{Schema: 1, Reason: "first"}, Files: killedFiles}
}

// steps are what the process does one after the other; each is durable once
// its name is printed.
var steps = []struct {
	name string
	do   func(*Outbox) error
}{
	{"put", func(o *Outbox) error { return o.Put(killedParcel()) }},
	{"report", func(o *Outbox) error { return o.AddReport(killedID, report.Report{Schema: 1, Reason: "second"}) }},
	{"message", func(o *Outbox) error {
		return o.AddMessage(killedID, deskapi.NewMessage{ID: killedID, Text: "还在吗"})
	}},
	{"draft", func(o *Outbox) error { return o.Draft(killedID, "打了一半") }},
	{"form", func(o *Outbox) error { return o.SaveForm(json.RawMessage(`{"words":"新的"}`)) }},
}

// sendEverything runs on one thread, so that strace's count of calls is the
// count of steps.
func sendEverything(home string) error {
	runtime.LockOSThread()
	o, err := OpenOutbox(filepath.Join(home, "outbox"))
	if err != nil {
		return err
	}
	for _, s := range steps {
		if err := s.do(o); err != nil {
			return err
		}
		fmt.Println(s.name)
	}
	return drainAll(o, OpenDesk(os.Getenv("UPLOADER_TEST_DESK"), os.Getenv("UPLOADER_TEST_KEY"), filepath.Join(home, "device.json")))
}

// drainAll sends until nothing waits any more.
func drainAll(o *Outbox, d *Desk) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var last error
	p := &Post{Outbox: o, Desk: d, Failed: func(err error) { last = err }}
	p.Changed = func(string) {
		if o.allSent() {
			cancel()
		}
	}
	if !o.allSent() {
		p.Run(ctx)
	}
	if !o.allSent() {
		return fmt.Errorf("not all sent: %w", last)
	}
	return nil
}
