package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Names of the town.
var (
	deskHosts    = []string{"desk.school.example", "stun.example"}
	serviceHosts = []string{"class.example", "meet.example"}
)

// certificates makes what the desk, the services and an interceptor show. The
// computer trusts the school's signer alone.
func certificates(dir string) error {
	school, err := sign(dir, "school", "School", nil)
	if err != nil {
		return err
	}
	stranger, err := sign(dir, "stranger", "Watchful Firewall", nil)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		file, name string
		by         *signer
		hosts      []string
	}{
		{"desk", "Desk", school, deskHosts},
		{"service", "Services", school, serviceHosts},
		{"between", "Between", stranger, append(append([]string{}, deskHosts...), serviceHosts...)},
	} {
		if _, err := sign(dir, c.file, c.name, c.by, c.hosts...); err != nil {
			return err
		}
	}
	return nil
}

type signer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func sign(dir, file, name string, by *signer, hosts ...string) (*signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: hosts,
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(60 * 24 * time.Hour), BasicConstraintsValid: true, IsCA: by == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if len(hosts) > 0 {
		c.IPAddresses = []net.IP{net.ParseIP(stunAddress)}
	}
	s := &signer{c, key}
	if by == nil {
		by = s
		c.ExtKeyUsage = nil
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, by.certificate, &key.PublicKey, by.key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, file+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o644); err != nil {
		return nil, err
	}
	return s, os.WriteFile(filepath.Join(dir, file+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o644)
}

const stunAddress = "203.0.113.30"
