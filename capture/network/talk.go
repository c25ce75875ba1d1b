package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"
)

// How a conversation ended.
const (
	answered    = "answered"    // by whom we asked
	elsewhere   = "elsewhere"   // a page, or the way to one, instead: somebody stands in between
	badStatus   = "bad_status"  // it answers, but not with what it should
	unproven    = "unproven"    // a certificate that this computer does not accept
	noName      = "no_name"     // the name could not be found
	shut        = "refused"     // the computer is there, the door is shut
	silence     = "no_answer"   // nothing came back in time
	unreachable = "unreachable" // the network itself said no
	proxyFailed = "proxy"       // the proxy did not lead there
	broken      = "broken"      // ended in the middle
)

// talk is one conversation.
type talk struct {
	asked     bool
	how       string
	status    int
	where     string            // the host that we were sent to
	issuer    string            // who signed the certificate
	expired   bool              // the certificate is not valid at this computer's date
	shown     *x509.Certificate // which is not
	ahead     time.Duration     // this computer's clock, if that is why; else 0
	wrongName bool              // the certificate belongs to another name
	proxy     string            // host:port, if there was one
	remote    string
	err       error

	dns, connect, tls, first time.Duration // from the start of each step to its end
}

func (t talk) ok() bool { return t.how == answered }

// speak asks u once. good says whether an answer is the one expected; nil:
// any is. Redirects are followed only within the same host.
func (x *examination) speak(ctx context.Context, method string, u *url.URL, good func(*http.Response) string) talk {
	client := x.client(u)
	defer client.CloseIdleConnections()
	return x.speakBy(ctx, client, method, u, good)
}

// agent is who we say we are.
const agent = "Raisehand"

// client is a way to u of its own: nothing is shared between two questions, so
// that one that hangs holds up no other.
func (x *examination) client(u *url.URL) *http.Client {
	transport := &http.Transport{
		Proxy:           func(r *http.Request) (*url.URL, error) { return x.proxyFor(r.URL) },
		DialContext:     (&net.Dialer{Resolver: &net.Resolver{}}).DialContext, // its own: Go joins two questions for the same name into one
		TLSClientConfig: &tls.Config{},
	}
	return &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.Hostname() != u.Hostname() || len(via) > 3 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

func (x *examination) speakBy(ctx context.Context, client *http.Client, method string, u *url.URL, good func(*http.Response) string) (t talk) {
	ctx, cancel := context.WithTimeout(ctx, talkLimit)
	defer cancel()
	t.asked = true
	if p, err := x.proxyFor(u); err == nil && p != nil {
		t.proxy = hostPort(p)
	}
	var s stopwatch
	ctx = httptrace.WithClientTrace(ctx, s.trace())
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		t.how, t.err = broken, err
		return t
	}
	req.Header.Set("User-Agent", agent)
	resp, err := client.Do(req)
	s.fill(&t)
	if err != nil {
		t.err = err
		t.classify(err)
		if t.expired {
			t.ahead = x.ahead(ctx, u, t.shown)
		}
		return t
	}
	defer resp.Body.Close()
	t.status = resp.StatusCode
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		t.issuer = signer(resp.TLS.PeerCertificates[0])
	}
	if to, err := resp.Location(); err == nil {
		t.where = to.Hostname()
	}
	t.how = answered
	if t.status == http.StatusProxyAuthRequired {
		t.how = proxyFailed
	} else if good != nil {
		t.how = good(resp)
	}
	return t
}

func hostPort(u *url.URL) string { return net.JoinHostPort(u.Hostname(), port(u)) }

// classify says in one word why nothing came back.
func (t *talk) classify(err error) {
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	switch {
	case errors.As(err, &certificate):
		t.how = unproven
		if len(certificate.UnverifiedCertificates) > 0 {
			t.issuer = signer(certificate.UnverifiedCertificates[0])
		}
		var invalid x509.CertificateInvalidError
		t.wrongName = errors.As(err, &x509.HostnameError{})
		t.expired = errors.As(err, &invalid) && invalid.Reason == x509.Expired
		if t.expired && len(certificate.UnverifiedCertificates) > 0 {
			t.shown = certificate.UnverifiedCertificates[0]
		}
	case t.proxy != "" && (t.connect == 0 || !timeout(err)):
		t.how = proxyFailed // what the proxy says instead of leading there
	case errors.As(err, &dns):
		t.how = noName
	case timeout(err):
		t.how = silence
	case errors.Is(err, connRefused):
		t.how = shut
	case errors.Is(err, netUnreachable), errors.Is(err, hostUnreachable):
		t.how = unreachable
	default:
		t.how = broken
	}
}

// signer is who signed a certificate, as people would recognise it.
func signer(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return strings.Join(c.Issuer.Organization, ", ")
}

// stopwatch takes the times of one request's steps. Its steps run in other
// goroutines, some of them after the request has ended.
type stopwatch struct {
	mu                       sync.Mutex
	begun                    map[string]time.Time
	written                  time.Time
	dns, connect, tls, first time.Duration
	remote                   string
}

func (s *stopwatch) trace() *httptrace.ClientTrace {
	s.begun = map[string]time.Time{}
	start := func(what string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.begun[what] = time.Now()
	}
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { start("dns") },
		DNSDone: func(httptrace.DNSDoneInfo) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.dns = time.Since(s.begun["dns"])
		},
		ConnectStart: func(_, addr string) { start("connect " + addr) },
		ConnectDone: func(_, addr string, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if err == nil {
				s.connect, s.remote = time.Since(s.begun["connect "+addr]), addr
			}
		},
		TLSHandshakeStart: func() { start("tls") },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if err == nil {
				s.tls = time.Since(s.begun["tls"])
			}
		},
		WroteRequest: func(httptrace.WroteRequestInfo) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.written = time.Now()
		},
		GotFirstResponseByte: func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.first = time.Since(s.written)
		},
	}
}

func (s *stopwatch) fill(t *talk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.dns, t.connect, t.tls, t.first, t.remote = s.dns, s.connect, s.tls, s.first, s.remote
}

// clockAt is where the desk tells its time.
func (x *examination) clockAt() *url.URL {
	u := *x.desk
	u.Path = strings.TrimRight(u.Path, "/") + "/v1/time"
	return &u
}

// secondTry is after how long the desk is asked once more.
const secondTry = 800 * time.Millisecond

// findDesk asks the desk for its time, which nobody else answers.
func (x *examination) findDesk(ctx context.Context) (func(*picture), error) {
	u := x.clockAt()
	client, t := x.twice(ctx, func(ctx context.Context, by *http.Client) talk { return x.speakBy(ctx, by, "GET", u, isClock) })
	to := x.line
	if x.Far != nil {
		to = x.fresh
	}
	if t.ok() {
		steps := []time.Duration{t.first}
		if t.proxy == "" {
			steps = append(steps, t.connect)
		}
		to <- &line{client, u.String(), t.remote, steps, &x.held}
	} else {
		client.CloseIdleConnections()
		x.line <- nil
	}
	x.met.say(t)
	x.doubt.say(x.desk.Hostname(), t.ok())
	return func(p *picture) { p.talk = t }, nil
}

// isClock says whether it is the desk that answers.
func isClock(r *http.Response) string {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	var said struct {
		ServerTime time.Time `json:"server_time"`
	}
	switch {
	case err != nil:
		return broken
	case r.StatusCode == http.StatusOK && json.Unmarshal(raw, &said) == nil && !said.ServerTime.IsZero():
		return answered
	case page(r):
		return elsewhere
	}
	return badStatus
}

// twice speaks to the desk, and once more beside it if there is no answer: on
// a bad line the second may pass where packets of the first were lost.
func (x *examination) twice(ctx context.Context, speak func(context.Context, *http.Client) talk) (*http.Client, talk) {
	type end struct {
		by *http.Client
		talk
	}
	ctx, cancel := context.WithTimeout(ctx, talkLimit)
	defer cancel()
	ends := make(chan end, 2)
	begin := func() {
		by := x.client(x.desk)
		ends <- end{by, speak(ctx, by)}
	}
	go begin()
	again := time.NewTimer(secondTry)
	defer again.Stop()
	var first *end
	for n := 1; ; {
		select {
		case e := <-ends:
			if n--; e.ok() || n == 0 {
				if first != nil && !e.ok() {
					e = *first
				}
				return e.by, e.talk
			}
			first = &e
		case <-again.C:
			n++
			go begin()
		}
	}
}

// page says that an answer is a web page, or sends us to another host.
func page(r *http.Response) bool {
	if r.StatusCode == http.StatusNetworkAuthenticationRequired { // RFC 6585 §6: a portal that says so
		return true
	}
	if r.StatusCode >= 300 && r.StatusCode < 400 {
		return true
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.StatusCode == http.StatusOK && (kind == "text/html" || kind == "application/xhtml+xml")
}

// service is one of the places that classes need.
type service struct {
	host string
	talk talk
}

// findServices asks each of them for the head of its first page. Any answer
// is one, a refusal in good form too.
func (x *examination) findServices(ctx context.Context) (func(*picture), error) {
	list := make([]service, len(x.services))
	var all sync.WaitGroup
	for i, u := range x.services {
		all.Go(func() {
			list[i] = service{u.Host, x.asClasses(ctx, u).speak(ctx, "HEAD", u, nil)}
			x.doubt.say(u.Hostname(), list[i].talk.ok())
		})
	}
	all.Wait()
	return func(p *picture) { p.services = list }, nil
}
