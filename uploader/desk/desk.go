// Package desk is the receiving end: ticket → queue → an answer in time.
// Computers send tickets and follow them, technicians see what is due first and
// answer; both by the HTTP API under /v1, which /v1/openapi.json describes.
package desk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"raisehand/assets/words"
	"raisehand/uploader/desk/echo"
	"raisehand/uploader/desk/sla"
	"raisehand/uploader/desk/store"
)

// Desk serves one store. Set the fields before Handler.
type Desk struct {
	Store   *store.Store
	Rules   sla.Rules        // nil: the service's own
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: slog.Default; never told a token, a key, a password or a person's words
	Secure  bool             // reached by https: cookies say so
	Proxied bool             // behind a TLS proxy: the caller's address is the one it names

	Echo *echo.Server // measures the way to a computer; nil: without UDP

	KeepAlive time.Duration // between two signs of life on a stream; 0: 20 s
	Once      time.Duration // how long ?once waits for an event; 0: 25 s

	api      huma.API
	hub      hub
	failures failures
	argon    chan struct{} // a slot for each password being checked: each takes 46 MiB
	done     chan struct{}
	stop     sync.Once
}

// Handler builds the whole site: API, console, words.
func (d *Desk) Handler() http.Handler {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.KeepAlive == 0 {
		d.KeepAlive = 20 * time.Second
	}
	if d.Once == 0 {
		d.Once = 25 * time.Second
	}
	d.done = make(chan struct{})
	d.argon = make(chan struct{}, 2)
	d.Store.Changed = d.hub.wake

	mux := http.NewServeMux()
	d.describe(mux)
	d.open()
	d.echoes(mux)
	d.computers(mux)
	d.technicians(mux)
	d.site(mux)
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		d.refuse(w, r, refusal{Code: "desk.not_found", Status: http.StatusNotFound})
	})
	return d.guard(mux)
}

// Stop ends the streams, which would otherwise outlive a graceful shutdown.
func (d *Desk) Stop() { d.stop.Do(func() { close(d.done) }) }

// public are the addresses that need no token. Everything else under /v1 does:
// an endpoint added tomorrow is closed until it is listed here.
var public = map[string]bool{
	"GET /v1/time":          true,
	"GET /v1/healthz":       true,
	"GET /v1/openapi.json":  true,
	"GET /v1/openapi.yaml":  true,
	"POST /v1/enroll":       true,
	"POST /v1/echo":         true, // its own token opens the rest
	"GET /v1/echo":          true,
	"POST /v1/echo/up":      true,
	"GET /v1/echo/down":     true,
	"POST /v1/desk/session": true,
	"HEAD /v1/time":         true,
	"HEAD /v1/healthz":      true,
	"HEAD /v1/openapi.json": true,
	"HEAD /v1/openapi.yaml": true,
}

// guard lets in who may come in, and says who it is.
func (d *Desk) guard(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		ctx := context.WithValue(r.Context(), langKey{}, words.Pick(r.Header.Get("Accept-Language")))
		ctx = context.WithValue(ctx, fromKey{}, d.from(r))
		r = r.WithContext(ctx)
		if !strings.HasPrefix(path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		var err error
		switch {
		case strings.HasPrefix(path, "/v1/desk/") && crossOrigin.Check(r) != nil:
			err = refusal{Code: "desk.csrf", Status: http.StatusForbidden}
		case public[r.Method+" "+path]:
		case strings.HasPrefix(path, "/v1/desk/"):
			ctx, err = d.technician(ctx, r)
		default:
			ctx, err = d.device(ctx, r)
		}
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

type (
	langKey   struct{}
	fromKey   struct{}
	deviceKey struct{}
)

// device knows a computer by its token.
func (d *Desk) device(ctx context.Context, r *http.Request) (context.Context, error) {
	unknown := refusal{Code: "desk.token_unknown", Status: http.StatusUnauthorized,
		Header: http.Header{"Www-Authenticate": {`Bearer realm="raisehand"`}}}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return ctx, unknown
	}
	dev, err := d.Store.DeviceByToken(ctx, hashOf(token))
	if err == store.ErrNotFound {
		return ctx, unknown
	}
	return context.WithValue(ctx, deviceKey{}, dev), err
}

// caller is the computer that speaks.
func caller(ctx context.Context) (store.Device, error) {
	dev, ok := ctx.Value(deviceKey{}).(store.Device)
	if !ok {
		return dev, refusal{Code: "desk.token_unknown", Status: http.StatusUnauthorized}
	}
	return dev, nil
}

// from is the caller's address, for counting failures only.
func (d *Desk) from(r *http.Request) string {
	host := r.RemoteAddr
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		host = host[:i]
	}
	if !d.Proxied {
		return host
	}
	via := r.Header.Values("X-Forwarded-For")
	if len(via) == 0 {
		return host
	}
	hops := strings.Split(via[len(via)-1], ",")
	return strings.TrimSpace(hops[len(hops)-1]) // the one our own proxy added
}

// hashOf is how secrets that we made ourselves are kept: they are random and
// long, so one SHA-256 is enough.
func hashOf(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
