package network

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/http/httpproxy"
)

// proxy is a computer that programs are told to go through.
type proxy struct {
	from     string // "environment", "system"
	at       string // host:port, never its password
	answered bool
	forDesk  bool
}

// proxyFromEnvironment reads the environment anew, as net/http does once.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	return httpproxy.FromEnvironment().ProxyFunc()
}

// findProxies lists what is set and tries whether anybody is there.
func (x *examination) findProxies(ctx context.Context) (func(*picture), error) {
	ctx, cancel := context.WithTimeout(ctx, proxyLimit)
	defer cancel()
	var list []*proxy
	add := func(from string, u *url.URL) *proxy {
		at := hostPort(u)
		for _, p := range list {
			if p.at == at {
				return p
			}
		}
		p := &proxy{from: from, at: at}
		list = append(list, p)
		return p
	}
	for _, scheme := range []string{"https", "http"} {
		if u, err := x.proxyFor(&url.URL{Scheme: scheme, Host: "class.example"}); err == nil && u != nil {
			add("environment", u)
		}
	}
	if x.desk != nil {
		if u, err := x.proxyFor(x.desk); err == nil && u != nil {
			add("environment", u).forDesk = true
		}
	}
	set, err := systemProxies(ctx)
	for _, s := range set {
		if u := proxyAddress(s); u != nil {
			add("system", u)
		}
	}
	var all sync.WaitGroup
	for _, p := range list {
		all.Go(func() {
			var d net.Dialer
			c, err := d.DialContext(ctx, "tcp", p.at)
			if err == nil {
				c.Close()
			}
			p.answered = err == nil
		})
	}
	all.Wait()
	return func(pic *picture) {
		for _, p := range list {
			pic.proxies = append(pic.proxies, *p)
		}
	}, err
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
