package deskapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// What can come between a computer and its desk. Each has a word code, by Code.
var (
	ErrUnreachable = word("desk.unreachable", "the desk is out of reach")                    // dial, name look-up, time-out, cut connection, gateway without a desk behind it
	ErrNotDesk     = word("desk.not_a_desk", "what answers is not a desk")                   // a web page: captive portal, proxy's notice, another server
	ErrAddress     = word("desk.address_wrong", "the desk's address is not an http address") // not worth trying
	ErrPath        = word("desk.address_wrong", "a desk answers, but not at this address")   // a slip in the path, or the desk has moved
	ErrScheme      = word("desk.scheme_wrong", "https asked of http, or http of https")      // the address wants another beginning
	ErrNotSecret   = word("desk.not_secret", "http to another computer")                     // key, token and words could be read on the way
	ErrNoDesk      = word("desk.not_set", "no desk is set")                                  // nobody has said where tickets go
	ErrKey         = word("desk.key_wrong", "the enrolment key is wrong or used up")         //
	ErrNoKey       = word("desk.key_missing", "no enrolment key, and not enrolled yet")      //
	ErrToken       = word("desk.token_unknown", "the desk does not know this computer")      // enrol again
	ErrTooLarge    = word("desk.too_large", "larger than the desk takes")                    //
	ErrUnchanged   = errors.New("unchanged")                                                 // the ETag still holds; no fault
)

// ErrRefused is the desk's no. It says why in Problem; the same request will
// be refused again.
type ErrRefused struct{ Problem Problem }

func (e ErrRefused) Error() string {
	return fmt.Sprintf("the desk refused: %d %s %s %s", e.Problem.Status, e.Problem.Title, e.Problem.Detail, e.Problem.Code)
}

// WordCode is the Problem's own code, so that it can be worded; "desk.refused"
// if it has none.
func (e ErrRefused) WordCode() string {
	if e.Problem.Code != "" {
		return e.Problem.Code
	}
	return "desk.refused"
}

// ErrBusy is a desk that is there but cannot answer just now. After is how
// long it asked to be left alone, zero if it did not say.
type ErrBusy struct {
	Status int
	After  time.Duration
}

func (e ErrBusy) Error() string { return fmt.Sprintf("the desk is busy: status %d", e.Status) }

// WordCode makes ErrBusy a sentence.
func (e ErrBusy) WordCode() string { return "desk.busy" }

// ErrCertificate is a desk that cannot prove that it is one.
// errors.Is(err, ErrCertificate{}) holds for every kind.
type ErrCertificate struct {
	Which string // "foreign" (unknown authority), "expired" (or not yet valid), "name" (issued to another name); empty: any
	Err   error  // what the TLS library said
}

func (e ErrCertificate) Error() string { return "certificate " + e.Which + ": " + fmt.Sprint(e.Err) }
func (e ErrCertificate) Unwrap() error { return e.Err }

// Is compares by kind.
func (e ErrCertificate) Is(target error) bool {
	t, ok := target.(ErrCertificate)
	return ok && (t.Which == "" || t.Which == e.Which)
}

// WordCode makes ErrCertificate a sentence.
func (e ErrCertificate) WordCode() string { return "desk.certificate_" + e.Which }

// keyError is an ErrKey that says which: "desk.key_wrong" or "desk.key_used_up".
type keyError struct{ code, detail string }

func (e keyError) Error() string        { return ErrKey.Error() + ": " + e.detail }
func (e keyError) Is(target error) bool { return target == ErrKey }
func (e keyError) WordCode() string     { return e.code }

// Code returns the word code for an error on the way to the desk, of any
// package here; empty for nil. An error of no known kind counts as out of
// reach.
func Code(err error) string {
	if err == nil {
		return ""
	}
	var worded interface{ WordCode() string }
	if errors.As(err, &worded) {
		return worded.WordCode()
	}
	return "desk.unreachable"
}

type wordError struct{ code, text string }

func word(code, text string) error    { return &wordError{code, text} }
func (e *wordError) Error() string    { return e.text }
func (e *wordError) WordCode() string { return e.code }
func unreachable(err error) error     { return fmt.Errorf("%w: %w", ErrUnreachable, err) }
func notDesk(format string, a ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrNotDesk}, a...)...)
}

// NeverSent says that the request cannot have reached the desk: the failure
// came before the connection stood, or nothing lives at that address.
func NeverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.Is(err, ErrCertificate{}) || errors.Is(err, ErrAddress) || errors.Is(err, ErrPath) || errors.Is(err, ErrScheme) || errors.Is(err, ErrNotSecret) || errors.Is(err, ErrNoDesk) ||
		errors.As(err, &dns) || (errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"))
}

// transport sorts what the HTTP client itself complains of.
func transport(ctx context.Context, err error) error {
	var (
		foreign  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		hostname x509.HostnameError
		plain    tls.RecordHeaderError
		op       *net.OpError
	)
	switch {
	case ctx.Err() != nil && context.Cause(ctx) == context.Canceled:
		return err // our own wish, not the network's fault
	case errors.Is(err, ErrNotDesk), errors.Is(err, ErrScheme):
		return err
	case errors.As(err, &op) && op.Op == "proxyconnect": // the way's own trouble, whatever it is
		return unreachable(err)
	case errors.As(err, &hostname):
		return ErrCertificate{"name", err}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return ErrCertificate{"expired", err}
	case errors.As(err, &foreign), errors.As(err, &invalid):
		return ErrCertificate{"foreign", err}
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &plain), strings.Contains(err.Error(), tlsAlert):
		return fmt.Errorf("%w: %w", ErrScheme, err)
	case strings.Contains(err.Error(), "malformed HTTP"):
		return notDesk("%v", err) // something that is no web server
	}
	return unreachable(err)
}

// tlsAlert is how net/http complains of a TLS alert in answer to plain http.
const tlsAlert = `malformed HTTP response "\x15\x03`

// wantsTLS says whether a 400 is a TLS port's answer to plain http: it has no
// code of its own, so the words of the usual servers are looked for.
func wantsTLS(resp *http.Response) bool {
	if resp.StatusCode != http.StatusBadRequest || resp.Request.URL.Scheme != "http" {
		return false
	}
	page, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	for _, says := range []string{
		"HTTP request to an HTTPS server",      // Go's own: our desk, Caddy, Traefik
		"plain HTTP request was sent to HTTPS", // nginx
		"plain HTTP to an SSL-enabled server",  // Apache
		"requires TLS",                         // Tomcat
	} {
		if strings.Contains(string(page), says) {
			return true
		}
	}
	return false
}

// answer sorts a response that is not a success. p is nil when the body is not
// problem+json: then it does not come from our desk.
func answer(resp *http.Response, p *Problem) error {
	switch code := resp.StatusCode; {
	case code == http.StatusNotModified:
		return ErrUnchanged
	case code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout:
		if p == nil { // a reverse proxy whose desk is away
			return unreachable(fmt.Errorf("gateway answered %s", resp.Status))
		}
		return ErrBusy{code, retryAfter(resp)}
	case code == http.StatusProxyAuthRequired:
		return unreachable(fmt.Errorf("proxy answered %s", resp.Status))
	case code == http.StatusRequestEntityTooLarge && p == nil: // a proxy's own limit
		return fmt.Errorf("%w: status 413", ErrTooLarge)
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return ErrBusy{code, retryAfter(resp)}
	case p == nil && wantsTLS(resp):
		return fmt.Errorf("%w: %s", ErrScheme, resp.Status)
	case p == nil:
		return notDesk("%s, %s", resp.Status, resp.Header.Get("Content-Type"))
	case code >= 500:
		return ErrBusy{code, retryAfter(resp)}
	case p.Code == "desk.key_wrong" || p.Code == "desk.key_used_up":
		return keyError{p.Code, p.Detail}
	case p.Code == "desk.cut_off": // the body broke off on its way
		return ErrBusy{code, retryAfter(resp)}
	case code == http.StatusRequestEntityTooLarge || p.Code == "desk.too_large":
		p.Status = http.StatusRequestEntityTooLarge
		return fmt.Errorf("%w: %w", ErrTooLarge, ErrRefused{*p})
	case code == http.StatusUnauthorized || p.Code == "desk.token_unknown":
		return fmt.Errorf("%w: %s", ErrToken, p.Detail)
	}
	p.Status = resp.StatusCode
	return ErrRefused{*p}
}

// About says whether a refusal lies in what was sent, so that it will be
// refused for ever: too large, changed, not understood. Only a desk can say
// so, and it says it with a code. Any other no is the way's: a wrong address,
// another server.
func (p Problem) About() bool {
	switch p.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return p.ours()
	}
	return false
}

// ours says whether a desk made the problem: other servers speak
// problem+json too.
func (p Problem) ours() bool { return strings.HasPrefix(p.Code, "desk.") }

// way turns a refusal into what it says of the way to the desk: for a request
// that holds nothing to be refused.
func way(err error) error {
	var no ErrRefused
	switch {
	case errors.As(err, &no):
		p := no.Problem
		switch {
		case p.Status == http.StatusNotFound || p.Status == http.StatusMethodNotAllowed:
			return fmt.Errorf("%w: %d %s", ErrPath, p.Status, p.Code)
		case !p.ours() || errors.Is(err, ErrTooLarge):
			return notDesk("%d %s %s", p.Status, p.Title, p.Code)
		}
		return ErrBusy{Status: p.Status}
	case errors.Is(err, ErrTooLarge):
		return notDesk("%v", err)
	}
	return err
}

// wayToEnrol is way for the enrolment, which holds the key.
func wayToEnrol(err error) error {
	var no ErrRefused
	if errors.As(err, &no) && !errors.Is(err, ErrTooLarge) && (no.Problem.About() || no.Problem.ours() && no.Problem.Status == http.StatusForbidden) {
		return keyError{"desk.key_wrong", fmt.Sprintf("%d %s", no.Problem.Status, no.Problem.Code)}
	}
	if errors.Is(err, ErrToken) { // enrolling needs none: another door of the desk
		return fmt.Errorf("%w: asked for a token", ErrPath)
	}
	return way(err)
}

// wayToTicket is way for a ticket, which may be refused for what is in it.
func wayToTicket(err error) error {
	var no ErrRefused
	if errors.As(err, &no) && no.Problem.About() {
		return err
	}
	return way(err)
}

// retryAfter reads both forms of the header; an unreasonable wish is cut to
// ten minutes.
func retryAfter(resp *http.Response) time.Duration {
	h := resp.Header.Get("Retry-After")
	d, err := time.ParseDuration(h + "s")
	if at, err2 := http.ParseTime(h); err2 == nil {
		d, err = time.Until(at), nil
	}
	if err != nil || d < 0 {
		return 0
	}
	return min(d, 10*time.Minute)
}
