package uploader

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// diskFull: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED.
var diskFull = []error{syscall.Errno(39), syscall.Errno(112), syscall.Errno(1295)}

// syncDir has nothing to do: NTFS writes names into its journal in order, and
// a folder cannot be flushed.
func syncDir(string) error { return nil }

// rename waits out a virus scanner, which opens what has just been written
// and lets go after a moment.
func rename(from, to string) (err error) {
	const sharingViolation = syscall.Errno(32)
	for wait := 5 * time.Millisecond; wait < time.Second; wait *= 2 {
		if err = os.Rename(from, to); err == nil || !(errors.Is(err, sharingViolation) || errors.Is(err, syscall.ERROR_ACCESS_DENIED)) {
			return err
		}
		time.Sleep(wait)
	}
	return err
}
