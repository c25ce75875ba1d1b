package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"raisehand/capture/report"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

// Clock is what the desk's clock says.
type Clock struct {
	ServerTime time.Time `json:"server_time"`
}

// Health says that the desk can read its store.
type Health struct {
	OK bool `json:"ok"`
}

// Tickets are a computer's own, newest first.
type Tickets struct {
	ServerTime time.Time        `json:"server_time"`
	Tickets    []deskapi.Status `json:"tickets"`
}

type (
	nothing  struct{}
	clockOut struct{ Body Clock }
	healthy  struct{ Body Health }

	enrolIn  struct{ Body deskapi.Enrol }
	enrolOut struct {
		Status int
		Body   deskapi.Enrolled
	}
	contactOut struct{ Body deskapi.Contact }

	ticketIn struct {
		Key     string `header:"Idempotency-Key" doc:"The ticket's id."`
		Body    deskapi.Ticket
		RawBody []byte
	}
	oneIn struct {
		ID    string `path:"id"`
		Match string `header:"If-None-Match" doc:"The ETag of the status you have: 304 if it still stands."`
	}
	statusOut struct {
		Status int
		ETag   string `header:"ETag" doc:"The number of the last event, quoted."`
		Body   deskapi.Status
	}
	ticketsOut struct{ Body Tickets }
	reportIn   struct {
		ID      string `path:"id"`
		Version int    `path:"version" minimum:"1" maximum:"1000000"`
		Body    report.Report
		RawBody []byte
	}
	fileIn struct {
		ID   string `path:"id"`
		Name string `path:"name"`
		Body deskapi.FileInfo
	}
	messageIn struct {
		ID   string `path:"id"`
		Body deskapi.NewMessage
	}
	stateIn struct {
		ID   string `path:"id"`
		Body deskapi.SetState
	}
)

// open registers what needs no token.
func (d *Desk) open() {
	route(d, huma.Operation{Method: "GET", Path: "/v1/time", Summary: "The desk's clock"},
		func(context.Context, *nothing) (*clockOut, error) {
			return &clockOut{Clock{d.Now().UTC()}}, nil
		})
	route(d, huma.Operation{Method: "GET", Path: "/v1/healthz", Summary: "Whether the desk can work"},
		func(ctx context.Context, _ *nothing) (*healthy, error) {
			_, err := d.Store.Version(ctx)
			return &healthy{Health{err == nil}}, err
		})
	route(d, huma.Operation{Method: "POST", Path: "/v1/enroll", Summary: "Enrol a computer with the school's key",
		DefaultStatus: http.StatusCreated, MaxBodyBytes: 16 << 10}, d.enrol)
}

// computers registers what a computer's token opens.
func (d *Desk) computers(mux *http.ServeMux) {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Security: forDevices,
			Tags: []string{"computer"}, MaxBodyBytes: 32 << 10}
	}
	route(d, op("GET", "/v1/contact", "Who receives tickets, and how else to reach them"), d.contact)

	// Bodies are checked by hand: a ticket or report of an older or newer app
	// is never refused for a field.
	create := op("POST", "/v1/tickets", "Ask for help; sending the same ticket again is harmless")
	create.DefaultStatus, create.SkipValidateBody, create.MaxBodyBytes = http.StatusCreated, true, deskapi.MaxTicketBytes+1
	route(d, create, d.create)
	examine := op("PUT", "/v1/tickets/{id}/reports/{version}", "Attach a version of the report")
	examine.DefaultStatus, examine.SkipValidateBody, examine.MaxBodyBytes = http.StatusCreated, true, deskapi.MaxReportBytes+1
	route(d, examine, d.examine)
	attach := op("PUT", "/v1/tickets/{id}/files/{name}", "Attach a file whose blob has arrived")
	attach.DefaultStatus, attach.SkipValidateBody = http.StatusCreated, true
	route(d, attach, d.attach)

	route(d, op("GET", "/v1/tickets", "This computer's tickets, newest first"), d.own)
	route(d, op("GET", "/v1/tickets/{id}", "How a ticket stands"), d.status)
	say := op("POST", "/v1/tickets/{id}/messages", "Say something about a ticket")
	say.DefaultStatus = http.StatusCreated
	route(d, say, d.say)
	route(d, op("POST", "/v1/tickets/{id}/state", "Solved, withdrawn, or received again: not solved after all"), d.move)

	d.blobs(mux)
	d.ticketEvents(mux)
}

func (d *Desk) enrol(ctx context.Context, in *enrolIn) (*enrolOut, error) {
	// Guessing is not slowed down here: a key has 125 random bits, and a whole
	// school with one wrong key must not keep the others out.
	token, key := make([]byte, 32), make([]byte, 32)
	rand.Read(token)
	rand.Read(key)
	dev := store.Device{ID: uuid.NewString(), TokenHash: hashOf(encode(token)), SigningKey: key,
		Computer: short(in.Body.Computer, 200), OS: short(in.Body.OS, 50), EnrolledAt: d.Now()}
	dev, err := d.Store.Enrol(ctx, HashKey(in.Body.Key), dev)
	if err != nil {
		return nil, err
	}
	contact, err := d.Store.Contact(ctx, dev.Tenant)
	if err != nil {
		return nil, err
	}
	d.Log.Info("computer enrolled", "device", dev.ID, "os", dev.OS)
	return &enrolOut{http.StatusCreated, deskapi.Enrolled{Device: dev.ID, Token: encode(token),
		SigningKey: encode(key), Contact: contact}}, nil
}

func (d *Desk) contact(ctx context.Context, _ *nothing) (*contactOut, error) {
	dev, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	c, err := d.Store.Contact(ctx, dev.Tenant)
	return &contactOut{c}, err
}

func (d *Desk) create(ctx context.Context, in *ticketIn) (*statusOut, error) {
	dev, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkTicket(in.Body, in.Key); err != nil {
		return nil, err
	}
	hash, err := canonical(in.RawBody)
	if err != nil {
		return nil, bad("body: JSON expected")
	}
	n := store.New{Tenant: dev.Tenant, Device: dev.ID, Body: in.Body, Raw: in.RawBody, Hash: hash, At: d.Now()}
	if t, ok := d.Rules.Due(in.Body.Priority, n.At); ok {
		n.Due = &t
	}
	t, created, err := d.Store.Create(ctx, n)
	if err != nil {
		return nil, err
	}
	if created {
		d.Log.Info("ticket received", "number", t.Number, "priority", t.Priority)
	}
	return d.answer(ctx, t, created)
}

// checkTicket looks only at what the desk itself relies on.
func checkTicket(t deskapi.Ticket, key string) error {
	id, err := uuid.Parse(t.ID)
	switch {
	case err != nil || id.String() != t.ID:
		return bad("id: a UUID in lower case expected")
	case key != t.ID:
		return bad("Idempotency-Key: the ticket's id expected")
	case t.Schema < 1:
		return bad("schema: 1 or later expected")
	case !t.Priority.Valid():
		return bad("priority: p0, p1, p2 or p3 expected")
	case utf8.RuneCountInString(t.Words) > deskapi.MaxWords:
		return refusal{Code: "desk.too_large", Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("words: at most %d characters; send the rest as words.txt", deskapi.MaxWords)}
	}
	return nil
}

// canonical is the hash of what a JSON text says, however it is spaced and
// ordered.
func canonical(raw []byte) ([]byte, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	text, err := json.Marshal(v) // sorts keys
	h := sha256.Sum256(text)
	return h[:], err
}

func (d *Desk) status(ctx context.Context, in *oneIn) (*statusOut, error) {
	t, err := d.mine(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if matches(in.Match, etag(t.Seq)) {
		return nil, &problem{Problem: deskapi.Problem{Status: http.StatusNotModified}, header: http.Header{"Etag": {etag(t.Seq)}}}
	}
	return d.answer(ctx, t, false)
}

func (d *Desk) own(ctx context.Context, _ *nothing) (*ticketsOut, error) {
	dev, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	list, err := d.Store.Of(ctx, dev.Tenant, dev.ID)
	if err != nil {
		return nil, err
	}
	out := &ticketsOut{Tickets{ServerTime: d.Now().UTC(), Tickets: []deskapi.Status{}}}
	for _, t := range list {
		out.Body.Tickets = append(out.Body.Tickets, t.Status(d.Now()))
	}
	return out, nil
}

func (d *Desk) examine(ctx context.Context, in *reportIn) (*statusOut, error) {
	hash, err := canonical(in.RawBody)
	if err != nil {
		return nil, bad("body: JSON expected")
	}
	return d.beneath(ctx, in.ID, func(c *store.Change) (bool, error) {
		return c.Examine(in.Version, in.RawBody, hash)
	})
}

func (d *Desk) attach(ctx context.Context, in *fileIn) (*statusOut, error) {
	f := in.Body
	switch {
	case !fileName(in.Name):
		return nil, bad("name: a file name of at most 100 characters, without folders, expected")
	case f.Name != "" && f.Name != in.Name:
		return nil, bad("name: not the one in the address")
	case !isSHA(f.SHA256):
		return nil, bad("sha256: 64 lower-case hexadecimal digits expected")
	}
	f.Name, f.Type = in.Name, mediaType(f.Type)
	return d.beneath(ctx, in.ID, func(c *store.Change) (bool, error) {
		added, err := c.Attach(f)
		if err == store.ErrNotFound {
			err = refusal{Code: "desk.blob_missing", Status: http.StatusConflict}
		}
		return added, err
	})
}

func (d *Desk) say(ctx context.Context, in *messageIn) (*statusOut, error) {
	if err := checkMessage(in.Body); err != nil {
		return nil, err
	}
	return d.beneath(ctx, in.ID, func(c *store.Change) (bool, error) { return userSays(c, in.Body) })
}

func (d *Desk) move(ctx context.Context, in *stateIn) (*statusOut, error) {
	out, err := d.beneath(ctx, in.ID, func(c *store.Change) (bool, error) {
		return false, userMoves(d.Rules, c, in.Body.State)
	})
	return out, err
}

// beneath changes one of the computer's own tickets; rule says whether it has
// added something.
func (d *Desk) beneath(ctx context.Context, id string, rule func(*store.Change) (bool, error)) (*statusOut, error) {
	t, err := d.mine(ctx, id)
	if err != nil {
		return nil, err
	}
	added := false
	t, err = d.Store.Change(ctx, t.Tenant, id, t.Body.Person.Name, d.Now(), func(c *store.Change) (err error) {
		added, err = rule(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.answer(ctx, t, added)
}

// mine returns a ticket of the computer that speaks. Another's is not found:
// that it exists is nobody's business.
func (d *Desk) mine(ctx context.Context, id string) (store.Ticket, error) {
	dev, err := caller(ctx)
	if err != nil {
		return store.Ticket{}, err
	}
	t, err := d.Store.Ticket(ctx, dev.Tenant, id)
	if err == nil && t.Device != dev.ID {
		err = store.ErrNotFound
	}
	return t, err
}

func (d *Desk) answer(ctx context.Context, t store.Ticket, created bool) (*statusOut, error) {
	out := &statusOut{Status: http.StatusOK, ETag: etag(t.Seq)}
	if created {
		out.Status = http.StatusCreated
	}
	var err error
	out.Body, err = d.Store.Whole(ctx, t, d.Now())
	return out, err
}

func checkMessage(m deskapi.NewMessage) error {
	switch n := utf8.RuneCountInString(m.Text); {
	case uuid.Validate(m.ID) != nil:
		return bad("id: a UUID expected")
	case strings.TrimSpace(m.Text) == "":
		return bad("text: some words expected")
	case n > deskapi.MaxMessageRunes:
		return refusal{Code: "desk.too_large", Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("text: at most %d characters", deskapi.MaxMessageRunes)}
	}
	return nil
}

func etag(seq int64) string { return strconv.Quote(strconv.FormatInt(seq, 10)) }

func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}

// fileName says whether a name can be a file's on every system's disk.
func fileName(name string) bool {
	if name == "" || name == "." || name == ".." || utf8.RuneCountInString(name) > 100 || !utf8.ValidString(name) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r)
	})
}

// mediaTypes are those the desk hands out as what they are.
var mediaTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif", "text/plain", "application/json",
	"application/zip", "application/gzip", "audio/wav", "audio/ogg", "video/mp4", "video/webm"}

func mediaType(t string) string {
	t, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(t)), ";")
	if slices.Contains(mediaTypes, t) {
		return t
	}
	return "application/octet-stream"
}

func isSHA(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && s == strings.ToLower(s)
}

// short cuts s to at most n characters.
func short(s string, n int) string {
	r := []rune(strings.ToValidUTF8(s, ""))
	if len(r) > n {
		r = r[:n]
	}
	return string(r)
}
