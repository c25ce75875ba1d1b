//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Addresses of the small world: computer — router — town.
const (
	computerIP = "10.77.0.2"
	routerIP   = "10.77.0.1"
	deskIP     = "203.0.113.10"
	serviceIP  = "203.0.113.20"
	otherIP    = "203.0.113.21"
	stunIP     = "203.0.113.30"
	stunOther  = "203.0.113.31"
	namesIP    = "203.0.113.53"
	deskURL    = "https://desk.school.example:8443"
)

// parts are the people of the lab: this very program under another name.
var parts = map[string]struct {
	takes int // arguments at least
	run   func(args []string)
}{
	"computer": {1, func(a []string) { computer(a[0]) }},
	"town":     {1, func(a []string) { town(a[0]) }},
	"voice":    {1, func(a []string) { voice(a[0]) }},
	"use":      {2, func(a []string) { inUse(a[0], a[1]) }},
	"page":     {2, page},
	"tls":      {3, func(a []string) { secure(a[0], a[1], a[2]) }},
	"forward":  {3, func(a []string) { forward(a[0], a[1], milliseconds(a[2])) }},
	"wire":     {4, func(a []string) { wire(a[0], a[1], a[2], a[3]) }},
	"clock":    {5, clock},
	"strike":   {2, strike},
	"as":       {3, as},
	"router":   {1, router},
}

// computer is the first process of the teacher's computer: it puts the
// computer's own files over the machine's and collects what has died.
func computer(lab string) {
	dead := make(chan os.Signal, 16)
	signal.Notify(dead, syscall.SIGCHLD)
	must(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	must(syscall.Mount("proc", "/proc", "proc", 0, ""))
	must(syscall.Mount(lab+"/etc", "/etc", "", syscall.MS_BIND, ""))
	must(syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"))
	must(os.Mkdir("/run/user", 0o755))
	must(os.Mkdir("/run/user/1000", 0o700))
	must(os.Chown("/run/user/1000", teacher, teacher))
	for _, of := range []string{"seats", "sessions", "users", "machines"} { // WirePlumber watches who is signed in, or gives up
		must(os.MkdirAll("/run/systemd/"+of, 0o755))
	}
	must(os.Chdir("/"))
	must(syscall.Sethostname([]byte("room-305")))
	fmt.Println("ready")
	for range dead {
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}

// town is everybody out there but the desk, the name server and coturn.
func town(pki string) {
	for _, ip := range []string{serviceIP, otherIP, "[fd78::20]", "[fd78::21]"} {
		go secure(ip+":443", pki+"/service.pem", pki+"/service.key")
		go plain(ip+":80", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	}
	ready()
}

// page answers every request with a status: ADDR STATUS [LOCATION].
func page(a []string) {
	status, err := strconv.Atoi(a[1])
	must(err)
	go plain(a[0], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(a) > 2 {
			w.Header().Set("Location", a[2])
		}
		if status == http.StatusProxyAuthRequired {
			w.Header().Set("Proxy-Authenticate", "Basic realm=school")
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, "<html><title>Welcome</title>Please sign in.</html>")
	}))
	ready()
}

func plain(at string, h http.Handler) { log.Fatal(http.Serve(listen(at), h)) }

// secure serves a small page over TLS, and larger ones where a size is asked
// for: /bytes/N.
func secure(at, certificate, key string) {
	s := http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size, ok := strings.CutPrefix(r.URL.Path, "/bytes/")
		if n, err := strconv.ParseInt(size, 10, 64); ok && err == nil {
			io.CopyN(w, zeros{}, n)
			return
		}
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "hello")
	})}
	l := listen(at)
	fmt.Println("ready")
	log.Fatal(s.ServeTLS(l, certificate, key))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// forward passes UDP on; each answer comes late.
func forward(at, upstream string, late time.Duration) {
	c, err := net.ListenPacket("udp", at)
	must(err)
	fmt.Println("ready")
	for {
		buf := make([]byte, 1500)
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		time.AfterFunc(late, func() {
			up, err := net.Dial("udp", upstream)
			if err != nil {
				return
			}
			defer up.Close()
			up.SetDeadline(time.Now().Add(5 * time.Second))
			up.Write(buf[:n])
			answer := make([]byte, 1500)
			if m, err := up.Read(answer); err == nil {
				c.WriteTo(answer[:m], from)
			}
		})
	}
}

// clock stands before the desk and shifts its time: ADDR CERT KEY DESK SECONDS.
func clock(a []string) {
	desk, err := url.Parse(a[3])
	must(err)
	seconds, err := strconv.Atoi(a[4])
	must(err)
	shift := time.Duration(seconds) * time.Second
	p := httputil.NewSingleHostReverseProxy(desk)
	p.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	p.ModifyResponse = func(r *http.Response) error {
		if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			r.Header.Set("Date", at.Add(shift).UTC().Format(http.TimeFormat))
		}
		if r.Request.URL.Path != "/v1/time" {
			return nil
		}
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		raw = shiftTimes(raw, shift)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		r.Header.Set("Content-Length", strconv.Itoa(len(raw)))
		return nil
	}
	s := http.Server{Addr: a[0], Handler: p, ErrorLog: log.New(io.Discard, "", 0)}
	l := listen(a[0])
	fmt.Println("ready")
	log.Fatal(s.ServeTLS(l, a[1], a[2]))
}

// shiftTimes moves every time in a flat JSON object.
func shiftTimes(raw []byte, by time.Duration) []byte {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return raw
	}
	for k, v := range m {
		if s, ok := v.(string); ok {
			if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
				m[k] = at.Add(by).Format(time.RFC3339Nano)
			}
		}
	}
	out, err := json.Marshal(m)
	if err != nil {
		return raw
	}
	return out
}

func listen(at string) net.Listener {
	l, err := net.Listen("tcp", at)
	must(err)
	return l
}

func milliseconds(s string) time.Duration {
	n, err := strconv.Atoi(s)
	must(err)
	return time.Duration(n) * time.Millisecond
}

func ready() {
	fmt.Println("ready")
	select {}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
