package network

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"raisehand/capture/report"
)

// valid makes a certificate for a time.
func valid(t *testing.T, from, to time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// A certificate that does not hold here, and what the server's own date says
// about it.
func TestClockOrCertificate(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Now()
	for _, c := range []struct {
		name     string
		from, to time.Time
		date     time.Time
		code     string
		days     float64
	}{
		{"this computer lives in the future", now.Add(-900 * day), now.Add(-300 * day), now.Add(-400 * day), "network.clock_wrong", 400},
		{"this computer lives in the past", now.Add(10 * day), now.Add(300 * day), now.Add(20 * day), "network.clock_wrong", 20},
		{"the certificate has run out", now.Add(-900 * day), now.Add(-3 * day), now, "network.desk_expired", 0},
		{"it ran out an hour ago", now.Add(-900 * day), now.Add(-time.Hour), now.Add(-2 * time.Hour), "network.desk_expired", 0},
		{"it has run out, and the server's clock is wrong", now.Add(-900 * day), now.Add(-300 * day), now.Add(-20 * day), "network.desk_expired", 0},
		{"nobody says the date", now.Add(-900 * day), now.Add(-3 * day), time.Time{}, "network.desk_expired", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = nil
				if !c.date.IsZero() {
					w.Header().Set("Date", c.date.UTC().Format(http.TimeFormat))
				}
			}))
			s.TLS = &tls.Config{Certificates: []tls.Certificate{valid(t, c.from, c.to)}}
			s.StartTLS()
			t.Cleanup(s.Close)
			r := alone(s.URL).Run(context.Background())
			if r.Code != c.code || c.days != 0 && (r.Params["days"] != c.days || r.Verdict != report.Fail) {
				t.Errorf("%s %s %v %v", r.Verdict, r.Code, r.Params, r.Detail)
			}
		})
	}
}
