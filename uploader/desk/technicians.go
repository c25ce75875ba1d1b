package desk

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

type (
	signInIn struct{ Body deskapi.SignIn }
	meOut    struct {
		Cookie http.Cookie `header:"Set-Cookie"`
		Body   deskapi.Me
	}
	whoOut struct{ Body deskapi.Me }
	byeOut struct {
		Cookie http.Cookie `header:"Set-Cookie"`
	}
	queueIn struct {
		State  string `query:"state" enum:"open,all" default:"open" doc:"open: someone still has to act."`
		Search string `query:"q" maxLength:"200" doc:"Words of the person, the room, the computer or the ticket; a number; a technician's name."`
	}
	queueOut struct{ Body deskapi.Queue }
	pageIn   struct {
		ID string `path:"id"`
	}
	pageOut    struct{ Body deskapi.Page }
	priorityIn struct {
		ID   string `path:"id"`
		Body deskapi.SetPriority
	}
)

// technicians registers the console's part of the API.
func (d *Desk) technicians(mux *http.ServeMux) {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/desk" + path, Summary: summary, Security: forTechnicians,
			Tags: []string{"technician"}, MaxBodyBytes: 32 << 10}
	}
	signIn := op("POST", "/session", "Sign in")
	signIn.Security = nil
	route(d, signIn, d.signIn)
	route(d, op("GET", "/session", "Who is signed in"), d.who)
	route(d, op("DELETE", "/session", "Sign out"), d.signOut)

	route(d, op("GET", "/tickets", "The queue, what is due first on top"), d.queue)
	route(d, op("GET", "/tickets/{id}", "Everything about a ticket"), d.page)
	route(d, op("POST", "/tickets/{id}/take", "Take a ticket: it is seen, not yet answered"), d.take)
	route(d, op("POST", "/tickets/{id}/messages", "Reply; the first reply meets the deadline"), d.reply)
	route(d, op("POST", "/tickets/{id}/state", "Move a ticket; in_progress and solved meet the deadline"), d.setState)
	route(d, op("POST", "/tickets/{id}/priority", "Correct a ticket's urgency; its deadline follows"), d.setPriority)

	file := op("GET", "/tickets/{id}/files/{name}", "Open an attachment")
	file.Parameters = []*huma.Param{param("path", "id", "The ticket."), param("path", "name", "The file's name.")}
	file.Responses = answers("200", "The content", "application/octet-stream")
	d.plain(mux, file, d.file)
	d.queueEvents(mux)
}

func (d *Desk) who(ctx context.Context, _ *nothing) (*whoOut, error) {
	who, err := technician(ctx)
	if err != nil {
		return nil, err
	}
	me, err := d.me(ctx, who)
	return &whoOut{me}, err
}

func (d *Desk) me(ctx context.Context, who signedIn) (deskapi.Me, error) {
	contact, err := d.Store.Contact(ctx, who.Tenant)
	return deskapi.Me{Name: who.Name, Role: who.Role, CSRF: who.csrf, Team: contact.Name}, err
}

func (d *Desk) queue(ctx context.Context, in *queueIn) (*queueOut, error) {
	who, err := technician(ctx)
	if err != nil {
		return nil, err
	}
	tickets, err := d.Store.Queue(ctx, who.Tenant, in.State == "all", in.Search)
	if err != nil {
		return nil, err
	}
	q := deskapi.Queue{ServerTime: d.Now().UTC(), Tickets: make([]deskapi.QueueItem, len(tickets))}
	for i, t := range tickets {
		findings := t.Body.Findings
		if findings == nil {
			findings = []string{}
		}
		q.Tickets[i] = deskapi.QueueItem{Status: t.Status(q.ServerTime), Person: t.Body.Person, Computer: t.Body.Computer,
			Findings: findings, Words: short(t.Body.Words, 120), Unread: t.Unread}
		if f := t.Leading; f != nil && len(findings) > 0 && f.Code == findings[0] {
			q.Tickets[i].Params = f.Params
		}
	}
	return &queueOut{q}, nil
}

func (d *Desk) page(ctx context.Context, in *pageIn) (*pageOut, error) {
	who, err := technician(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.Store.Ticket(ctx, who.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	return d.pageOf(ctx, t)
}

func (d *Desk) pageOf(ctx context.Context, t store.Ticket) (*pageOut, error) {
	p, err := d.Store.Page(ctx, t, d.Now())
	return &pageOut{p}, err
}

func (d *Desk) take(ctx context.Context, in *pageIn) (*pageOut, error) {
	return d.change(ctx, in.ID, func(c *store.Change, name string) error { return technicianTakes(c, name) })
}

func (d *Desk) reply(ctx context.Context, in *messageIn) (*pageOut, error) {
	if err := checkMessage(in.Body); err != nil {
		return nil, err
	}
	return d.change(ctx, in.ID, func(c *store.Change, name string) error {
		_, err := technicianSays(c, in.Body, name)
		return err
	})
}

func (d *Desk) setState(ctx context.Context, in *stateIn) (*pageOut, error) {
	return d.change(ctx, in.ID, func(c *store.Change, name string) error { return technicianMoves(c, in.Body.State, name) })
}

func (d *Desk) setPriority(ctx context.Context, in *priorityIn) (*pageOut, error) {
	if !in.Body.Priority.Valid() {
		return nil, bad("priority: p0, p1, p2 or p3 expected")
	}
	return d.change(ctx, in.ID, func(c *store.Change, _ string) error {
		if c.Priority != in.Body.Priority {
			c.Priority = in.Body.Priority
			due(d.Rules, c)
		}
		return nil
	})
}

// change runs a technician's rule on a ticket and returns it as it then stands.
func (d *Desk) change(ctx context.Context, id string, rule func(*store.Change, string) error) (*pageOut, error) {
	who, err := technician(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.Store.Change(ctx, who.Tenant, id, who.Name, d.Now(), func(c *store.Change) error { return rule(c, who.Name) })
	if err != nil {
		return nil, err
	}
	return d.pageOf(ctx, t)
}

func (d *Desk) file(w http.ResponseWriter, r *http.Request) {
	who, err := technician(r.Context())
	var files []deskapi.FileInfo
	if err == nil {
		files, err = d.Store.Files(r.Context(), who.Tenant, r.PathValue("id"))
	}
	at := slices.IndexFunc(files, func(f deskapi.FileInfo) bool { return f.Name == r.PathValue("name") })
	if err == nil && at < 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	f := files[at]
	disposition, media := "attachment", f.Type
	switch {
	case strings.HasPrefix(f.Type, "image/"): // the desk's own short list has no SVG
		disposition = "inline"
	case f.Type == "text/plain": // logs and long words, all in UTF-8
		disposition, media = "inline", "text/plain; charset=utf-8"
	}
	d.sendBlob(w, r, who.Tenant, f.SHA256, media, mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
}

// sessionTime is how long a technician stays signed in: one working day.
const sessionTime = 12 * time.Hour
