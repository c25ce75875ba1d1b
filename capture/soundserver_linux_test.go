package capture

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAddressesOfSoundServers(t *testing.T) {
	t.Setenv("PULSE_SERVER", "{box}unix:/run/a /run/b tcp:host tcp4:10.0.0.1:99 tcp6:[::1] nonsense")
	want := "unix:/run/a unix:/run/b tcp:host:4713 tcp4:10.0.0.1:99 tcp6:[::1]:4713"
	if got := strings.Join(soundAddresses(), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestWhoseServerRefuses: one's own that keeps one out is a fault, another
// person's is right to. A folder that may not be entered hides its socket.
func TestWhoseServerRefuses(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "native")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]error{
		"unix:" + mine: ErrSoundDenied,
		"unix:" + filepath.Join(dir, "a/b/native"): ErrSoundDenied,
		"tcp:host:4713": ErrSoundDenied,
	} {
		if got := refusal(addr); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("only root can give a file to another person")
	}
	if err := os.Chown(mine, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if got := refusal("unix:" + mine); got != ErrSoundForeign {
		t.Errorf("another person's: %v", got)
	}
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if got := refusal("unix:" + filepath.Join(dir, "a/b/native")); got != ErrSoundForeign {
		t.Errorf("in another person's folder: %v", got)
	}
}

func TestASoundServerThatSaysNothing(t *testing.T) {
	silent := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", silent)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("PULSE_SERVER", "unix:"+silent)
	began := time.Now()
	if _, err := DialSound(t.Context(), nil); !errors.Is(err, ErrSoundServerHung) {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	t.Setenv("PULSE_SERVER", "unix:"+silent+".gone")
	if _, err := DialSound(t.Context(), nil); !errors.Is(err, ErrNoSoundServer) {
		t.Errorf("a socket that is not there: %v", err)
	}
}

// TestASoundServerThatHangsUp while one signs in: an error, and no panic.
func TestASoundServerThatHangsUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Read(make([]byte, 64))
			c.Close()
		}
	}()
	t.Setenv("PULSE_SERVER", "unix:"+path)
	if _, err := DialSound(t.Context(), nil); err == nil {
		t.Error("signed in to nobody")
	}
}
