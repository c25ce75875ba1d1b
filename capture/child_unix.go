//go:build !windows

package capture

import (
	"os/exec"
	"syscall"
)

// alone gives the child a process group of its own, so that what it starts
// dies with it.
func alone(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
