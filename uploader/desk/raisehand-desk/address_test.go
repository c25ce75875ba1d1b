package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"raisehand/uploader/desk"
	"raisehand/uploader/desk/store"
)

func TestTheAddressIsOneThatAPersonCanOpen(t *testing.T) {
	every := &net.TCPAddr{IP: net.IPv6unspecified, Port: 8099}
	four, six := net.IPv4(10, 0, 3, 7), net.ParseIP("2001:db8::7")
	means := func(ips ...net.IP) func(string) ([]net.IP, error) {
		return func(string) ([]net.IP, error) { return ips, nil }
	}
	unknown := func(string) ([]net.IP, error) { return nil, errors.New("no such host") }
	for _, c := range []struct {
		what      string
		machine   machine
		listening net.Addr
		want      string
	}{
		{"loopback stays", machine{"desk", []net.IP{four}, means(four)}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8470}, "127.0.0.1:8470"},
		{"one address stays", machine{"desk", []net.IP{four}, means(four)}, &net.TCPAddr{IP: four, Port: 443}, "10.0.3.7:443"},
		{"the name", machine{"desk", []net.IP{six, four}, means(four)}, every, "desk:8099"},
		{"the name, 0.0.0.0", machine{"desk", []net.IP{four}, means(four)}, &net.TCPAddr{IP: net.IPv4zero, Port: 8099}, "desk:8099"},
		{"a name for loopback only", machine{"desk", []net.IP{six, four}, means(net.IPv4(127, 0, 1, 1))}, every, "10.0.3.7:8099"},
		{"a name for another computer", machine{"desk", []net.IP{four}, means(net.IPv4(10, 0, 3, 8))}, every, "10.0.3.7:8099"},
		{"a name nobody knows", machine{"desk", []net.IP{four}, unknown}, every, "10.0.3.7:8099"},
		{"IPv6 alone", machine{"desk", []net.IP{six}, unknown}, every, "[2001:db8::7]:8099"},
		{"no network", machine{"desk", nil, unknown}, every, "127.0.0.1:8099"},
	} {
		if got := c.machine.openable(c.listening); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	for _, ip := range thisMachine(t.Context()).ips {
		if ip.IsLoopback() || ip.IsUnspecified() {
			t.Errorf("others are told to open %s", ip)
		}
	}
}

// everywhere is a listener on loopback that says it listens on every address.
type everywhere struct{ net.Listener }

func (e everywhere) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4zero, Port: e.Listener.Addr().(*net.TCPAddr).Port}
}

func TestADeskOnEveryAddressSaysWhereToOpenIt(t *testing.T) {
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out, said := io.Pipe()
	log := slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- (&program{out: said, err: io.Discard}).answer(ctx, &desk.Desk{Store: s, Log: log}, everywhere{l}, "http", log)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
	host, _, splitErr := net.SplitHostPort(url)
	if err != nil || !ok || splitErr != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		t.Errorf("%q %v %v", line, err, splitErr)
	}
	if resp, err := http.Get("http://" + l.Addr().String() + "/v1/time"); err != nil {
		t.Error(err)
	} else {
		resp.Body.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
