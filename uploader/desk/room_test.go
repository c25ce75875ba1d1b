package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"raisehand/capture/report"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

// room is a whole desk for a test: real HTTP, a real database, a clock that
// stands until it is moved.
type room struct {
	*testing.T
	*Desk
	url string
	log *syncBuffer

	mu  sync.Mutex
	now time.Time
}

// blank is a new desk's database, made once: the migrations have their own
// tests, and take most of the time with the race detector.
var blank = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "raisehand")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(context.Background(), dir)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // and with it everything is in the one file
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "desk.db"))
})

func newRoom(t *testing.T, options ...func(*Desk)) *room {
	t.Helper()
	dir := t.TempDir()
	db, err := blank()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "desk.db"), db, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &room{T: t, log: &syncBuffer{}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	// A stream has to be woken: no sign of life comes to its help.
	r.Desk = &Desk{Store: s, Now: r.clock, KeepAlive: time.Hour, Log: slog.New(slog.NewTextHandler(r.log, nil))}
	for _, o := range options {
		o(r.Desk)
	}
	server := httptest.NewServer(r.Handler())
	r.url = server.URL
	t.Cleanup(func() {
		r.Stop()
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *room) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *room) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// who is somebody who speaks to the desk.
type who struct {
	room  *room
	head  http.Header
	token string
	me    deskapi.Me
}

func (r *room) stranger() *who { return &who{room: r, head: http.Header{}} }

// key makes an enrolment key.
func (r *room) key(uses int, good time.Duration) string {
	r.Helper()
	key := NewSecret(5)
	if err := r.Store.AddKey(r.Context(), store.Tenant, HashKey(key), uses, r.clock(), r.clock().Add(good)); err != nil {
		r.Fatal(err)
	}
	return key
}

// computer enrols one.
func (r *room) computer(name string) *who {
	r.Helper()
	var got deskapi.Enrolled
	r.stranger().do("POST", "/v1/enroll", deskapi.Enrol{Key: r.key(1, time.Hour), Computer: name, OS: "linux"}).want(201).into(&got)
	return &who{room: r, token: got.Token, head: http.Header{"Authorization": {"Bearer " + got.Token}}}
}

const password = "correct horse"

// technician makes an account and a session for it; signing in itself has its
// own test.
func (r *room) technician(name string) *who {
	r.Helper()
	r.account(name, "")
	a := store.Account{Tenant: store.Tenant, Name: name}
	w := &who{room: r, token: encode([]byte(NewSecret(8)))}
	if err := r.Store.StartSession(r.Context(), a, hashOf(w.token), r.clock(), r.clock().Add(sessionTime)); err != nil {
		r.Fatal(err)
	}
	w.head = http.Header{"Cookie": {cookieName(false) + "=" + w.token}}
	w.do("GET", "/v1/desk/session", nil).want(200).into(&w.me)
	w.head.Set("X-Csrf-Token", w.me.CSRF)
	return w
}

// account makes an account, with a password that nobody knows if it is empty.
func (r *room) account(name, password string) {
	r.Helper()
	a := store.Account{Tenant: store.Tenant, Name: name, Role: "technician", Password: "none"}
	if password != "" {
		a.Password = HashPassword(password)
	}
	if err := r.Store.SetAccount(r.Context(), a, r.clock()); err != nil {
		r.Fatal(err)
	}
}

func (w *who) signedIn(a *answered) {
	cookies := (&http.Response{Header: a.head}).Cookies()
	if len(cookies) != 1 {
		w.room.Fatalf("%d cookies", len(cookies))
	}
	w.token = cookies[0].Value
	w.head = http.Header{"Cookie": {cookies[0].Name + "=" + cookies[0].Value}, "X-Csrf-Token": {w.me.CSRF}}
}

// answered is what came back.
type answered struct {
	*room
	what   string
	status int
	head   http.Header
	body   []byte
}

// do asks; body is bytes as they are, or anything else as JSON. More headers
// come in pairs.
func (w *who) do(method, path string, body any, headers ...string) *answered {
	w.room.Helper()
	a, err := w.try(w.room.Context(), method, path, body, headers...)
	if err != nil {
		w.room.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// patience ends a test that would otherwise wait for ever.
const patience = 2 * time.Minute

func (w *who) try(ctx context.Context, method, path string, body any, headers ...string) (*answered, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var r io.Reader
	typ := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		r, typ = bytes.NewReader(b), "application/octet-stream"
	case json.RawMessage:
		r = bytes.NewReader(b)
	case io.Reader:
		r = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, w.room.url+path, r)
	if err != nil {
		return nil, err
	}
	req.Header = w.head.Clone()
	if r != nil {
		req.Header.Set("Content-Type", typ)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return &answered{w.room, method + " " + path, resp.StatusCode, resp.Header, got}, err
}

func (a *answered) want(status int) *answered {
	a.Helper()
	if a.status != status {
		a.Fatalf("%s: %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

func (a *answered) into(v any) {
	a.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.Fatalf("%s: %v: %s", a.what, err, a.body)
	}
}

// refused checks a problem's status and code.
func (a *answered) refused(status int, code string) {
	a.Helper()
	var p deskapi.Problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.status != status || p.Code != code || p.Status != status || p.Title == "" ||
		!strings.HasPrefix(a.head.Get("Content-Type"), "application/problem+json") {
		a.Errorf("%s: %d %s %s (%v), want %d %s", a.what, a.status, a.head.Get("Content-Type"), a.body, err, status, code)
	}
}

func (a *answered) ticket() (s deskapi.Status) { a.Helper(); a.into(&s); return s }
func (a *answered) page() (p deskapi.Page)     { a.Helper(); a.into(&p); return p }

// someTicket is what a computer would send.
func someTicket(p report.Priority) deskapi.Ticket {
	at := time.Date(2026, 11, 23, 8, 59, 58, 0, time.UTC)
	return deskapi.Ticket{Schema: 1, ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: at,
		Person: deskapi.Person{Role: "teacher", Name: "王芳", Room: "三年二班"}, Computer: "PC-312", Lang: "zh",
		Priority: p, Proposed: report.P1, Findings: []string{"mic.muted"}, Words: "学生听不到我说话",
		Consent: deskapi.Consent{At: at, Wording: "2026-11 zh", How: "terminal"}, App: "0.1"}
}

// file sends a ticket.
func (w *who) file(t deskapi.Ticket) *answered {
	w.room.Helper()
	return w.do("POST", "/v1/tickets", t, "Idempotency-Key", t.ID)
}

// filed sends a new one, which has to be accepted.
func (w *who) filed(p report.Priority) string {
	w.room.Helper()
	t := someTicket(p)
	w.file(t).want(201)
	return t.ID
}

func said(text string) deskapi.NewMessage {
	return deskapi.NewMessage{ID: uuid.NewString(), Text: text}
}
