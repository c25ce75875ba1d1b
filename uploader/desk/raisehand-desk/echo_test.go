package main

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"raisehand/uploader/deskapi"
)

// The program answers by UDP on its own port, on another, or nowhere.
func TestEchoByUDP(t *testing.T) {
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other := free.LocalAddr().String()
	free.Close()
	for _, c := range []struct {
		name string
		args []string
		sure bool
		none bool
	}{
		{"its own port", nil, false, false},
		{"a port that was named", []string{"--echo-udp", other}, true, false},
		{"off", []string{"--echo-udp", "off"}, false, true},
		{"behind a proxy", []string{"--behind-tls-proxy"}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			desk := serve(t, t.TempDir(), c.args...)
			u, err := url.Parse(desk.url)
			if err != nil {
				t.Fatal(err)
			}
			e, err := (&deskapi.Client{Base: "http://" + u.Host}).OpenEcho(t.Context())
			if err != nil || (e.UDPPort == 0) != c.none || e.UDPSure != c.sure {
				t.Fatalf("%+v %v: %s", e, err, desk.errs)
			}
			if c.none {
				return
			}
			conn, err := net.Dial("udp", net.JoinHostPort("127.0.0.1", strconv.Itoa(e.UDPPort)))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			conn.Write(e.Packet(3, 120))
			buf := make([]byte, 2048)
			n, err := conn.Read(buf)
			if number, arrived, ok := e.Answer(buf[:n]); err != nil || n != 120 || !ok || number != 3 || arrived != 1 {
				t.Errorf("%d bytes, packet %d, %d arrived, %t, %v", n, number, arrived, ok, err)
			}
		})
	}
	out, err := command(t, "serve", "--data", t.TempDir(), "--echo-udp", "nonsense").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "nonsense") {
		t.Errorf("%v %s", err, out)
	}
}
