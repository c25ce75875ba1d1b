package uploader

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

func newTicket(p report.Priority) deskapi.Ticket {
	return deskapi.Ticket{Schema: 1, ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: time.Now().UTC().Truncate(time.Millisecond),
		Person: deskapi.Person{Role: "teacher", Name: "王老师", Room: "三年二班"}, Computer: "pc-1", Lang: "zh", Priority: p,
		Findings: []string{"mic.muted"}, Words: "麦克风没有声音 <&>", App: "test"}
}

func open(t *testing.T, dir string) *Outbox {
	t.Helper()
	o, err := OpenOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsPutIsThereAfterARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	o := open(t, dir)
	a := newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{Schema: 1, Reason: "one"}, Files: []File{{"screen-1.png", "image/png", []byte("png")}}, Outgoing: json.RawMessage(`{"to":"信息中心"}`)}))
	must(t, o.AddReport(a.ID, report.Report{Schema: 1, Reason: "two"}))
	must(t, o.AddFile(a.ID, File{"screen-1.png", "image/png", []byte("other")}))
	must(t, o.AddMessage(a.ID, deskapi.NewMessage{ID: "m1", Text: "还在吗"}))
	must(t, o.AddMessage(a.ID, deskapi.NewMessage{ID: "m1", Text: "还在吗"}))
	must(t, o.Draft(a.ID, "我再试"))
	must(t, o.Seen(a.ID, 4))
	b := newTicket(report.P0)
	must(t, o.Put(Parcel{Ticket: b}))
	must(t, o.Put(Parcel{Ticket: b}))

	o = open(t, dir)
	list := o.Entries()
	if len(list) != 2 || list[0].Ticket.ID != b.ID {
		t.Fatalf("entries: %+v", list)
	}
	e := list[1]
	if e.Pending != 6 || e.Draft != "我再试" || e.SeenSeq != 4 || e.Report.Reason != "two" || string(e.Outgoing) != `{"to":"信息中心"}` {
		t.Errorf("entry: %+v", e)
	}
	if e.Ticket.Words != a.Words || len(e.Unsent) != 1 || e.Waiting[3].Name != "screen-1-2.png" {
		t.Errorf("entry: %+v", e)
	}
	if data, err := o.Data(a.ID, "screen-1-2.png"); err != nil || string(data) != "other" {
		t.Errorf("data %q %v", data, err)
	}
	changed := a
	changed.Words = "other words"
	if err := o.Put(Parcel{Ticket: changed}); err == nil {
		t.Error("a kept ticket was changed")
	}
}

// An older version took a wrong address for the desk's no.
func TestATicketRefusedForTheAddressWaitsAgain(t *testing.T) {
	for state, again := range map[string]bool{
		`{"refused":{"title":"Not found","status":404,"code":"desk.not_found"},"closed":"2026-11-22T08:00:00Z","tried":true}`:                       true,
		`{"refused":{"title":"Not found","status":404,"code":"desk.not_found"},"closed":"2026-09-01T08:00:00Z"}`:                                    true, // older than what is kept
		`{"refused":{"title":"Forbidden","status":403},"closed":"2026-11-22T08:00:00Z"}`:                                                            true,
		`{"refused":{"title":"Unprocessable Entity","status":422,"code":"desk.ticket_changed"},"closed":"` + time.Now().Format(time.RFC3339) + `"}`: false,
	} {
		dir := t.TempDir()
		o := open(t, dir)
		a := newTicket(report.P1)
		must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{Schema: 1}}))
		must(t, os.WriteFile(filepath.Join(dir, a.ID, "state.json"), []byte(state), 0o600))
		o = open(t, dir)
		e, ok := o.Entry(a.ID)
		if !ok || (e.Refused == nil) != again || (e.Pending == 2) != again || again != (len(o.jobs("http://desk")) == 1) {
			t.Errorf("%s: %v %+v", state, ok, e)
		}
		if again {
			must(t, drainAll(o, OpenDesk(serve(t, newFakeDesk()).URL, "k", filepath.Join(t.TempDir(), "device.json"))))
			if e, _ := open(t, dir).Entry(a.ID); e.Status == nil || e.Pending != 0 {
				t.Errorf("%s: after sending: %+v", state, e)
			}
		}
	}
}

func TestHalfWrittenTicketsAreClearedAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	o := open(t, dir)
	whole := newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: whole}))
	half := filepath.Join(dir, newTicket(report.P1).ID)
	must(t, os.Mkdir(half, 0o700))
	must(t, os.WriteFile(filepath.Join(half, "0001.file.data"), []byte("x"), 0o600))
	must(t, os.WriteFile(filepath.Join(half, "ticket.json"+tmp), []byte("{"), 0o600))
	orphan := filepath.Join(dir, whole.ID, "0007.file.data")
	must(t, os.WriteFile(orphan, []byte("x"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, whole.ID, "state.json"), []byte("{torn"), 0o600))
	o = open(t, dir)
	if len(o.Entries()) != 1 {
		t.Errorf("entries: %+v", o.Entries())
	}
	for _, gone := range []string{half, orphan} {
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", gone)
		}
	}
}

func TestLongWordsGoOnAsAFile(t *testing.T) {
	for name, words := range map[string]string{
		"short":     "麦克风没有声音",
		"exact":     strings.Repeat("字", deskapi.MaxWords),
		"long":      strings.Repeat("字", deskapi.MaxWords+1),
		"escapes":   strings.Repeat("<", deskapi.MaxWords),
		"controls":  strings.Repeat("\x01", 599),
		"megabyte":  strings.Repeat("麦克风!", 100_000),
		"not utf-8": "a\xff\xfeb",
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, t.TempDir())
			a := newTicket(report.P1)
			a.Words = words
			must(t, o.Put(Parcel{Ticket: a}))
			e, _ := o.Entry(a.ID)
			raw, _ := json.Marshal(e.Ticket)
			if len(raw) > deskapi.MaxTicketBytes || len([]rune(e.Ticket.Words)) > deskapi.MaxWords || len(e.Ticket.Words) == 0 {
				t.Errorf("ticket of %d bytes, %d characters", len(raw), len([]rune(e.Ticket.Words)))
			}
			clean := strings.ToValidUTF8(words, "\ufffd")
			if e.Ticket.Words == clean {
				if len(e.Waiting) != 0 {
					t.Errorf("needless file")
				}
				return
			}
			whole, err := o.Data(a.ID, "words.txt")
			if err != nil || string(whole) != clean {
				t.Errorf("words.txt: %d bytes, %v", len(whole), err)
			}
		})
	}
}

func TestTooLargeIsRefusedBeforeAnythingIsKept(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	a := newTicket(report.P1)
	big := File{"video.mp4", "video/mp4", make([]byte, deskapi.MaxFileBytes+1)}
	if err := o.Put(Parcel{Ticket: a, Files: []File{big}}); !errors.Is(err, ErrTooLarge) || deskapi.Code(err) != "desk.too_large" {
		t.Errorf("put: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	must(t, o.Put(Parcel{Ticket: a}))
	if err := o.AddFile(a.ID, big); !errors.Is(err, ErrTooLarge) {
		t.Errorf("add: %v", err)
	}
	if err := o.AddMessage(a.ID, deskapi.NewMessage{ID: "m", Text: strings.Repeat("字", deskapi.MaxMessageRunes+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("message: %v", err)
	}
	if err := o.Put(Parcel{Ticket: deskapi.Ticket{ID: "../../etc"}}); err == nil {
		t.Error("an id that is a path was taken")
	}
}

func TestTheFormSurvives(t *testing.T) {
	home := t.TempDir()
	o := open(t, filepath.Join(home, "outbox"))
	if f, err := o.LoadForm(); f != nil || err != nil {
		t.Errorf("%s %v", f, err)
	}
	must(t, o.SaveForm(json.RawMessage(`{"words":"打了一半"}`)))
	o = open(t, filepath.Join(home, "outbox"))
	if f, err := o.LoadForm(); string(f) != `{"words":"打了一半"}` || err != nil {
		t.Errorf("%s %v", f, err)
	}
	must(t, o.SaveForm(nil))
	must(t, o.SaveForm(nil))
	if f, err := o.LoadForm(); f != nil || err != nil {
		t.Errorf("%s %v", f, err)
	}
}

func TestFinishedTicketsGoInTime(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	var ids []string
	for i := range keptMost + 3 {
		a := newTicket(report.P2)
		ids = append(ids, a.ID)
		must(t, o.Put(Parcel{Ticket: a}))
		must(t, o.SaveStatus(a.ID, deskapi.Status{ID: a.ID, Number: int64(i + 1), State: deskapi.Solved, Seq: 2}))
	}
	waits := newTicket(report.P2)
	must(t, o.Put(Parcel{Ticket: waits}))
	if n := len(o.Entries()); n != keptMost+1 {
		t.Errorf("%d tickets are kept", n)
	}
	if _, ok := o.Entry(ids[0]); ok {
		t.Error("the oldest is still there")
	}
	must(t, o.change(ids[10], func(s *state) { old := time.Now().Add(-keptFor - time.Hour); s.Closed = &old }))
	o = open(t, dir)
	if _, ok := o.Entry(ids[10]); ok || len(o.Entries()) != keptMost {
		t.Errorf("a ticket of last month is still there, of %d", len(o.Entries()))
	}
	if _, ok := o.Entry(waits.ID); !ok {
		t.Error("a waiting ticket was removed")
	}
	left, _ := os.ReadDir(dir)
	if len(left) != keptMost {
		t.Errorf("%d folders on disk", len(left))
	}
}

func TestAWithdrawnTicketThatNeverLeftIsNotSent(t *testing.T) {
	o := open(t, t.TempDir())
	a, b := newTicket(report.P1), newTicket(report.P1)
	must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{}}))
	must(t, o.Put(Parcel{Ticket: b}))
	if _, ok, err := o.claim(b.ID); !ok || err != nil {
		t.Fatal(ok, err)
	}
	must(t, o.AddState(a.ID, deskapi.Withdrawn))
	must(t, o.AddState(b.ID, deskapi.Withdrawn))
	jobs := o.jobs("")
	if len(jobs) != 1 || jobs[0].id != b.ID {
		t.Errorf("to be sent: %+v", jobs)
	}
	if e, _ := o.Entry(a.ID); e.Pending != 0 || e.Status.State != deskapi.Withdrawn {
		t.Errorf("%+v", e)
	}
	if _, ok, _ := o.claim(a.ID); ok {
		t.Error("a withdrawn ticket can be claimed")
	}
}

func ExampleFit() {
	t, whole := Fit(deskapi.Ticket{Words: strings.Repeat("字", 1000)})
	fmt.Println(len([]rune(t.Words)), whole.Name, len(whole.Data))
	// Output: 600 words.txt 3000
}

// In a bubble where an hour takes no time.
func TestItIsKnownWhenTheDeskLastSpoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		o := open(t, dir)
		a := newTicket(report.P1)
		must(t, o.Put(Parcel{Ticket: a}))
		heard := func(o *Outbox) time.Time { e, _ := o.Entry(a.ID); return e.Heard }
		is := func(what string, got, want time.Time) {
			t.Helper()
			if !got.Equal(want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		is("never", heard(o), time.Time{})
		first := time.Now()
		st := deskapi.Status{ID: a.ID, Number: 1, State: deskapi.Received, Seq: 3, ServerTime: first.Add(time.Hour)} // its clock is wrong
		must(t, o.SaveStatus(a.ID, st))
		is("first", heard(o), first)
		time.Sleep(time.Second)
		must(t, o.SaveStatus(a.ID, st))
		is("the same again", heard(o), first.Add(time.Second))
		is("not worth the disk", heard(open(t, dir)), first)
		time.Sleep(time.Hour)
		must(t, o.Seen(a.ID, 3))
		must(t, o.AddState(a.ID, deskapi.Solved))
		is("it was not the desk that spoke", heard(o), first.Add(time.Second))
		must(t, o.SaveStatus(a.ID, deskapi.Status{ID: a.ID, Seq: 2}))
		is("overtaken on its way", heard(o), first.Add(time.Second))
		must(t, o.SaveStatus(a.ID, st))
		is("the same, much later", heard(o), first.Add(time.Hour+time.Second))
		is("after a restart", heard(open(t, dir)), first.Add(time.Hour+time.Second))
	})
}
