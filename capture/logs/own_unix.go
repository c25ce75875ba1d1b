//go:build !windows

package logs

import (
	"os"
	"syscall"
)

// noWait: a pipe that stands where a log stood is opened without waiting for
// somebody to write into it, and then seen to be none.
const noWait = syscall.O_NONBLOCK

// ours says whether the file belongs to this person or to the system.
func ours(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(s.Uid) == os.Getuid() || s.Uid == 0)
}
