package deskapi

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func problemOf(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(Problem{Title: http.StatusText(status), Status: status, Code: code})
}

func TestEveryAnswerHasItsWord(t *testing.T) {
	for _, c := range []struct {
		name, code string
		is         error
		answer     http.HandlerFunc
	}{
		{"captive portal", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>sign in</html>")
		}},
		{"html that calls itself json", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, "<html>sign in</html>")
		}},
		{"another server", "desk.not_a_desk", ErrNotDesk, http.NotFound},
		{"another api", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"hello":"world"}`)
		}},
		{"empty", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) {}},
		{"sent elsewhere", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://portal.invalid/login", http.StatusTemporaryRedirect)
		}},
		{"network sign-in required", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "", http.StatusNetworkAuthenticationRequired)
		}},
		{"gateway", "desk.unreachable", ErrUnreachable, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "bad gateway", http.StatusBadGateway) }},
		{"cut", "desk.unreachable", ErrUnreachable, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
		{"cut in the middle", "desk.unreachable", ErrUnreachable, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "500")
			fmt.Fprint(w, `{"id":`)
		}},
		{"key", "desk.key_wrong", ErrKey, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 401, "desk.key_wrong") }},
		{"used up", "desk.key_used_up", ErrKey, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 403, "desk.key_used_up") }},
		{"token", "desk.token_unknown", ErrToken, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 401, "desk.token_unknown") }},
		{"size", "desk.too_large", ErrTooLarge, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 413, "desk.too_large") }},
		{"a proxy's size", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "nginx", http.StatusRequestEntityTooLarge) }},
		{"refused", "desk.ticket_changed", ErrRefused{Problem{Title: "Unprocessable Entity", Status: 422, Code: "desk.ticket_changed"}},
			func(w http.ResponseWriter, r *http.Request) { problemOf(w, 422, "desk.ticket_changed") }},
		{"another api's no", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 403, "") }},
		{"another api's bad request", "desk.not_a_desk", ErrNotDesk, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 400, "") }},
		{"a desk at another path", "desk.address_wrong", ErrPath, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 404, "desk.not_found") }},
		{"a method unknown there", "desk.address_wrong", ErrPath, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 405, "desk.bad_request") }},
		{"a desk's own no", "desk.busy", ErrBusy{403, 0}, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 403, "desk.csrf") }},
		{"not understood", "desk.bad_request", ErrRefused{Problem{Title: "Bad Request", Status: 400, Code: "desk.bad_request"}},
			func(w http.ResponseWriter, r *http.Request) { problemOf(w, 400, "desk.bad_request") }},
		{"busy", "desk.busy", ErrBusy{429, 7 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "7")
			problemOf(w, 429, "")
		}},
		{"broken", "desk.busy", ErrBusy{500, 0}, func(w http.ResponseWriter, r *http.Request) { problemOf(w, 500, "") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := &Client{Base: serve(t, c.answer).URL, Token: func() string { return "secret" }}
			_, err := client.PostTicket(t.Context(), Ticket{ID: "x"})
			if Code(err) != c.code || (c.is != nil && !errors.Is(err, c.is)) {
				t.Errorf("code %q of %v", Code(err), err)
			}
			if strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("the token is in the error: %v", err)
			}
			if NeverSent(err) != errors.Is(err, ErrPath) {
				t.Errorf("counts as never sent, or not: %v", err)
			}
		})
	}
}

// Whatever answers an enrolment, it says nothing about a ticket.
func TestEnrollingIsNeverRefused(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503} {
		for _, code := range []string{"", "desk.not_found", "desk.bad_request", "desk.too_large", "desk.key_wrong"} {
			c := &Client{Base: serve(t, func(w http.ResponseWriter, r *http.Request) { problemOf(w, status, code) }).URL}
			_, err := c.Enrol(t.Context(), Enrol{Key: "k"})
			if err == nil || errors.As(err, new(ErrRefused)) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrToken) {
				t.Errorf("%d %q: %v", status, code, err)
			}
			want := map[int]string{404: "desk.address_wrong", 405: "desk.address_wrong", 500: "desk.busy"}[status]
			if code == "desk.not_found" && want != "" && Code(err) != want {
				t.Errorf("%d %q: %q of %v", status, code, Code(err), err)
			}
		}
	}
}

// A sign-in page says yes to everything.
func TestAPageIsNoYes(t *testing.T) {
	c := &Client{Base: serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>sign in</html>")
	}).URL}
	data := strings.NewReader("a log")
	for what, err := range map[string]error{
		"message": c.Message(t.Context(), "x", NewMessage{ID: "m", Text: "hello"}),
		"state":   c.SetState(t.Context(), "x", Solved),
		"report":  c.PutReportJSON(t.Context(), "x", 1, json.RawMessage("{}")),
		"file":    c.PutFile(t.Context(), "x", FileInfo{Name: "log.txt"}),
		"upload":  c.Upload(t.Context(), "sha", data, data.Size(), nil),
	} {
		if !errors.Is(err, ErrNotDesk) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// says answers every connection with the same bytes, and returns its address
// as it follows http or https.
func says(t *testing.T, answer string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 4096))
			io.WriteString(c, answer)
			c.Close()
		}
	}()
	return "://" + l.Addr().String()
}

func TestNobodyThere(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = quietLog
	secure.StartTLS()
	t.Cleanup(secure.Close)
	chatty, alert := says(t, "220 mail.school\r\n"), says(t, "\x15\x03\x01\x00\x02\x02\x46")
	nginx := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(400)
		fmt.Fprint(w, "<title>400 The plain HTTP request was sent to HTTPS port</title>")
	})
	moved := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
	})
	for base, code := range map[string]string{
		closed.URL:                    "desk.unreachable",
		"http://no-such-desk.invalid": "desk.unreachable",
		"https" + plain.URL[4:]:       "desk.scheme_wrong",
		"http" + secure.URL[5:]:       "desk.scheme_wrong",
		"https" + chatty:              "desk.scheme_wrong",
		"http" + chatty:               "desk.not_a_desk",
		"http" + alert:                "desk.scheme_wrong",
		nginx.URL:                     "desk.scheme_wrong",
		moved.URL:                     "desk.scheme_wrong",
		"":                            "desk.not_set",
		"desk.school":                 "desk.address_wrong",
		"ftp://desk.school":           "desk.address_wrong",
		"https://":                    "desk.address_wrong",
		"https://user:pw@desk.school": "desk.address_wrong",
		"https://desk.school:99999":   "desk.address_wrong",
		"http://[::1":                 "desk.address_wrong",
		"https://desk.school/?a=b":    "desk.address_wrong",
		"http://desk\x00":             "desk.address_wrong",
		"https://xn--" + strings.Repeat("a", 70000): "desk.unreachable",
	} {
		_, err := (&Client{Base: base}).Time(t.Context())
		if Code(err) != code {
			t.Errorf("%.40q: %q of %.200v", base, Code(err), err)
		}
		if code != "desk.not_a_desk" && !NeverSent(err) {
			t.Errorf("%.40q counts as sent: %.200v", base, err)
		}
	}
}

// rounds answers requests without a network.
type rounds func(*http.Request) (*http.Response, error)

func (f rounds) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestADeskThatSaysNothingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{Base: "http://desk", HTTP: &http.Client{Transport: rounds(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}}
		start := time.Now()
		_, err := c.Time(t.Context())
		if !errors.Is(err, ErrUnreachable) || time.Since(start) != callTime {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := c.Time(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
			t.Errorf("the caller's own end: %v", err)
		}
	})
}

// authority makes certificates on the fly.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "school CA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

func (a authority) issue(t *testing.T, host string, from, to time.Time) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: to, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if ip := net.ParseIP(host); ip != nil {
		tmpl.IPAddresses = []net.IP{ip}
	} else {
		tmpl.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestCertificates(t *testing.T) {
	school, stranger := newAuthority(t), newAuthority(t)
	now := time.Now()
	for _, c := range []struct {
		which string
		cert  tls.Certificate
	}{
		{"", school.issue(t, "127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour))},
		{"foreign", stranger.issue(t, "127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour))},
		{"expired", school.issue(t, "127.0.0.1", now.Add(-2*time.Hour), now.Add(-time.Hour))},
		{"expired", school.issue(t, "127.0.0.1", now.Add(time.Hour), now.Add(2*time.Hour))},
		{"name", school.issue(t, "other.school", now.Add(-time.Hour), now.Add(time.Hour))},
	} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"server_time":"2026-11-22T08:00:00Z"}`)
		}))
		s.Config.ErrorLog = quietLog
		s.TLS = &tls.Config{Certificates: []tls.Certificate{c.cert}}
		s.StartTLS()
		defer s.Close()
		trust := x509.NewCertPool()
		trust.AddCert(school.cert)
		way := Transport()
		way.TLSClientConfig = &tls.Config{RootCAs: trust}
		_, err := (&Client{Base: s.URL, HTTP: &http.Client{Transport: way}}).Time(t.Context())
		if c.which == "" {
			if err != nil {
				t.Errorf("a good certificate: %v", err)
			}
			continue
		}
		var bad ErrCertificate
		if !errors.As(err, &bad) || bad.Which != c.which || !errors.Is(err, ErrCertificate{}) || !NeverSent(err) || Code(err) != "desk.certificate_"+c.which {
			t.Errorf("%s: %q %v", c.which, Code(err), err)
		}
	}
}

func TestTheTokenGoesToNobodyElse(t *testing.T) {
	var mu sync.Mutex
	var got []string
	portal := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Header.Get("Authorization"))
	})
	desk := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, portal.URL, http.StatusTemporaryRedirect)
	})
	c := &Client{Base: desk.URL, Token: func() string { return "secret" }}
	if _, err := c.PostTicket(t.Context(), Ticket{ID: "x"}); !errors.Is(err, ErrNotDesk) {
		t.Error(err)
	}
	if len(got) != 0 {
		t.Errorf("the portal was asked, with %q", got)
	}
}

// An account speaks openly to its own computer only, unless the school has
// said otherwise: key, token and words could be read on the way.
func TestAnAccountKeepsItsSecrets(t *testing.T) {
	asked := 0
	c := func(base string) *Client {
		return &Client{Base: base, Token: func() string { return "secret" }, HTTP: &http.Client{Transport: trip(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, errors.New("nobody there")
		})}}
	}
	for base, open := range map[string]bool{
		"http://desk.school.example": true, "http://10.0.0.5:8080": true, "http://127.0.0.1.school.example": true, "http://[fd78::10]:8080": true,
		"https://desk.school.example": false, "http://127.0.0.1:8080": false, "http://[::1]:8080": false, "http://localhost:8080": false,
	} {
		asked = 0
		_, err := c(base).Enrol(t.Context(), Enrol{Key: "key"})
		if open != errors.Is(err, ErrNotSecret) || open != (asked == 0) || open && Code(err) != "desk.not_secret" {
			t.Errorf("%s: asked %d times, %v", base, asked, err)
		}
		allowed := c(base)
		allowed.AllowHTTP = true
		if _, err := allowed.Enrol(t.Context(), Enrol{Key: "key"}); errors.Is(err, ErrNotSecret) {
			t.Errorf("%s, allowed: %v", base, err)
		}
		stranger := c(base)
		stranger.Token = nil // asks the time, and has nothing to hide
		if _, err := stranger.Time(t.Context()); errors.Is(err, ErrNotSecret) {
			t.Errorf("%s, the time: %v", base, err)
		}
	}
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheDesksClock(t *testing.T) {
	ahead := 90 * time.Minute
	c := &Client{Base: serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"server_time": time.Now().Add(ahead)})
	}).URL}
	if d := c.Offset().Abs(); d > time.Second {
		t.Errorf("before the first answer: %v", d)
	}
	if _, err := c.Time(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := (c.Offset() - ahead).Abs(); d > 500*time.Millisecond {
		t.Errorf("off by %v", d)
	}
	if d := (time.Until(c.Now()) - ahead).Abs(); d > 500*time.Millisecond {
		t.Errorf("now is off by %v", d)
	}
}

func TestASlowAnswerDoesNotSpoilTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k clock
		start := time.Now()
		k.sample(start.Add(time.Hour), start, start, 0)
		time.Sleep(10 * time.Second) // the bubble's clock: no real time passes
		k.sample(time.Now().Add(time.Hour).Add(-8*time.Second), start, time.Now(), 0)
		if k.offset() != time.Hour {
			t.Errorf("offset %v", k.offset())
		}
		k.sample(time.Now().Add(2*time.Hour), time.Now(), time.Now(), 0) // the desk's clock was set
		if k.offset() != 2*time.Hour {
			t.Errorf("offset %v", k.offset())
		}
	})
}

// shelf is the blob part of a desk; it may cut connections.
type shelf struct {
	mu    sync.Mutex
	sha   string
	data  []byte
	calls []string
	cut   func(call int, r *http.Request) int // bytes to take before cutting; -1: all
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.Method)
	switch r.Method {
	case "PATCH":
		if r.Header.Get("Upload-Offset") != strconv.Itoa(len(s.data)) {
			problemOf(w, 409, "desk.blob_offset")
			return
		}
		limit := -1
		if s.cut != nil {
			limit = s.cut(len(s.calls), r)
		}
		if limit >= 0 {
			part, _ := io.ReadAll(io.LimitReader(r.Body, int64(limit)))
			s.data = append(s.data, part...)
			panic(http.ErrAbortHandler)
		}
		body, _ := io.ReadAll(r.Body)
		s.data = append(s.data, body...)
	case "PUT":
		s.data, _ = io.ReadAll(r.Body)
	}
	w.Header().Set("Upload-Offset", strconv.Itoa(len(s.data)))
	sum := sha256.Sum256(s.data)
	switch whole := s.sha == "" || hex.EncodeToString(sum[:]) == s.sha; {
	case whole && len(s.data) > 0:
		w.Header().Set("Upload-Complete", "?1")
	case r.Method == "HEAD":
		w.WriteHeader(http.StatusNotFound)
		return
	default:
		w.Header().Set("Upload-Complete", "?0")
	}
	w.WriteHeader(http.StatusNoContent)
}

func TestUploadsGoOnWhereTheyWereCut(t *testing.T) {
	data := make([]byte, 5<<20+12345)
	rand.Read(data)
	sum := sha256.Sum256(data)
	sha := hex.EncodeToString(sum[:])
	s := &shelf{sha: sha, cut: func(call int, _ *http.Request) int {
		if call%2 == 0 {
			return 300_000
		}
		return -1
	}}
	srv := httptest.NewServer(s)
	defer srv.Close()
	c := &Client{Base: srv.URL}
	tries := 0
	for err := errors.New("not yet"); err != nil; tries++ {
		if tries > 50 {
			t.Fatal(err)
		}
		if err = c.Upload(t.Context(), sha, bytes.NewReader(data), int64(len(data)), nil); err != nil && !errors.Is(err, ErrUnreachable) {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(s.data, data) {
		t.Errorf("%d bytes arrived, not the same", len(s.data))
	}
	if tries < 3 {
		t.Errorf("only %d tries: nothing was cut", tries)
	}
}

func TestUploadsOfEverySize(t *testing.T) {
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk} {
		data := bytes.Repeat([]byte{7}, size)
		sum := sha256.Sum256(data)
		sha := hex.EncodeToString(sum[:])
		s := &shelf{sha: sha}
		srv := httptest.NewServer(s)
		c := &Client{Base: srv.URL}
		for range 2 {
			if err := c.Upload(t.Context(), sha, bytes.NewReader(data), int64(size), nil); err != nil {
				t.Errorf("%d: %v", size, err)
			}
		}
		if !bytes.Equal(s.data, data) {
			t.Errorf("%d: %d arrived", size, len(s.data))
		}
		if size > 0 && s.calls[len(s.calls)-1] != "HEAD" {
			t.Errorf("%d: sent again: %v", size, s.calls)
		}
		srv.Close()
	}
	if err := (&Client{Base: "http://desk"}).Upload(t.Context(), "sha", nil, MaxFileBytes+1, nil); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestABlobThatArrivedWrongIsSentAgain(t *testing.T) {
	data := make([]byte, 2*chunk)
	rand.Read(data)
	sum := sha256.Sum256(data)
	s := &shelf{sha: hex.EncodeToString(sum[:]), data: make([]byte, len(data))}
	srv := httptest.NewServer(s)
	defer srv.Close()
	if err := (&Client{Base: srv.URL}).Upload(t.Context(), s.sha, bytes.NewReader(data), int64(len(data)), nil); err != nil || !bytes.Equal(s.data, data) {
		t.Errorf("%v %v", err, s.calls)
	}
}

func TestEveryCodeHasItsWords(t *testing.T) {
	codes := []string{"desk.other", "outbox.full", "outbox.unwritable", "outbox.gone", "desk.ticket_changed", Code(ErrRefused{}), Code(ErrBusy{}), Code(errors.New("anything"))}
	for _, e := range []error{ErrUnreachable, ErrNotDesk, ErrAddress, ErrNoDesk, ErrKey, ErrNoKey, ErrToken, ErrTooLarge, ErrPath, ErrScheme,
		ErrCertificate{Which: "foreign"}, ErrCertificate{Which: "expired"}, ErrCertificate{Which: "name"}} {
		codes = append(codes, Code(fmt.Errorf("wrapped: %w", e)))
	}
	for _, lang := range []string{"en", "zh"} {
		raw, err := os.ReadFile("../../assets/words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var book struct {
			Codes map[string]struct{ Title, Says, Do string }
		}
		if err := json.Unmarshal(raw, &book); err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if w := book.Codes[code]; w.Title == "" || w.Says == "" || w.Do == "" {
				t.Errorf("%s: %s has no words", lang, code)
			}
		}
	}
	if Code(nil) != "" {
		t.Error("nil has a code")
	}
}

var quietLog = log.New(io.Discard, "", 0) // the server's side of a refused handshake
