package logs

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"time"
)

// output runs a program of the system and returns the last maxSystem bytes of
// what it says, also when its time is up before it has ended.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 200 * time.Millisecond
	out := &lastBytes{}
	cmd.Stdout = out
	if err := cmd.Run(); err != nil {
		return out.whole(), fmt.Errorf("ask %s: %w", name, err)
	}
	return out.whole(), nil
}

// lastBytes keeps the last maxSystem bytes written to it.
type lastBytes struct {
	b   []byte
	cut bool
}

func (l *lastBytes) Write(p []byte) (int, error) {
	l.b = append(l.b, p...)
	if over := len(l.b) - maxSystem; over > maxSystem { // not at every line
		l.b, l.cut = append([]byte(nil), l.b[over:]...), true
	}
	return len(p), nil
}

// whole is what was kept, from the beginning of a line.
func (l *lastBytes) whole() []byte {
	b := l.b
	if over := len(b) - maxSystem; over > 0 {
		b, l.cut = b[over:], true
	}
	if at := bytes.IndexByte(b, '\n'); l.cut && at >= 0 {
		b = b[at+1:]
	}
	return b
}
