package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"raisehand/assets/words"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

// refusal is a no that the desk means.
type refusal struct {
	Code   string
	Status int
	Detail string
	Header http.Header
}

func (r refusal) Error() string { return r.Code }

// problem is a refusal on the wire: problem+json, with the fields at fault.
type problem struct {
	deskapi.Problem
	Errors []*huma.ErrorDetail `json:"errors,omitempty"`
	header http.Header
}

func (p *problem) Error() string             { return p.Code }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) GetHeaders() http.Header   { return p.header }
func (p *problem) ContentType(string) string { return "application/problem+json" }

// known turns what the store can say into refusals.
var known = []struct {
	err error
	refusal
}{
	{store.ErrNotFound, refusal{Code: "desk.not_found", Status: http.StatusNotFound}},
	{store.ErrChanged, refusal{Code: "desk.ticket_changed", Status: http.StatusUnprocessableEntity}},
	{store.ErrKeyWrong, refusal{Code: "desk.key_wrong", Status: http.StatusForbidden}},
	{store.ErrKeyUsedUp, refusal{Code: "desk.key_used_up", Status: http.StatusForbidden}},
	{store.ErrTooLarge, refusal{Code: "desk.too_large", Status: http.StatusRequestEntityTooLarge}},
	{store.ErrTooMany, refusal{Code: "desk.too_many", Status: http.StatusConflict}},
	{store.ErrHash, refusal{Code: "desk.hash_wrong", Status: http.StatusUnprocessableEntity}},
	{store.ErrOffset, refusal{Code: "desk.offset_wrong", Status: http.StatusConflict}},
}

// problemOf words an error for who asked. What the desk did not expect goes to
// the log, not over the wire.
func (d *Desk) problemOf(ctx context.Context, err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var no refusal
	if !errors.As(err, &no) {
		for _, k := range known {
			if errors.Is(err, k.err) {
				no = k.refusal
			}
		}
	}
	if no.Code == "" {
		if ctx.Err() == nil {
			d.Log.Error("request not answered", "err", err)
		}
		no = refusal{Code: "desk.broken", Status: http.StatusInternalServerError}
	}
	return wording(lang(ctx), no)
}

func wording(lang string, no refusal) *problem {
	says := words.In(lang).Of(no.Code, nil)
	detail := no.Detail
	if detail == "" {
		detail = says.Says
	}
	return &problem{
		Problem: deskapi.Problem{Title: says.Title, Status: no.Status, Detail: detail, Code: no.Code},
		header:  no.Header,
	}
}

func lang(ctx context.Context) string {
	l, _ := ctx.Value(langKey{}).(string)
	return words.Pick(l)
}

// refuse answers a plain handler's request.
func (d *Desk) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := d.problemOf(r.Context(), err)
	for k, v := range p.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		json.NewEncoder(w).Encode(p)
	}
}

// bad is a request that makes no sense, with what is wrong about it.
func bad(detail string) error {
	return refusal{Code: "desk.bad_request", Status: http.StatusUnprocessableEntity, Detail: detail}
}

func init() { // huma's own refusals (a field missing, a body too large) in our form
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		no := refusal{Code: "desk.bad_request", Status: status, Detail: msg}
		switch status {
		case http.StatusRequestEntityTooLarge:
			no = refusal{Code: "desk.too_large", Status: status}
		case http.StatusInternalServerError:
			no = refusal{Code: "desk.broken", Status: status}
		}
		p := wording(lang(ctx.Context()), no)
		for _, err := range errs {
			var d huma.ErrorDetailer
			if errors.As(err, &d) {
				// Without the value: it may be a password.
				p.Errors = append(p.Errors, &huma.ErrorDetail{Message: d.ErrorDetail().Message, Location: d.ErrorDetail().Location})
			}
		}
		return p
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return wording("en", refusal{Code: "desk.bad_request", Status: status, Detail: msg})
	}
}
