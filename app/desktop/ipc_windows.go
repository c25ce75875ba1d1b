package desktop

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/Microsoft/go-winio"
)

// Listen opens the door through which other commands of the same person speak
// to the owner of home: a named pipe that only this user may open.
func Listen(home string) (net.Listener, error) {
	u, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("ask who is signed in: %w", err)
	}
	l, err := winio.ListenPipe(pipe(home), &winio.PipeConfig{SecurityDescriptor: "D:P(A;;GA;;;" + u.Uid + ")"})
	if err != nil {
		return nil, fmt.Errorf("open the door for other commands: %w", err)
	}
	return l, nil
}

// Dial reaches the owner of home.
func Dial(home string) (net.Conn, error) {
	limit := 3 * time.Second
	c, err := winio.DialPipe(pipe(home), &limit)
	if err != nil {
		return nil, fmt.Errorf("reach the running raisehand: %w", err)
	}
	return c, nil
}

func pipe(home string) string {
	abs, err := filepath.Abs(home)
	if err != nil {
		abs = home
	}
	return fmt.Sprintf(`\\.\pipe\raisehand-%x`, sha256.Sum256([]byte(strings.ToLower(abs))))
}
