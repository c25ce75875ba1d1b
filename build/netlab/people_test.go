//go:build linux

package netlab

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"raisehand/capture"
	"raisehand/capture/network"
	"raisehand/uploader/deskapi"
)

// partVar tells a copy of this test binary that it is somebody in the lab.
const partVar = "RAISEHAND_NETLAB_PART"

func TestMain(m *testing.M) {
	if os.Getenv(partVar) == "" || len(os.Args) < 3 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "probe":
		probe(os.Args[2])
	case "town":
		town(os.Args[2])
	case "upload":
		upload()
	case "between":
		between(os.Args[2])
	case "wire":
		wire(os.Args[2])
	}
}

// asked is a check as it is handed to the probe.
type asked struct {
	Desk                       string
	Services, Beacons, Outside []string
	InClass                    bool
	STUN, TURN                 []string
	User, Password             string
}

const nobody = 65534

// probe is the computer's user.
func probe(text string) {
	var a asked
	must(json.Unmarshal([]byte(text), &a))
	must(syscall.Setgroups(nil))
	must(syscall.Setgid(nobody))
	must(syscall.Setuid(nobody))
	c := network.Check{Situation: capture.Situation{ClassAssumed: a.InClass}, Desk: a.Desk, Services: a.Services, Beacons: a.Beacons, Outside: a.Outside}
	c.STUN, c.TURN, c.TURNUser, c.TURNPassword = a.STUN, a.TURN, a.User, a.Password
	if a.Desk != "" {
		c.Far = func(ctx context.Context, by *http.Client) (network.Meeting, error) {
			return deskapi.Meet(ctx, a.Desk, by)
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(c.Run(context.Background())))
}

// town is everybody out there but the desk.
func town(dir string) {
	for _, ip := range []string{serviceIP, otherIP} {
		go secure(ip+":443", filepath.Join(dir, "service"))
	}
	go plain(serviceIP+":80", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	number := listen(serviceIP + ":53")
	go func() {
		for {
			c, err := number.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	wait()
}

// upload sends 3 Mbit/s, whether they arrive or not, as a camera does.
func upload() {
	c, err := net.Dial("udp", serviceIP+":9")
	must(err)
	go func() {
		packet := make([]byte, 1400)
		for range time.Tick(4 * time.Millisecond) {
			c.Write(packet) // "refused" by the far end is no matter
		}
	}()
	wait()
}

// between is what a bad router does: a sign-in page, an interceptor, a name
// server that takes its time.
func between(dir string) {
	go plain("0.0.0.0:8000", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://login.wifi.example/?from="+r.Host, http.StatusFound)
	})
	go plain("0.0.0.0:8001", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<html><title>Welcome</title>Please sign in.</html>")
	})
	go secure("0.0.0.0:8002", filepath.Join(dir, "between"))
	go slowNames()
	go plain("0.0.0.0:8004", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Proxy-Authenticate", "Basic realm=school")
		w.WriteHeader(http.StatusProxyAuthRequired)
	})
	go plain("0.0.0.0:8010", http.FileServer(http.Dir(filepath.Join(dir, "pac"))).ServeHTTP)
	wait()
}

// slowNames passes questions on to the real name server, late.
func slowNames() {
	c, err := net.ListenPacket("udp", "0.0.0.0:8003")
	must(err)
	for {
		buf := make([]byte, 1500)
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		time.AfterFunc(1300*time.Millisecond, func() {
			up, err := net.Dial("udp", routerIP+":53")
			if err != nil {
				return
			}
			defer up.Close()
			up.SetDeadline(time.Now().Add(time.Second))
			up.Write(buf[:n])
			answer := make([]byte, 1500)
			if m, err := up.Read(answer); err == nil {
				c.WriteTo(answer[:m], from)
			}
		})
	}
}

func plain(at string, h http.HandlerFunc) { log.Fatal(http.Serve(listen(at), h)) }

func secure(at, pair string) {
	s := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }),
		ErrorLog: log.New(io.Discard, "", 0)}
	log.Fatal(s.ServeTLS(listen(at), pair+".pem", pair+".key"))
}

func listen(at string) net.Listener {
	l, err := net.Listen("tcp", at)
	must(err)
	return l
}

func wait() {
	fmt.Println("ready")
	select {}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// certificates makes what the desk, the services and the interceptor show. The
// computer trusts the school's signer alone.
func certificates(t *testing.T, dir string) {
	t.Helper()
	school := sign(t, dir, "school", "School", nil)
	sign(t, dir, "desk", "Desk", school, deskName)
	sign(t, dir, "service", "Services", school, "class.example", "meet.example")
	stranger := sign(t, dir, "stranger", "Watchful Firewall", nil)
	sign(t, dir, "between", "Between", stranger, deskName, "class.example", "meet.example")
}

type signer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func sign(t *testing.T, dir, file, name string, by *signer, hosts ...string) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true, IsCA: by == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	s := &signer{c, key}
	if by == nil {
		by = s
		c.ExtKeyUsage = nil
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, by.certificate, &key.PublicKey, by.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, file+".pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})))
	write(t, filepath.Join(dir, file+".key"), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})))
	return s
}
