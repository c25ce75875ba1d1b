//go:build !windows

package logs

import (
	"os"
	"syscall"
)

// noWait: a pipe that stands where a log stood is opened without waiting for
// somebody to write into it, and then seen to be none.
const noWait = syscall.O_NONBLOCK

// sameOwner says whether one person has both folders.
func sameOwner(a, b string) bool {
	one, err1 := os.Stat(a)
	two, err2 := os.Stat(b)
	if err1 != nil || err2 != nil {
		return false
	}
	x, ok1 := one.Sys().(*syscall.Stat_t)
	y, ok2 := two.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && x.Uid == y.Uid
}

// ours says whether the file belongs to this person or to the system.
func ours(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(s.Uid) == os.Getuid() || s.Uid == 0)
}
