package logs

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// journal asks systemd's journal: the warnings of all programs that this person
// may read, and what the kernel said, which is where a device comes and goes.
func journal(ctx context.Context) ([]byte, error) {
	const program = "journalctl"
	if _, err := exec.LookPath(program); err != nil {
		return nil, fmt.Errorf("find the system's journal: %w", err)
	}
	since := fmt.Sprintf("--since=-%dmin", int(around.Minutes()))
	warnings, err1 := output(ctx, program, "--no-pager", "--quiet", "--output=short-iso", since, "--priority=warning", "--lines=1500")
	kernel, err2 := output(ctx, program, "--no-pager", "--quiet", "--output=short-iso", since, "--dmesg", "--priority=info", "--lines=500")
	if len(kernel) > 0 {
		warnings = append(append(warnings, "\n-- kernel --\n"...), kernel...)
	}
	both := &lastBytes{b: warnings}
	return both.whole(), errors.Join(err1, err2)
}
