package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"raisehand/uploader/desk"
	"raisehand/uploader/desk/echo"
	"raisehand/uploader/desk/store"
)

// served are the flags of serve.
type served struct {
	listen, cert, key, db, blobs string
	echo                         string // where UDP is answered
	proxied                      bool
}

func (p *program) serve(ctx context.Context, args []string) error {
	var v served
	f := p.flags("serve")
	f.StringVar(&v.listen, "listen", "127.0.0.1:8470", p.words.T("deskcmd.flag.listen"))
	f.StringVar(&v.cert, "tls-cert", "", p.words.T("deskcmd.flag.tls_cert"))
	f.StringVar(&v.key, "tls-key", "", p.words.T("deskcmd.flag.tls_key"))
	f.StringVar(&v.echo, "echo-udp", "", p.words.T("deskcmd.flag.echo_udp"))
	f.BoolVar(&v.proxied, "behind-tls-proxy", false, p.words.T("deskcmd.flag.behind_tls_proxy"))
	f.StringVar(&v.db, "db", "", "")
	f.StringVar(&v.blobs, "blobs", "", "")
	for _, later := range []string{"db", "blobs"} { // understood, so as to say that they are not there yet; not offered
		if err := f.MarkHidden(later); err != nil {
			return err
		}
	}
	contact := p.contactFlags(f, "contact-")
	if _, err := p.parse(f, args); err != nil {
		return helped(err)
	}
	if err := errors.Join(p.sensible(v), contact.check(p, "contact-")); err != nil {
		return err
	}
	tlsConfig, err := p.tls(v)
	if err != nil {
		return err
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	release, err := s.Serve()
	if err != nil {
		return err
	}
	defer release()
	if _, err := contact.set(ctx, s, f, "contact-"); err != nil {
		return err
	}
	l, err := net.Listen("tcp", v.listen)
	if err != nil {
		return errors.New(p.words.T("deskcmd.no_listen", "address", v.listen, "why", err.Error()))
	}
	log := slog.New(slog.NewTextHandler(p.err, nil))
	d := &desk.Desk{Store: s, Log: log, Secure: tlsConfig != nil || v.proxied, Proxied: v.proxied}
	if d.Echo, err = p.echo(ctx, v, l.Addr(), log); err != nil {
		return err
	}
	scheme := "http"
	if tlsConfig != nil {
		scheme, l = "https", tls.NewListener(l, tlsConfig)
	}
	go sweep(ctx, s, log)
	return p.answer(ctx, d, l, scheme, log)
}

// sensible refuses what would send tickets over a network unprotected, and
// what this version cannot do.
func (p *program) sensible(v served) error {
	switch {
	case v.db != "":
		return complaint(p.words.T("deskcmd.later", "what", "--db"))
	case v.blobs != "":
		return complaint(p.words.T("deskcmd.later", "what", "--blobs"))
	case (v.cert == "") != (v.key == ""):
		return complaint(p.words.T("deskcmd.tls_both"))
	}
	if v.echo != "" && v.echo != "off" {
		if _, _, err := net.SplitHostPort(v.echo); err != nil {
			return complaint(p.words.T("deskcmd.listen_form", "address", v.echo))
		}
	}
	host, _, err := net.SplitHostPort(v.listen)
	if err != nil {
		return complaint(p.words.T("deskcmd.listen_form", "address", v.listen))
	}
	if !loopback(host) && v.cert == "" && !v.proxied {
		return complaint(p.words.T("deskcmd.tls_missing", "address", v.listen))
	}
	return nil
}

// loopback says whether a host is this computer itself, and nothing else.
func loopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	if host == "" { // every address there is
		return false
	}
	ips, err := net.LookupIP(host)
	for _, ip := range ips {
		if !ip.IsLoopback() {
			return false
		}
	}
	return err == nil && len(ips) > 0
}

func (p *program) tls(v served) (*tls.Config, error) {
	if v.cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(v.cert, v.key)
	if err != nil {
		return nil, errors.New(p.words.T("deskcmd.tls_unreadable", "cert", v.cert, "key", v.key, "why", err.Error()))
	}
	// HTTP/1.1: one stream for each followed ticket, as measured through proxies.
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}, nil
}

// answer serves until ctx ends, then lets the requests under way finish.
func (p *program) answer(ctx context.Context, d *desk.Desk, l net.Listener, scheme string, log *slog.Logger) error {
	server := &http.Server{
		Handler:           d.Handler(),
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(d.Stop)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	fmt.Fprintf(p.out, "listening on %s://%s\n", scheme, thisMachine(ctx).openable(l.Addr()))
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		server.Close()
	}
	return nil
}

// echo answers measurements by UDP until ctx ends: where it was told to, or on
// the port of the desk itself. Behind a proxy nobody comes there by UDP unless
// the school says where.
func (p *program) echo(ctx context.Context, v served, desk net.Addr, log *slog.Logger) (*echo.Server, error) {
	at := v.echo
	if at == "" && !v.proxied {
		at = desk.String()
	}
	if at == "" || at == "off" {
		return &echo.Server{}, nil
	}
	l, err := net.ListenPacket("udp", at)
	if err != nil && v.echo != "" {
		return nil, errors.New(p.words.T("deskcmd.no_listen", "address", "udp "+at, "why", err.Error()))
	}
	if err != nil { // another program has it; tickets do not need it
		log.Warn("no echo by UDP", "err", err)
		return &echo.Server{}, nil
	}
	c := l.(*net.UDPConn)
	s := &echo.Server{Port: c.LocalAddr().(*net.UDPAddr).Port, Sure: v.echo != ""}
	context.AfterFunc(ctx, func() { c.Close() })
	go func() {
		if err := s.Answer(c); err != nil {
			log.Warn("the echo by UDP has ended", "err", err)
		}
	}()
	return s, nil
}

// sweep removes uploads that nobody has continued for a week, at the start and
// once a day.
func sweep(ctx context.Context, s *store.Store, log *slog.Logger) {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		if err := s.Sweep(time.Now().AddDate(0, 0, -7)); err != nil {
			log.Warn("unfinished uploads not looked through", "err", err)
		}
		select {
		case <-daily.C:
		case <-ctx.Done():
			return
		}
	}
}
