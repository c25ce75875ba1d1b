//go:build !windows

package desktop

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// longest is the most bytes that every Unix takes for a socket's path.
const longest = 100

// Listen opens the door through which other commands of the same person speak
// to the owner of home. Only the owner calls it, so an old socket is a leftover.
func Listen(home string) (net.Listener, error) {
	path, err := socket(home)
	if err != nil {
		return nil, err
	}
	os.Remove(path)
	old := syscall.Umask(0o177) // never, not even for a moment, open to others
	l, err := net.Listen("unix", path)
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("open the door for other commands: %w", err)
	}
	return sameUser{l.(*net.UnixListener)}, nil
}

// Dial reaches the owner of home.
func Dial(home string) (net.Conn, error) {
	path, err := socket(home)
	if err != nil {
		return nil, err
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("reach the running raisehand: %w", err)
	}
	return c, nil
}

// socket is home/ipc.sock, or a short stand-in where that path is too long for
// a socket.
func socket(home string) (string, error) {
	path := filepath.Join(home, "ipc.sock")
	if len(path) <= longest {
		return path, nil
	}
	abs, err := filepath.Abs(home)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("raisehand-%d-%x", os.Getuid(), sha256.Sum256([]byte(abs)))[:40])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the socket: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(st.Uid) != os.Getuid() || info.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("%s belongs to somebody else", dir)
	}
	return filepath.Join(dir, "ipc.sock"), nil
}

// sameUser refuses callers of another user where the system tells who calls;
// the socket's mode refuses them everywhere.
type sameUser struct{ *net.UnixListener }

func (l sameUser) Accept() (net.Conn, error) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if uid, ok := peer(c); ok && uid != os.Getuid() {
			c.Close()
			continue
		}
		return c, nil
	}
}
