package network

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// desk is a server on this computer that answers what it is told to.
func desk(t *testing.T, h http.HandlerFunc, start func(http.Handler) *httptest.Server) string {
	t.Helper()
	s := start(h)
	t.Cleanup(s.Close)
	return s.URL
}

func clock(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/time" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"server_time":%q}`, time.Now().UTC().Format(time.RFC3339Nano))
}

// alone is a check that asks nobody outside of this computer.
func alone(d string) Check {
	return Check{Situation: capture.Situation{Desk: d}, Beacons: []string{}, Outside: []string{}}
}

func TestDeskOnThisComputer(t *testing.T) {
	for _, c := range []struct {
		name  string
		h     http.HandlerFunc
		start func(http.Handler) *httptest.Server
		how   string
		code  string
	}{
		{"the desk", clock, httptest.NewServer, answered, "network.ok"},
		{"not a desk", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, httptest.NewServer, badStatus, "network.desk_unreachable"},
		{"other JSON", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{}`) }, httptest.NewServer, badStatus, "network.desk_unreachable"},
		{"sent elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://login.wifi.example/", http.StatusFound)
		}, httptest.NewServer, elsewhere, "network.portal"},
		{"a page", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<p>")
		}, httptest.NewServer, elsewhere, "network.portal"},
		{"says itself that one must sign in", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusNetworkAuthenticationRequired)
		}, httptest.NewServer, elsewhere, "network.portal"},
		{"certificate of nobody", clock, httptest.NewTLSServer, unproven, "network.desk_unproven"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := alone(desk(t, c.h, c.start)).Run(context.Background())
			if r.Code != c.code || r.Detail["desk"] != c.how || r.Check != "network" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A healthy computer speaks to nobody but its own school.
func TestNobodyElseIsAskedWithoutTrouble(t *testing.T) {
	asked := false
	beacon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = true }))
	t.Cleanup(beacon.Close)
	c := alone(desk(t, clock, httptest.NewServer))
	c.Beacons = []string{beacon.URL}
	if r := c.Run(context.Background()); r.Code != "network.ok" || asked {
		t.Errorf("asked elsewhere: %t; %+v", asked, r)
	}
}

func TestRunEndsByItsDeadline(t *testing.T) {
	c := alone(desk(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, httptest.NewServer))
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	r := c.Run(ctx)
	if ctx.Err() != nil {
		t.Error("the verdict came too late")
	}
	if r.Verdict == report.OK || r.Detail["not_measured"] == nil && r.Detail["desk"] == nil {
		t.Errorf("%+v", r)
	}
}

func TestServices(t *testing.T) {
	there := desk(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusForbidden) }, httptest.NewServer)
	c := alone(desk(t, clock, httptest.NewServer))
	c.Services = []string{there, "http://127.0.0.1:1", " "}
	r := c.Run(context.Background())
	if r.Verdict != report.Warn || r.Code != "network.service_unreachable" || r.Params["service"] != "127.0.0.1:1" {
		t.Errorf("%+v", r)
	}
}
