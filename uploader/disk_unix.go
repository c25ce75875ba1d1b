//go:build !windows

package uploader

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// diskFull: no room, over the user's quota, over the process's file size.
var diskFull = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return refusedByDisk(fmt.Errorf("sync %s: %w", dir, err))
	}
	err = errors.Join(d.Sync(), d.Close())
	if errors.Is(err, syscall.EINVAL) { // a file system that does not know how, some network homes
		return nil
	}
	return refusedByDisk(err)
}

func rename(from, to string) error { return os.Rename(from, to) }
