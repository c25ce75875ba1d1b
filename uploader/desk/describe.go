package desk

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// bodyTime is how long a request's body may take: a slow line is no reason to
// refuse a ticket.
const bodyTime = 2 * time.Minute

// Who an operation is for.
var (
	forDevices     = []map[string][]string{{"device": {}}}
	forTechnicians = []map[string][]string{{"technician": {}}}
)

// describe starts the API and its own description.
func (d *Desk) describe(mux *http.ServeMux) {
	c := huma.DefaultConfig("Raisehand desk", "1")
	c.Info.Description = "Computers send tickets and follow them; technicians answer. Errors are problem+json with a `code`. Times are UTC, RFC 3339."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "/v1/openapi", "", ""
	c.CreateHooks = nil // no $schema in answers
	c.OnAddOperation = append(c.OnAddOperation, func(_ *huma.OpenAPI, op *huma.Operation) {
		if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
			delete(op.RequestBody.Content, "application/octet-stream") // the raw body is that same JSON
		}
	})
	c.AllowAdditionalPropertiesByDefault = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"device": {Type: "http", Scheme: "bearer", Description: "The token from POST /v1/enroll."},
		"technician": {Type: "apiKey", In: "cookie", Name: cookieName(d.Secure),
			Description: "From POST /v1/desk/session; everything but GET also needs the header X-CSRF-Token."},
	}
	d.api = humago.New(mux, c)
}

// route registers one operation; its errors become problems.
func route[I, O any](d *Desk, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.BodyReadTimeout = bodyTime
	if op.OperationID == "" {
		op.OperationID = operationID(op.Method, op.Path)
	}
	huma.Register(d.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, d.problemOf(ctx, err)
		}
		return out, nil
	})
}

// operationID names an operation for those who generate code from the
// description: "get-desk-tickets-id".
func operationID(method, path string) string {
	path = strings.NewReplacer("{", "", "}", "", "/", "-").Replace(strings.TrimPrefix(path, "/v1"))
	return strings.ToLower(method) + path
}

// plain registers a handler of our own and describes it.
func (d *Desk) plain(mux *http.ServeMux, op huma.Operation, h http.HandlerFunc) {
	if op.OperationID == "" {
		op.OperationID = operationID(op.Method, op.Path)
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{Description: "A problem",
		Content: map[string]*huma.MediaType{"application/problem+json": {
			Schema: d.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[problem](), true, "Problem")}}}
	d.api.OpenAPI().AddOperation(&op)
	mux.HandleFunc(op.Method+" "+op.Path, h)
}

// param describes a parameter of a plain handler.
func param(in, name, about string) *huma.Param {
	return &huma.Param{In: in, Name: name, Description: about, Required: in == "path",
		Schema: &huma.Schema{Type: "string"}}
}

// answers describes a plain handler's answer.
func answers(status, about, mediaType string) map[string]*huma.Response {
	r := &huma.Response{Description: about}
	if mediaType != "" {
		r.Content = map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: "string"}}}
	}
	return map[string]*huma.Response{status: r}
}
