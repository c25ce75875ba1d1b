package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"math"
	"net"
	"net/http"
	"net/url"
	"time"

	"raisehand/capture/report"
)

// offDays is how wrong a clock must be to be blamed for a certificate: a day
// covers what has just run out.
const offDays = 24 * time.Hour

// ahead says how far this computer's clock is ahead of u's own, when that is
// why u's certificate does not hold here. Nobody is proven by this question:
// nothing is told, and only the date is taken from the answer.
func (x *examination) ahead(ctx context.Context, u *url.URL, shown *x509.Certificate) time.Duration {
	if shown == nil {
		return 0
	}
	transport := &http.Transport{
		Proxy:           func(r *http.Request) (*url.URL, error) { return x.proxyFor(r.URL) },
		DialContext:     (&net.Dialer{}).DialContext,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, "HEAD", u.Scheme+"://"+u.Host+"/", nil)
	if err != nil {
		return 0
	}
	req.Header.Set("User-Agent", agent)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	there, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || there.Before(shown.NotBefore) || there.After(shown.NotAfter) {
		return 0 // not valid there either: the certificate has really run out
	}
	if off := time.Since(there); off.Abs() > offDays {
		return off
	}
	return 0
}

// clockTrouble: certificates are refused because this computer's date is wrong.
func (p *picture) clockTrouble() *trouble {
	if p.near() {
		return nil
	}
	off := p.talk.ahead
	for _, s := range p.services {
		if off == 0 {
			off = s.talk.ahead
		}
	}
	if off == 0 {
		return nil
	}
	return &trouble{"clock_wrong", report.Fail, map[string]any{"days": math.Round(off.Abs().Hours() / 24)}}
}
