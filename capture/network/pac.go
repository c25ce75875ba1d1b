package network

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/robertkrimen/otto"
)

// A PAC file is a small program by which a school tells browsers how to get
// out. It is fetched and asked as a browser would, within bounds.
const (
	pacFetch  = 1200 * time.Millisecond
	pacRun    = 400 * time.Millisecond // one question
	pacSize   = 1 << 20                // Chromium's own bound
	pacMemory = 256 << 20
	pacDepth  = 500 // calls inside calls
)

// Why a PAC file cannot be used; the words are the names "why.<reason>".
const (
	pacUnreachable = "why.pac_unreachable"
	pacMissing     = "why.pac_missing"
	pacBroken      = "why.pac_broken"
)

// pacFile is one that is set.
type pacFile struct {
	at   string
	text string
	lost bool // its very place is not known by name

	mu    sync.Mutex
	why   string // empty: it can be used, or nobody knows better
	err   error  // what a technician reads
	asked map[string]answer

	now  func() time.Time
	look func(context.Context, string) []netip.Addr // finds names
	own  func() netip.Addr                          // this computer's address
}

func openPAC(ctx context.Context, at string) *pacFile {
	p := &pacFile{at: at, now: time.Now, own: ownAddress, look: func(ctx context.Context, name string) []netip.Addr { return resolve(ctx, name).addresses }}
	ctx, cancel := context.WithTimeout(ctx, pacFetch)
	defer cancel()
	p.fetch(ctx)
	if p.why == "" && !strings.Contains(p.text, "FindProxyForURL") {
		p.why, p.err = pacBroken, errors.New("no FindProxyForURL in it")
	}
	return p
}

func ownAddress() netip.Addr { return sourceFor(netip.MustParseAddrPort("192.0.2.1:9")) }

func (p *pacFile) fetch(ctx context.Context) {
	u, err := url.Parse(p.at)
	if err != nil {
		p.why, p.err = pacMissing, err
		return
	}
	switch u.Scheme {
	case "file":
		f, err := os.Open(filePath(u))
		if err != nil {
			p.why, p.err = pacMissing, err
			return
		}
		defer f.Close()
		p.read(f)
	case "http", "https":
		p.get(ctx, u)
	default:
		p.why, p.err = pacMissing, fmt.Errorf("%q is not fetched", u.Scheme)
	}
}

func (p *pacFile) get(ctx context.Context, u *url.URL) {
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext, TLSClientConfig: &tls.Config{}} // never through a proxy
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, "GET", u.String(), nil)
	if err != nil {
		p.why, p.err = pacMissing, err
		return
	}
	req.Header.Set("User-Agent", agent)
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		var dns *net.DNSError
		p.lost = errors.As(err, &dns) && dns.IsNotFound
		p.why, p.err = pacUnreachable, err
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		p.why, p.err = pacMissing, errors.New(resp.Status)
		return
	}
	p.read(resp.Body)
}

func (p *pacFile) read(from io.Reader) {
	raw, err := io.ReadAll(io.LimitReader(from, pacSize+1))
	switch {
	case err != nil:
		p.why, p.err = pacUnreachable, err
	case len(raw) > pacSize:
		p.why, p.err = pacBroken, errors.New("more than 1 MB")
	default:
		p.text = strings.TrimPrefix(string(raw), "\ufeff")
	}
}

// way is one that a PAC file offers.
type way struct {
	kind string // "direct", "http", "https", "socks"
	at   string // host:port
}

const direct = "direct"

// answer is what a file said for one address.
type answer struct {
	said string
	ways []way
	err  error
}

// shown is its address without a password.
func (p *pacFile) shown() string {
	if u, err := url.Parse(p.at); err == nil {
		return u.Redacted()
	}
	return p.at
}

// answers are what the file said, for a technician.
func (p *pacFile) answers() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, a := range p.asked {
		list = append(list, at+" → "+a.said)
	}
	slices.Sort(list)
	return list
}

// broken says why the file cannot be used, empty if it can.
func (p *pacFile) broken() (why string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.why, p.err
}

// errBeyond says that a file cannot be judged here: it is written in a
// newer language than we speak, or takes too long.
var errBeyond = errors.New("this PAC file cannot be evaluated here")

// ask evaluates the file for u. A file that is wrong by itself is remembered
// as such; errBeyond is no judgement about it.
func (p *pacFile) ask(ctx context.Context, u *url.URL) ([]way, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := u.Scheme + "://" + u.Host
	if a, ok := p.asked[key]; ok {
		return a.ways, a.err
	}
	ctx, cancel := context.WithTimeout(ctx, pacRun)
	defer cancel()
	var a answer
	a.said, a.err = p.evaluate(ctx, u)
	if a.err == nil {
		if a.ways = readWays(a.said); a.ways == nil {
			a.err = fmt.Errorf("it answers %q", a.said)
		}
	}
	if a.err != nil && !errors.Is(a.err, errBeyond) {
		p.why, p.err = pacBroken, a.err
	}
	if p.asked == nil {
		p.asked = map[string]answer{}
	}
	p.asked[key] = a
	return a.ways, a.err
}

// evaluate runs the file in a goroutine of its own, which ends when it is
// stopped in the middle.
func (p *pacFile) evaluate(ctx context.Context, u *url.URL) (string, error) {
	said, err := "", fmt.Errorf("%w: it takes too long, or too much", errBeyond)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a, fail := p.run(ctx, u)
		said, err = a, fail
	}()
	<-ended
	return said, err
}

func (p *pacFile) run(ctx context.Context, u *url.URL) (said string, err error) {
	vm := otto.New()
	vm.SetStackDepthLimit(pacDepth)
	vm.Interrupt = make(chan func(), 1)
	done := make(chan struct{})
	defer close(done)
	go watchPAC(ctx, vm, done)
	defer func() {
		if x := recover(); x != nil { // the interpreter's own fault
			err = fmt.Errorf("%w: %v", errBeyond, x)
		}
	}()
	if err := p.helpers(ctx, vm); err != nil {
		return "", fmt.Errorf("%w: %v", errBeyond, err)
	}
	code, balanced := older(p.text)
	if _, err := vm.Run(code); err != nil {
		if !balanced {
			return "", fmt.Errorf("a bracket is missing: %v", err)
		}
		return "", p.blame(err)
	}
	// Browsers hide what a secure page is about.
	shown := u.Scheme + "://" + u.Host + "/"
	v, err := vm.Call("FindProxyForURL", nil, shown, u.Hostname())
	if err != nil {
		return "", p.blame(err)
	}
	if v.IsUndefined() || v.IsNull() {
		return "", nil
	}
	return v.String(), nil
}

// watchPAC stops a file that runs on, or takes too much memory.
func watchPAC(ctx context.Context, vm *otto.Otto, done chan struct{}) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			if metrics.Read(heap); heap[0].Value.Uint64() < pacMemory {
				continue
			}
		case <-ctx.Done():
		}
		select {
		case vm.Interrupt <- runtime.Goexit:
		default:
		}
		return
	}
}

var (
	newer     = regexp.MustCompile("=>|`|\\.\\.\\.|\\bclass\\s|\\bfor\\s*\\([^;)]*\\bof\\b|\\basync\\b|\\?\\.|\\?\\?|\\(\\?[<!=]|/[a-z]*[yus][a-z]*[.,;)]")
	undefined = regexp.MustCompile(`'?([A-Za-z_$][\w$]*)'? is not defined`)
)

// modern are what browsers offer and our interpreter does not.
var modern = []string{"Map", "Set", "WeakMap", "WeakSet", "Promise", "Symbol", "Proxy", "Reflect", "URL", "Intl", "BigInt", "globalThis", "console",
	"getClientVersion", "setTimeout"}

// blame decides whether an error is the file's own. Ours speaks the language
// of 2009, which nearly all PAC files are written in; what could be newer is
// not blamed.
func (p *pacFile) blame(err error) error {
	if newer.MatchString(p.text) {
		return fmt.Errorf("%w: %v", errBeyond, err)
	}
	if m := undefined.FindStringSubmatch(err.Error()); m != nil {
		for _, name := range modern {
			if m[1] == name {
				return fmt.Errorf("%w: %v", errBeyond, err)
			}
		}
		return err
	}
	if strings.Contains(err.Error(), "TypeError") || strings.Contains(err.Error(), "RangeError") { // perhaps a method that came later; browsers go deeper
		return fmt.Errorf("%w: %v", errBeyond, err)
	}
	return err
}

// older writes let and const as var, outside of texts and comments, and says
// whether the brackets are balanced.
func older(code string) (string, bool) {
	var out strings.Builder
	depth, last := 0, byte('\n')
	for i := 0; i < len(code); {
		rest := code[i:]
		n := 1
		switch c := code[i]; {
		case strings.HasPrefix(rest, "//"):
			n = untilText(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			n = untilText(rest, "*/")
		case c == '"', c == '\'', c == '`', c == '/' && strings.IndexByte("(,=:[!&|?{};\n", last) >= 0:
			n = quoted(rest)
		case word(c):
			for n < len(rest) && word(rest[n]) {
				n++
			}
			if w := rest[:n]; w == "let" || w == "const" {
				out.WriteString("var")
				i, last = i+n, 'r'
				continue
			}
		case strings.IndexByte("({[", c) >= 0:
			depth++
		case strings.IndexByte(")}]", c) >= 0:
			depth--
		}
		out.WriteString(rest[:n])
		if c := rest[n-1]; c != ' ' && c != '\t' && c != '\r' {
			last = c
		}
		i += n
	}
	return out.String(), depth == 0
}

func word(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func untilText(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// quoted is the length of a text, or of a pattern between slashes.
func quoted(s string) int {
	class := false
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '[' && s[0] == '/':
			class = true
		case c == ']':
			class = false
		case c == s[0] && !class:
			return i + 1
		case c == '\n' && s[0] != '`':
			return i
		}
	}
	return len(s)
}

// readWays reads "PROXY host:port; SOCKS host:port; DIRECT"; nil when it is none
// of it. Nothing means directly.
func readWays(said string) (list []way) {
	if strings.TrimSpace(said) == "" {
		return []way{{kind: direct}}
	}
	for _, one := range strings.Split(said, ";") {
		f := strings.Fields(one)
		if len(f) == 0 {
			continue
		}
		kind := map[string]string{"DIRECT": direct, "PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks", "SOCKS4": "socks", "SOCKS5": "socks"}[strings.ToUpper(f[0])]
		switch {
		case kind == direct:
			list = append(list, way{kind: direct})
		case kind != "" && len(f) > 1:
			at := f[1]
			if _, _, err := net.SplitHostPort(at); err != nil {
				at = net.JoinHostPort(strings.Trim(at, "[]"), map[string]string{"http": "80", "https": "443", "socks": "1080"}[kind])
			}
			list = append(list, way{kind, at})
		}
	}
	return list
}

// url is the way as the HTTP client wants it; nil: directly.
func (w way) url() *url.URL {
	if w.kind == direct {
		return nil
	}
	scheme := w.kind
	if scheme == "socks" {
		scheme = "socks5"
	}
	return &url.URL{Scheme: scheme, Host: w.at}
}
