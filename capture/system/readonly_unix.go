//go:build !windows

package system

import "golang.org/x/sys/unix"

// readOnly says whether the disk of this folder has been closed for writing, as
// Linux does with a disk on which it finds an error. Not known: no.
func readOnly(dir string) bool {
	err := unix.Access(dir, unix.W_OK)
	return err == unix.EROFS
}
