package desk

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

func TestAKeyEnrolsSoManyComputersUntilItsTime(t *testing.T) {
	r := newRoom(t)
	if err := r.Store.SetContact(t.Context(), store.Tenant, deskapi.Contact{Name: "信息中心", Phone: "8001"}); err != nil {
		t.Fatal(err)
	}
	enrol := func(key string) *answered {
		return r.stranger().do("POST", "/v1/enroll", deskapi.Enrol{Key: key, Computer: "PC", OS: "windows"})
	}
	two := r.key(2, time.Hour)
	var a, b deskapi.Enrolled
	enrol(two).want(201).into(&a)
	enrol(" " + strings.ToUpper(strings.ReplaceAll(two, "-", "")) + "\n").want(201).into(&b) // as people type it
	if a.Token == b.Token || a.Device == b.Device || a.SigningKey == b.SigningKey || len(a.Token) != 43 || a.Contact.Name != "信息中心" {
		t.Errorf("enrolled as %s and %s, contact %+v", a.Device, b.Device, a.Contact)
	}
	enrol(two).refused(403, "desk.key_used_up")
	enrol("abcde-fghjk-mnpqr-stuvw-xyz23").refused(403, "desk.key_wrong")
	old := r.key(1, time.Hour)
	r.pass(time.Hour)
	enrol(old).refused(403, "desk.key_used_up")
	for _, secret := range []string{two, a.Token, a.SigningKey} {
		if strings.Contains(r.log.String(), secret) {
			t.Error("a secret in the log")
		}
	}
}

func TestFiftyClicksMakeOneTicket(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	ticket := someTicket(report.P0)
	var wg sync.WaitGroup
	got := make([]*answered, 50)
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = pc.try(t.Context(), "POST", "/v1/tickets", ticket, "Idempotency-Key", ticket.ID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	created := 0
	for _, a := range got {
		if a.status == 201 {
			created++
		} else {
			a.want(200)
		}
		if s := a.ticket(); s.ID != ticket.ID || s.Number != 1001 || s.State != deskapi.Received || s.Seq != 1 {
			t.Fatalf("status %+v", s)
		}
	}
	var all Tickets
	pc.do("GET", "/v1/tickets", nil).want(200).into(&all)
	if created != 1 || len(all.Tickets) != 1 {
		t.Errorf("%d created, %d there", created, len(all.Tickets))
	}
	if next := pc.file(someTicket(report.P3)).want(201).ticket(); next.Number != 1002 {
		t.Errorf("the next number is %d", next.Number)
	}
}

func TestATicketDoesNotChange(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	ticket := someTicket(report.P1)
	pc.file(ticket).want(201)

	// The same, written differently: other order, other spacing.
	var fields map[string]any
	raw, _ := json.Marshal(ticket)
	json.Unmarshal(raw, &fields)
	spaced, _ := json.MarshalIndent(fields, "", "    ")
	pc.do("POST", "/v1/tickets", json.RawMessage(spaced), "Idempotency-Key", ticket.ID).want(200)

	changed := ticket
	changed.Words = "something else"
	pc.file(changed).refused(422, "desk.ticket_changed")
	r.computer("PC-313").file(ticket).refused(422, "desk.ticket_changed")
	if s := pc.do("GET", "/v1/tickets/"+ticket.ID, nil).want(200).ticket(); s.Seq != 1 {
		t.Errorf("seq %d after refusals", s.Seq)
	}
}

func TestATicketMayHaveFieldsTheDeskDoesNotKnow(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	ticket := someTicket(report.P1)
	raw, _ := json.Marshal(ticket)
	newer := append([]byte(`{"from_the_future":[1.0,2e3],`), raw[1:]...)
	pc.do("POST", "/v1/tickets", json.RawMessage(newer), "Idempotency-Key", ticket.ID).want(201)
	pc.do("POST", "/v1/tickets", json.RawMessage(raw), "Idempotency-Key", ticket.ID).refused(422, "desk.ticket_changed")
}

func TestWhatIsNoTicketIsRefused(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	for name, c := range map[string]struct {
		change func(*deskapi.Ticket)
		status int
		code   string
	}{
		"no id":         {func(t *deskapi.Ticket) { t.ID = "1" }, 422, "desk.bad_request"},
		"no priority":   {func(t *deskapi.Ticket) { t.Priority = report.None }, 422, "desk.bad_request"},
		"no schema":     {func(t *deskapi.Ticket) { t.Schema = 0 }, 422, "desk.bad_request"},
		"too many":      {func(t *deskapi.Ticket) { t.Words = strings.Repeat("a", deskapi.MaxWords+1) }, 413, "desk.too_large"},
		"over 4 kB":     {func(t *deskapi.Ticket) { t.Computer = strings.Repeat("a", deskapi.MaxTicketBytes) }, 413, "desk.too_large"},
		"capital uuid":  {func(t *deskapi.Ticket) { t.ID = strings.ToUpper(t.ID) }, 422, "desk.bad_request"},
		"bracketed id":  {func(t *deskapi.Ticket) { t.ID = "{" + t.ID + "}" }, 422, "desk.bad_request"},
		"longest words": {func(t *deskapi.Ticket) { t.Words = strings.Repeat("字", deskapi.MaxWords) }, 201, ""},
	} {
		ticket := someTicket(report.P1)
		c.change(&ticket)
		if a := pc.file(ticket); c.status == 201 {
			a.want(201)
		} else {
			t.Log(name)
			a.refused(c.status, c.code)
		}
	}
	ticket := someTicket(report.P1)
	pc.do("POST", "/v1/tickets", ticket).refused(422, "desk.bad_request")
	pc.do("POST", "/v1/tickets", ticket, "Idempotency-Key", someTicket(report.P1).ID).refused(422, "desk.bad_request")
	for _, junk := range []string{``, `[`, `null`, `"x"`, `{"schema":"one"}`, `<html>`} {
		if a := pc.do("POST", "/v1/tickets", json.RawMessage(junk), "Idempotency-Key", ticket.ID); a.status < 400 || a.status > 422 {
			t.Errorf("%q: %d %s", junk, a.status, a.body)
		}
	}
}

func TestAnotherComputersTicketIsNotThere(t *testing.T) {
	r := newRoom(t)
	mine, other := r.computer("PC-1"), r.computer("PC-2")
	id := mine.filed(report.P1)
	for _, x := range []struct {
		method, path string
		body         any
	}{
		{"GET", "", nil}, {"GET", "/events", nil}, {"POST", "/messages", said("hello")},
		{"POST", "/state", deskapi.SetState{State: deskapi.Solved}},
		{"PUT", "/reports/1", report.Report{Schema: 1}},
		{"PUT", "/files/a.txt", deskapi.FileInfo{Name: "a.txt", SHA256: strings.Repeat("0", 64)}},
	} {
		other.do(x.method, "/v1/tickets/"+id+x.path, x.body).refused(404, "desk.not_found")
	}
	var list Tickets
	other.do("GET", "/v1/tickets", nil).want(200).into(&list)
	if len(list.Tickets) != 0 {
		t.Errorf("sees %+v", list.Tickets)
	}
	if s := mine.do("GET", "/v1/tickets/"+id, nil).want(200).ticket(); s.Seq != 1 {
		t.Errorf("seq %d", s.Seq)
	}
}

func TestAStatusThatStillStandsIsNotSentAgain(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	path := "/v1/tickets/" + pc.filed(report.P1)
	tag := pc.do("GET", path, nil).want(200).head.Get("ETag")
	if tag != `"1"` {
		t.Errorf("ETag %s", tag)
	}
	for _, match := range []string{tag, "W/" + tag, `"7", ` + tag} {
		if a := pc.do("GET", path, nil, "If-None-Match", match).want(304); len(a.body) != 0 || a.head.Get("ETag") != tag {
			t.Errorf("304 with %q, ETag %s", a.body, a.head.Get("ETag"))
		}
	}
	pc.do("POST", path+"/messages", said("hello")).want(201)
	if a := pc.do("GET", path, nil, "If-None-Match", tag).want(200); a.head.Get("ETag") != `"2"` {
		t.Errorf("ETag %s after a message", a.head.Get("ETag"))
	}
}

func TestSayingItTwiceSaysItOnce(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	path := "/v1/tickets/" + pc.filed(report.P1)
	m := said("还是没有声音")
	pc.do("POST", path+"/messages", m).want(201)
	s := pc.do("POST", path+"/messages", m).want(200).ticket()
	if len(s.Messages) != 1 || s.Messages[0].From != "user" || s.Messages[0].Name != "王芳" || s.Seq != 2 {
		t.Errorf("%+v", s)
	}
	m.Text = "other"
	pc.do("POST", path+"/messages", m).refused(422, "desk.ticket_changed")
	pc.do("POST", path+"/messages", said("  ")).refused(422, "desk.bad_request")
	pc.do("POST", path+"/messages", said(strings.Repeat("a", deskapi.MaxMessageRunes+1))).refused(413, "desk.too_large")
	pc.do("POST", path+"/messages", said(strings.Repeat("字", deskapi.MaxMessageRunes))).want(201)
}

func TestReportsComeInVersions(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	id := pc.filed(report.P1)
	put := func(version string, rep any) *answered {
		return pc.do("PUT", "/v1/tickets/"+id+"/reports/"+version, rep)
	}
	first := report.Report{Schema: 1, TakenAt: r.clock(), Results: []report.Result{{Check: "mic", Verdict: report.Fail, Code: "mic.muted"}}}
	put("1", first).want(201)
	put("1", first).want(200)
	second := first
	second.Results = nil
	put("1", second).refused(422, "desk.ticket_changed")
	put("2", second).want(201)
	put("0", second).refused(422, "desk.bad_request")
	put("x", second).refused(422, "desk.bad_request")
	put("3", json.RawMessage(`"text"`)).refused(422, "desk.bad_request")
	big := report.Report{Schema: 1, Facts: map[string]any{"x": strings.Repeat("a", deskapi.MaxReportBytes)}}
	put("3", big).refused(413, "desk.too_large")

	page := li.do("GET", "/v1/desk/tickets/"+id, nil).want(200).page()
	if len(page.Reports) != 2 || page.Reports[0].Version != 1 || page.Reports[1].Version != 2 {
		t.Fatalf("%+v", page.Reports)
	}
	var got report.Report
	if err := json.Unmarshal(page.Reports[0].Report, &got); err != nil || got.Results[0].Code != "mic.muted" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestTheClientAndTheDeskUnderstandEachOther(t *testing.T) {
	r := newRoom(t)
	c := &deskapi.Client{Base: r.url}
	e, err := c.Enrol(t.Context(), deskapi.Enrol{Key: r.key(1, time.Hour), Computer: "PC", OS: "linux"})
	if err != nil {
		t.Fatal(err)
	}
	c.Token = func() string { return e.Token }
	ticket := someTicket(report.P0)
	if _, err := c.PostTicket(t.Context(), ticket); err != nil {
		t.Fatal(err)
	}
	for size, name := range map[int]string{0: "empty", 10: "small", 64 << 10: "inline", 64<<10 + 1: "file", 3<<20 + 17: "large.png"} {
		data := bytes.Repeat([]byte(strconv.Itoa(size)+" "), size)[:size]
		sha := shaOf(data)
		for range 2 { // the second time it is there already
			if err := c.Upload(t.Context(), sha, bytes.NewReader(data), int64(size), nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := c.PutFile(t.Context(), ticket.ID, deskapi.FileInfo{Name: name, Type: "image/png", Bytes: int64(size), SHA256: sha}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := c.PutReport(t.Context(), ticket.ID, 1, report.Report{Schema: 1}); err != nil {
		t.Error(err)
	}
	if err := c.Message(t.Context(), ticket.ID, said("hello")); err != nil {
		t.Error(err)
	}
	if err := c.SetState(t.Context(), ticket.ID, deskapi.Solved); err != nil {
		t.Error(err)
	}
	s, tag, err := c.Ticket(t.Context(), ticket.ID, "")
	if err != nil || len(s.Files) != 5 || len(s.Messages) != 1 || s.State != deskapi.Solved {
		t.Errorf("%+v %v", s, err)
	}
	if _, _, err := c.Ticket(t.Context(), ticket.ID, tag); deskapi.Code(err) == "" {
		t.Error("no ErrUnchanged")
	}
	var events []deskapi.Event
	if _, err := c.Events(t.Context(), ticket.ID, s.Seq-1, true, 0, func(e deskapi.Event) bool { events = append(events, e); return true }); err != nil || len(events) != 1 || events[0].Seq != s.Seq {
		t.Errorf("%+v %v", events, err)
	}
}
