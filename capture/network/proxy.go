package network

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const detectLimit = 400 * time.Millisecond

// setting is how the desktop tells browsers and class programs to go out.
type setting struct {
	from        string // "GNOME", "KDE", "Windows", "macOS", "environment"
	http, https string // a proxy by hand, "host:port" or a URL
	socks       string
	bypass      []string // what goes out directly: names, "*.school.example", networks
	plainNames  bool     // names without a dot do, too
	pac         string   // the address of a PAC file
	detect      bool     // look for a PAC file under the name "wpad"
}

// manual is the setting's proxy for u; nil: directly.
func (s setting) manual(u *url.URL) *url.URL {
	if s.plainNames && !strings.Contains(u.Hostname(), ".") {
		return nil
	}
	c := httpproxy.Config{HTTPProxy: s.http, HTTPSProxy: s.https, NoProxy: strings.Join(s.bypass, ",")}
	if s.socks != "" && s.http == "" && s.https == "" {
		c.HTTPProxy, c.HTTPSProxy = "socks5://"+s.socks, "socks5://"+s.socks
	}
	p, err := c.ProxyFunc()(u)
	if err != nil {
		return nil
	}
	return p
}

// byHand lists the setting's own proxies.
func (s setting) byHand() (list []*url.URL) {
	for _, text := range []string{s.https, s.http} {
		if u := proxyAddress(text); u != nil {
			list = append(list, u)
		}
	}
	if s.socks != "" && len(list) == 0 {
		if u := proxyAddress("socks5://" + s.socks); u != nil {
			list = append(list, u)
		}
	}
	return list
}

// proxy is a computer that programs are told to go through.
type proxy struct {
	from       string // "environment", "PAC", or the desktop's name
	at         string // host:port, never its password
	answered   bool
	forDesk    bool
	forClasses bool
	spared     bool   // another one offered with it answers
	signIn     bool   // it demands a name and a password, and programs do not sign in by themselves
	schemes    string // how one signs in
	url        *url.URL
}

// proxyFromEnvironment reads the environment anew, as net/http does once.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	return httpproxy.FromEnvironment().ProxyFunc()
}

// outward is the way out that browsers and class programs take. It is found
// once, by whoever asks first.
type outward struct {
	setting setting
	pac     *pacFile // nil: none is set, or none was found
	err     error

	mu    sync.Mutex
	doors map[string]bool // proxies by host:port, whether they accept connections
}

func (x *examination) outward(ctx context.Context) *outward {
	x.once.Do(func() {
		o := &outward{doors: map[string]bool{}}
		o.setting, o.err = systemProxy(ctx)
		switch {
		case o.setting.pac != "":
			o.pac = openPAC(ctx, o.setting.pac)
		case o.setting.detect:
			o.pac = detect(ctx)
		}
		x.out = o
	})
	return x.out
}

// detect looks for a PAC file by the name that the standard has for it. Nothing
// there is as good as a file that says "directly". A name that is not there may
// take the system seconds to say so: nobody waits for that.
func detect(ctx context.Context) *pacFile {
	found := make(chan *pacFile, 1)
	go func() { found <- openPAC(ctx, "http://wpad/wpad.dat") }()
	select {
	case p := <-found:
		if why, _ := p.broken(); why == "" {
			return p
		}
	case <-time.After(detectLimit):
	}
	return nil
}

// ways are those that a class program has to u, the first to be tried first.
func (o *outward) ways(ctx context.Context, u *url.URL) []way {
	if o.pac != nil {
		if why, _ := o.pac.broken(); why != "" {
			return []way{{kind: direct}} // as browsers do
		}
		list, err := o.pac.ask(ctx, u)
		if err != nil {
			return []way{{kind: direct}}
		}
		return list
	}
	if p := o.setting.manual(u); p != nil {
		return []way{{kind: strings.TrimSuffix(p.Scheme, "5"), at: hostPort(p)}}
	}
	return []way{{kind: direct}}
}

// opens says whether a proxy accepts connections.
func (o *outward) opens(ctx context.Context, at string) bool {
	o.mu.Lock()
	ok, known := o.doors[at]
	o.mu.Unlock()
	if known {
		return ok
	}
	ok = accepts(ctx, at)
	o.mu.Lock()
	o.doors[at] = ok
	o.mu.Unlock()
	return ok
}

func accepts(ctx context.Context, at string) bool {
	ctx, cancel := context.WithTimeout(ctx, proxyLimit)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", at)
	if err == nil {
		c.Close()
	}
	return err == nil
}

// classProxy is what a class program would go through to u; nil: nothing. The
// environment goes first, as browsers without a desktop have it.
func (x *examination) classProxy(ctx context.Context, u *url.URL) *url.URL {
	if p, err := x.proxyFor(u); err == nil && p != nil || environmentSet() {
		return p
	}
	o := x.outward(ctx)
	list := o.ways(ctx, u)
	for i, w := range list {
		if w.kind == direct || i == len(list)-1 || o.opens(ctx, w.at) {
			return w.url()
		}
	}
	return nil
}

func environmentSet() bool {
	c := httpproxy.FromEnvironment()
	return c.HTTPProxy != "" || c.HTTPSProxy != ""
}

// asClasses speaks to u as a class program would.
func (x *examination) asClasses(ctx context.Context, u *url.URL) *examination {
	p := x.classProxy(ctx, u)
	return &examination{proxyFor: func(*url.URL) (*url.URL, error) { return p, nil }}
}

// findProxies lists what is set and tries whether anybody is there.
func (x *examination) findProxies(ctx context.Context) (func(*picture), error) {
	ctx, cancel := context.WithTimeout(ctx, proxyLimit+pacFetch)
	defer cancel()
	var list []*proxy
	add := func(from string, u *url.URL) *proxy {
		at := hostPort(u)
		for _, p := range list {
			if p.at == at {
				return p
			}
		}
		p := &proxy{from: from, at: at, url: u}
		list = append(list, p)
		return p
	}
	for _, scheme := range []string{"https", "http"} {
		if u, err := x.proxyFor(&url.URL{Scheme: scheme, Host: "class.example"}); err == nil && u != nil {
			add("environment", u).forClasses = true
		}
	}
	if x.desk != nil {
		if u, err := x.proxyFor(x.desk); err == nil && u != nil {
			add("environment", u).forDesk = true
		}
	}
	o := x.outward(ctx)
	if !environmentSet() {
		for _, u := range o.setting.byHand() {
			add(o.setting.from, u).forClasses = o.pac == nil
		}
	}
	groups := map[*proxy][]way{}
	for _, u := range x.goals() {
		if environmentSet() || o.pac == nil {
			break
		}
		if why, _ := o.pac.broken(); why != "" {
			break
		}
		ways, err := o.pac.ask(ctx, u)
		if errors.Is(err, errBeyond) && o.err == nil {
			o.err = err
		}
		for _, w := range ways {
			if v := w.url(); v != nil {
				p := add("PAC", v)
				p.forClasses = true
				groups[p] = append(groups[p], ways...)
			}
		}
	}
	x.tryProxies(ctx, o, list)
	for p, ways := range groups {
		for _, w := range ways {
			p.spared = p.spared || w.at != p.at && w.kind != direct && o.opens(ctx, w.at)
		}
	}
	return func(pic *picture) {
		for _, p := range list {
			pic.proxies = append(pic.proxies, *p)
		}
		if pic.pac = o.pac; o.setting.detect || o.setting.pac != "" || len(o.setting.byHand()) > 0 {
			pic.proxySetting = o.setting.from
		}
	}, o.err
}

// goals are what proxies are asked to lead to.
func (x *examination) goals() []*url.URL {
	switch {
	case len(x.services) > 0:
		return x.services
	case x.desk != nil:
		return []*url.URL{x.desk}
	}
	return []*url.URL{{Scheme: "https", Host: "class.example"}}
}

func (x *examination) tryProxies(ctx context.Context, o *outward, list []*proxy) {
	goal := ""
	for _, u := range x.goals() {
		if u.Scheme == "https" && len(x.services)+len(x.Desk) > 0 {
			goal = hostPort(u)
			break
		}
	}
	var all sync.WaitGroup
	for _, p := range list {
		all.Go(func() {
			if p.answered = o.opens(ctx, p.at); p.answered && p.url.Scheme == "http" && goal != "" {
				p.signIn, p.schemes = wantsSignIn(ctx, p.url, goal)
			}
		})
	}
	all.Wait()
}

// wantsSignIn asks a proxy to lead to goal and goes away again. Where programs
// can sign in by themselves with the person's own account (Negotiate, NTLM), a
// demand is not one on the person.
func wantsSignIn(ctx context.Context, p *url.URL, goal string) (bool, string) {
	ctx, cancel := context.WithTimeout(ctx, proxyLimit)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", hostPort(p))
	if err != nil {
		return false, ""
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	ask := "CONNECT " + goal + " HTTP/1.1\r\nHost: " + goal + "\r\nUser-Agent: " + agent + "\r\n"
	if p.User != nil {
		password, _ := p.User.Password()
		ask += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.User.Username()+":"+password)) + "\r\n"
	}
	if _, err := fmt.Fprint(c, ask+"\r\n"); err != nil {
		return false, ""
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: "CONNECT"})
	if err != nil || resp.StatusCode != http.StatusProxyAuthRequired {
		return false, ""
	}
	byItself := false
	var schemes []string
	for _, h := range resp.Header.Values("Proxy-Authenticate") {
		scheme, _, _ := strings.Cut(h, " ")
		schemes = append(schemes, scheme)
		byItself = byItself || strings.EqualFold(scheme, "Negotiate") || strings.EqualFold(scheme, "NTLM") || strings.EqualFold(scheme, "Kerberos")
	}
	return !byItself, strings.Join(schemes, ", ")
}

// proxyAddress reads "host:port" or a URL.
func proxyAddress(s string) *url.URL {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	return u
}

// proxyFigures are what a technician needs of it.
func (w *ways) proxyFigures(put func(string, any, bool)) {
	put("proxy_setting", w.proxySetting, w.proxySetting != "")
	if w.pac != nil {
		put("pac", w.pac.shown(), true)
		said := w.pac.answers()
		put("pac_says", said, len(said) > 0)
		if _, err := w.pac.broken(); err != nil {
			put("pac_error", err.Error(), true)
		}
	}
}

func (p proxy) String() string {
	s := fmt.Sprintf("%s (%s) answers: %t", p.at, p.from, p.answered)
	if p.schemes != "" {
		s += ", sign-in: " + p.schemes
	}
	return s
}

// filePath is the path that a file: address means.
func filePath(u *url.URL) string {
	if p := u.Path; len(p) > 2 && p[0] == '/' && p[2] == ':' { // file:///C:/proxy.pac
		return p[1:]
	}
	return u.Path
}

// withUser puts a name and a password before host:port.
func withUser(at, name, password string) string {
	return (&url.URL{Scheme: "http", User: url.UserPassword(name, password), Host: at}).String()
}
