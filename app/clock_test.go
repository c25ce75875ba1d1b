package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// oldDesk answers in 2031 with a certificate of that year; the computer of the
// test believes it is some other year.
func oldDesk(t *testing.T, says time.Time) (base string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)}
	raw, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a secret was told to an unproven desk")
		}
		w.Header().Set("Date", says.UTC().Format(http.TimeFormat))
		w.Write([]byte(`{}`))
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	roots = x509.NewCertPool()
	roots.AddCert(cert)
	return s.URL, roots
}

func TestAWrongDayIsSeenAlthoughNoCertificateFits(t *testing.T) {
	june := time.Date(2031, 6, 1, 12, 0, 0, 0, time.UTC)
	base, roots := oldDesk(t, june)
	ahead, err := clockByDesk(context.Background(), base, roots)
	if want := time.Since(june); err != nil || ahead-want > time.Minute || want-ahead > time.Minute {
		t.Errorf("ahead %v, %v; want %v", ahead, err, want)
	}
	if _, err := clockByDesk(context.Background(), base, x509.NewCertPool()); err == nil {
		t.Error("a desk that nobody has signed is believed")
	}
	old := base
	base, roots = oldDesk(t, time.Now()) // says our own time, at which its certificate is not good
	if _, err := clockByDesk(context.Background(), base, roots); err == nil {
		t.Error("a certificate that is not good at the desk's own time is believed")
	}

	// The whole way: the desk is asked once more without belief in our own
	// clock, and only then refused, because this computer does not know its signer.
	var unknown x509.UnknownAuthorityError
	if _, err := deskClock(old)(context.Background()); !errors.As(err, &unknown) {
		t.Errorf("asked with our own day only: %v", err)
	}
}
