package uploader

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"raisehand/uploader/deskapi"
)

// fakeDesk is a small desk that keeps everything in memory and everything that
// was said to it, in order.
type fakeDesk struct {
	mu      sync.Mutex
	key     string
	tokens  map[string]bool
	tickets map[string]json.RawMessage
	status  map[string]deskapi.Status
	events  map[string][]deskapi.Event
	blobs   map[string][]byte
	files   map[string]map[string]deskapi.FileInfo // ticket → name
	reports map[string]map[int]json.RawMessage
	said    []string // "ticket <id>", "message <id> …", …
	changed chan struct{}
	answer  func(w http.ResponseWriter, r *http.Request) bool // answers instead, if it returns true
	faults  []string
}

func newFakeDesk() *fakeDesk {
	return &fakeDesk{key: "k", tokens: map[string]bool{}, tickets: map[string]json.RawMessage{}, status: map[string]deskapi.Status{},
		events: map[string][]deskapi.Event{}, blobs: map[string][]byte{}, files: map[string]map[string]deskapi.FileInfo{},
		reports: map[string]map[int]json.RawMessage{}, changed: make(chan struct{})}
}

func (d *fakeDesk) note(format string, a ...any) { d.said = append(d.said, fmt.Sprintf(format, a...)) }

func (d *fakeDesk) heard() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.said...)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(deskapi.Problem{Title: http.StatusText(status), Status: status, Code: code})
}

func tell(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// happen is a technician's doing.
func (d *fakeDesk) happen(id string, edit func(*deskapi.Status), m *deskapi.Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.event(id, edit, m)
}

func (d *fakeDesk) event(id string, edit func(*deskapi.Status), m *deskapi.Message) {
	s := d.status[id]
	kind := "state"
	if edit != nil {
		edit(&s)
	}
	if m != nil {
		kind = "message"
		s.Messages = append(append([]deskapi.Message(nil), s.Messages...), *m)
	}
	if len(s.Files) != len(d.status[id].Files) {
		kind = "file"
	}
	s.Seq++
	d.status[id] = s
	bare := s
	bare.Messages, bare.Files = nil, nil
	d.events[id] = append(d.events[id], deskapi.Event{Seq: s.Seq, Ticket: id, Kind: kind, Message: m, Status: bare})
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *fakeDesk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a := d.answer; a != nil && a(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	d.mu.Lock()
	defer d.mu.Unlock()
	switch parts[0] {
	case "time":
		tell(w, 200, map[string]any{"server_time": time.Now().UTC()})
		return
	case "enroll":
		var e deskapi.Enrol
		json.Unmarshal(body, &e)
		if e.Key != d.key {
			refuse(w, 401, "desk.key_wrong")
			return
		}
		token := fmt.Sprintf("token-%d", len(d.tokens)+1)
		d.tokens[token] = true
		d.note("enrol %s", token)
		tell(w, 201, deskapi.Enrolled{Device: "1", Token: token, SigningKey: "s", Contact: deskapi.Contact{Name: "信息中心"}})
		return
	}
	if !d.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
		refuse(w, 401, "desk.token_unknown")
		return
	}
	switch {
	case parts[0] == "blobs":
		d.blob(w, r, parts[1], body)
	case len(parts) == 1:
		d.post(w, r, body)
	default:
		d.beneath(w, r, parts[1], parts[2:], body)
	}
}

func (d *fakeDesk) blob(w http.ResponseWriter, r *http.Request, sha string, body []byte) {
	switch r.Method {
	case "PATCH":
		if at, _ := strconv.Atoi(r.Header.Get("Upload-Offset")); at != len(d.blobs[sha]) {
			refuse(w, 409, "desk.offset")
			return
		}
		d.blobs[sha] = append(d.blobs[sha], body...)
	case "PUT":
		d.blobs[sha] = body
	}
	w.Header().Set("Upload-Offset", strconv.Itoa(len(d.blobs[sha])))
	w.WriteHeader(204)
}

func (d *fakeDesk) post(w http.ResponseWriter, r *http.Request, body []byte) {
	var t deskapi.Ticket
	if json.Unmarshal(body, &t) != nil || t.ID != r.Header.Get("Idempotency-Key") || len(body) > deskapi.MaxTicketBytes {
		d.faults = append(d.faults, "bad ticket "+string(body))
		refuse(w, 400, "")
		return
	}
	if t.Computer == "refuse me" {
		d.note("refused %s", t.ID)
		refuse(w, 422, "desk.ticket_changed")
		return
	}
	if old, ok := d.tickets[t.ID]; ok {
		if string(old) != string(body) {
			d.faults = append(d.faults, "changed ticket "+t.ID)
			refuse(w, 422, "desk.ticket_changed")
			return
		}
		d.note("again %s", t.ID)
		tell(w, 200, d.status[t.ID])
		return
	}
	d.tickets[t.ID] = body
	d.note("ticket %s", t.ID)
	d.status[t.ID] = deskapi.Status{ID: t.ID, Number: int64(len(d.tickets)), Priority: t.Priority, State: deskapi.Received}
	d.event(t.ID, nil, nil)
	tell(w, 201, d.status[t.ID])
}

func (d *fakeDesk) beneath(w http.ResponseWriter, r *http.Request, id string, path []string, body []byte) {
	s, ok := d.status[id]
	if !ok {
		refuse(w, 404, "desk.no_ticket")
		return
	}
	if len(path) == 0 {
		etag := fmt.Sprintf(`"%d"`, s.Seq)
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(304)
			return
		}
		s.ServerTime = time.Now().UTC()
		tell(w, 200, s)
		return
	}
	switch path[0] {
	case "reports":
		n, _ := strconv.Atoi(path[1])
		if d.reports[id] == nil {
			d.reports[id] = map[int]json.RawMessage{}
		}
		d.reports[id][n] = body
		d.note("report %s %d", id, n)
	case "files":
		var f deskapi.FileInfo
		json.Unmarshal(body, &f)
		sum := sha256.Sum256(d.blobs[f.SHA256])
		if hex.EncodeToString(sum[:]) != f.SHA256 || int64(len(d.blobs[f.SHA256])) != f.Bytes || f.Name != path[1] {
			d.faults = append(d.faults, "file not whole: "+f.Name)
			refuse(w, 409, "desk.blob_missing")
			return
		}
		if d.files[id] == nil {
			d.files[id] = map[string]deskapi.FileInfo{}
		}
		d.files[id][f.Name] = f
		d.note("file %s %s", id, f.Name)
	case "messages":
		var m deskapi.NewMessage
		json.Unmarshal(body, &m)
		for _, old := range s.Messages {
			if old.ID == m.ID {
				w.WriteHeader(204)
				return
			}
		}
		d.note("message %s %s", id, m.Text)
		d.event(id, nil, &deskapi.Message{ID: m.ID, From: "user", Text: m.Text})
	case "state":
		var x deskapi.SetState
		json.Unmarshal(body, &x)
		d.note("state %s %s", id, x.State)
		d.event(id, func(s *deskapi.Status) { s.State = x.State }, nil)
	case "events":
		d.stream(w, r, id)
		return
	}
	w.WriteHeader(204)
}

// stream is called and returns with mu held.
func (d *fakeDesk) stream(w http.ResponseWriter, r *http.Request, id string) {
	last, _ := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	_, once := r.URL.Query()["once"]
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "retry: 3000\n\n")
	w.(http.Flusher).Flush()
	end := time.After(25 * time.Second)
	for {
		sent := false
		for _, e := range d.events[id] {
			if e.Seq <= last {
				continue
			}
			last, sent = e.Seq, true
			raw, _ := json.Marshal(e)
			fmt.Fprintf(w, "id: %d\ndata: %s\n\n", e.Seq, raw)
		}
		w.(http.Flusher).Flush()
		if once && sent {
			return
		}
		news := d.changed
		d.mu.Unlock()
		select {
		case <-news:
		case <-r.Context().Done():
			d.mu.Lock()
			return
		case <-time.After(20 * time.Second):
			fmt.Fprint(w, ": still here\n\n")
		case <-end:
			if once {
				d.mu.Lock()
				return
			}
		}
		d.mu.Lock()
	}
}
