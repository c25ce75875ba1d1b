package deskapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"raisehand/capture/report"
)

// Client speaks to one desk. Its zero value needs only Base. It is safe for
// several goroutines; do not copy it.
type Client struct {
	Base  string        // the desk's address, "https://desk.school.example"
	Token func() string // this computer's secret, nil or empty before it is enrolled
	HTTP  *http.Client  // nil: Transport's bounded times, proxies from the environment

	// AllowHTTP lets an account, which has a Token function, speak to another
	// computer without encryption. Else only loopback may be spoken to so.
	AllowHTTP bool

	clock clock
	once  sync.Once
	http  *http.Client
}

// How long one thing may take. A connection that stands but says nothing is as
// dead as none: behind a class's Wi-Fi that is the common case.
const (
	dialTime   = 10 * time.Second // also TLS
	headerTime = 30 * time.Second // longer than the 25 s that the desk may hold a ?once
	callTime   = 40 * time.Second // a small request, whole
	chunkTime  = 2 * time.Minute  // 1 MiB at 70 kbit/s
	chunk      = 1 << 20
	maxAnswer  = 4 << 20
)

// Transport returns the way to a desk: HTTP/1.1, because a connection that
// died in the computer's sleep costs one request then, not all of them.
func Transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   dialTime,
		ResponseHeaderTimeout: headerTime,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConnsPerHost:   4,
		DisableCompression:    true,
	}
}

// CheckBase returns the address in its one form, without a trailing slash.
func CheckBase(base string) (string, error) {
	base = strings.TrimSpace(base)
	if base == "" {
		return "", ErrNoDesk
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAddress, err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: %q", ErrAddress, u.Redacted())
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return "", fmt.Errorf("%w: port %q", ErrAddress, p)
		}
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// secret says whether nobody on the way can read what goes to this address:
// https, or this very computer.
func secret(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" {
		return err == nil
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Now is the desk's time, counted on the monotonic clock since its last
// answer; this computer's own until it has answered once. UTC.
func (c *Client) Now() time.Time { return c.clock.now() }

// Offset is how far the desk's clock is ahead of this computer's.
func (c *Client) Offset() time.Duration { return c.clock.offset() }

// Time asks the desk for its time, and sets the client's clock by it.
func (c *Client) Time(ctx context.Context) (time.Time, error) {
	var t serverTime
	if _, err := c.call(ctx, "GET", "/v1/time", nil, nil, &t); err != nil {
		return time.Time{}, fmt.Errorf("ask the time: %w", way(err))
	}
	return t.ServerTime, nil
}

// Enrol introduces this computer. The answer is secret. It is never an
// ErrRefused: a no is about the key or the way.
func (c *Client) Enrol(ctx context.Context, e Enrol) (Enrolled, error) {
	var out Enrolled
	if _, err := c.call(ctx, "POST", "/v1/enroll", nil, e, &out); err != nil {
		return Enrolled{}, fmt.Errorf("enrol: %w", wayToEnrol(err))
	}
	if out.Token == "" {
		return Enrolled{}, fmt.Errorf("enrol: %w", notDesk("an answer without a token"))
	}
	return out, nil
}

// Contact asks who receives tickets now.
func (c *Client) Contact(ctx context.Context) (Contact, error) {
	var out Contact
	if _, err := c.call(ctx, "GET", "/v1/contact", nil, nil, &out); err != nil {
		return Contact{}, fmt.Errorf("ask for the contact: %w", err)
	}
	return out, nil
}

// PostTicket hands a ticket in. Doing it again changes nothing. ErrRefused only
// for what is in the ticket; a wrong address is ErrPath.
func (c *Client) PostTicket(ctx context.Context, t Ticket) (Status, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return Status{}, fmt.Errorf("post ticket: %w", err)
	}
	return c.PostTicketJSON(ctx, t.ID, raw)
}

// PostTicketJSON is PostTicket with the ticket's bytes as they were kept: a
// newer version of the app must not send an old ticket in another form, the
// desk would take it for a changed one.
func (c *Client) PostTicketJSON(ctx context.Context, id string, raw json.RawMessage) (Status, error) {
	var s Status
	h := http.Header{"Idempotency-Key": {id}}
	if _, err := c.call(ctx, "POST", "/v1/tickets", h, raw, &s); err != nil {
		return Status{}, fmt.Errorf("post ticket: %w", wayToTicket(err))
	}
	if s.ID != id {
		return Status{}, fmt.Errorf("post ticket: %w", notDesk("a status of another ticket"))
	}
	return s, nil
}

// PutReport attaches an examination. Versions count from 1.
func (c *Client) PutReport(ctx context.Context, id string, version int, r report.Report) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("put report %d: %w", version, err)
	}
	return c.PutReportJSON(ctx, id, version, raw)
}

// PutReportJSON is PutReport with the bytes as they were kept.
func (c *Client) PutReportJSON(ctx context.Context, id string, version int, raw json.RawMessage) error {
	_, err := c.call(ctx, "PUT", ticketPath(id)+"/reports/"+strconv.Itoa(version), nil, raw, nil)
	if err != nil {
		return fmt.Errorf("put report %d: %w", version, err)
	}
	return nil
}

// PutFile attaches a blob that the desk has already.
func (c *Client) PutFile(ctx context.Context, id string, f FileInfo) error {
	if _, err := c.call(ctx, "PUT", ticketPath(id)+"/files/"+url.PathEscape(f.Name), nil, f, nil); err != nil {
		return fmt.Errorf("put file: %w", err)
	}
	return nil
}

// Ticket reads a ticket. etag is what the last call returned, or empty;
// ErrUnchanged if the ticket is still that one.
func (c *Client) Ticket(ctx context.Context, id, etag string) (Status, string, error) {
	h := http.Header{}
	if etag != "" {
		h.Set("If-None-Match", etag)
	}
	var s Status
	resp, err := c.call(ctx, "GET", ticketPath(id), h, nil, &s)
	if err != nil {
		return Status{}, etag, fmt.Errorf("read ticket: %w", err)
	}
	if s.ID != id {
		return Status{}, "", fmt.Errorf("read ticket: %w", notDesk("a status of another ticket"))
	}
	return s, resp.Header.Get("ETag"), nil
}

// Message says something about a ticket. The same m.ID twice is said once.
func (c *Client) Message(ctx context.Context, id string, m NewMessage) error {
	if _, err := c.call(ctx, "POST", ticketPath(id)+"/messages", nil, m, nil); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	return nil
}

// SetState lets the person solve or withdraw their ticket.
func (c *Client) SetState(ctx context.Context, id string, s State) error {
	if _, err := c.call(ctx, "POST", ticketPath(id)+"/state", nil, SetState{s}, nil); err != nil {
		return fmt.Errorf("set state %s: %w", s, err)
	}
	return nil
}

func ticketPath(id string) string { return "/v1/tickets/" + url.PathEscape(id) }

// serverTime is what /v1/time and every Status carry.
type serverTime struct {
	ServerTime time.Time `json:"server_time"`
}

// call makes one small request. in is JSON (as it is, if json.RawMessage), out
// is filled from the answer unless nil.
func (c *Client) call(ctx context.Context, method, path string, h http.Header, in, out any) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, callTime, errSlow)
	defer cancel()
	var body []byte
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = raw
		h = withType(h, "application/json")
	}
	resp, sent, err := c.do(ctx, method, path, h, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	got := time.Now()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, transport(ctx, err)
	}
	if resp.StatusCode == http.StatusNoContent {
		return resp, nil
	}
	if !isJSON(resp) { // a sign-in page says 200 to a message too
		return nil, notDesk("%s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	if out == nil {
		return resp, nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, notDesk("%v", err)
	}
	var t serverTime
	if json.Unmarshal(raw, &t) == nil {
		c.clock.sample(t.ServerTime, sent, got, 0)
	}
	return resp, nil
}

var errSlow = errors.New("no answer in time")

// do sends one request and sorts the answer; the caller closes the body of a
// success. sent is when the request had a connection to go through.
func (c *Client) do(ctx context.Context, method, path string, h http.Header, body []byte) (resp *http.Response, sent time.Time, err error) {
	base, err := CheckBase(c.Base)
	if err != nil {
		return nil, sent, err
	}
	if c.Token != nil && !c.AllowHTTP && !secret(base) {
		return nil, sent, ErrNotSecret
	}
	var mu sync.Mutex
	sent = time.Now()
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		mu.Lock()
		defer mu.Unlock()
		sent = time.Now()
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), method, base+path, bytes.NewReader(body))
	if err != nil {
		return nil, sent, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	if body == nil {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	for k, v := range h {
		req.Header[k] = v
	}
	if c.Token != nil {
		if t := c.Token(); t != "" {
			req.Header.Set("Authorization", "Bearer "+t)
		}
	}
	resp, err = c.client().Do(req)
	if err != nil {
		return nil, sent, transport(ctx, err)
	}
	got := time.Now()
	mu.Lock()
	at := sent
	mu.Unlock()
	ours := resp.StatusCode < 300
	if ours && isHTML(resp) {
		resp.Body.Close()
		return nil, at, notDesk("%s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	var p *Problem
	if !ours {
		p = problem(resp)
		defer resp.Body.Close()
	}
	if (ours || p != nil) && !isHTML(resp) { // a captive portal's clock is nobody's
		if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			c.clock.sample(date, at, got, time.Second)
		}
	}
	if !ours {
		return resp, at, answer(resp, p)
	}
	return resp, at, nil
}

// client is HTTP with our rule on redirects: a captive portal answers with one
// to itself. Only the desk's own host may send us on, with the same method.
func (c *Client) client() *http.Client {
	c.once.Do(func() {
		h := http.Client{Transport: Transport()}
		if c.HTTP != nil {
			h = *c.HTTP
		}
		h.CheckRedirect = func(req *http.Request, via []*http.Request) error {
			first := via[0]
			if req.URL.Scheme != first.URL.Scheme && req.URL.Hostname() == first.URL.Hostname() {
				return fmt.Errorf("%w: sent on to %s", ErrScheme, req.URL.Redacted())
			}
			if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method || len(via) > 3 {
				return notDesk("sent on to %s", req.URL.Redacted())
			}
			return nil
		}
		c.http = &h
	})
	return c.http
}

// problem reads an error of our own form, nil for anything else.
func problem(resp *http.Response) *Problem {
	if t, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); t != "application/problem+json" {
		return nil
	}
	var p Problem
	if json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&p) != nil {
		return nil
	}
	return &p
}

func isJSON(resp *http.Response) bool {
	t, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return t == "application/json"
}

func isHTML(resp *http.Response) bool {
	t, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return t == "text/html"
}

func withType(h http.Header, t string) http.Header {
	if h == nil {
		h = http.Header{}
	}
	h.Set("Content-Type", t)
	return h
}
