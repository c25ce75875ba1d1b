package desk

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"raisehand/uploader/deskapi"
)

func TestEcho(t *testing.T) {
	r := newRoom(t)
	c := &deskapi.Client{Base: r.url}
	e, err := c.OpenEcho(t.Context())
	if err != nil || e.UDPPort != 0 || e.UDPSure || e.TransferBytes != deskapi.EchoTransfer {
		t.Fatalf("%+v %v", e, err)
	}
	if err := c.SendEcho(t.Context(), e, 100_000); err != nil {
		t.Error(err)
	}
	if err := c.FetchEcho(t.Context(), e, 200_000); err != nil {
		t.Error(err)
	}
	if n, err := c.CountEcho(t.Context(), e); err != nil || n.Bytes != 100_000 || n.Packets != 0 {
		t.Errorf("%+v %v", n, err)
	}
	if err := c.FetchEcho(t.Context(), e, deskapi.EchoTransfer); err == nil {
		t.Error("more was given than the leave allows")
	}
	r.pass(deskapi.EchoTime + 1)
	if _, err := c.CountEcho(t.Context(), e); err == nil {
		t.Error("counted after its time")
	}
	if c.SendEcho(t.Context(), e, 10) == nil || c.FetchEcho(t.Context(), e, 10) == nil {
		t.Error("taken or given after its time")
	}
}

func TestEchoWantsItsToken(t *testing.T) {
	r := newRoom(t)
	for _, token := range []string{"", "nonsense", "AAAAAAAAAAAAAAAAAAAAAA=="} {
		for _, call := range []string{"GET /v1/echo", "POST /v1/echo/up", "GET /v1/echo/down?bytes=10"} {
			method, path, _ := strings.Cut(call, " ")
			req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(deskapi.EchoHeader, token)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with %q: %s", call, token, resp.Status)
			}
		}
	}
}
