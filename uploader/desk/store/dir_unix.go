//go:build !windows

package store

import "os"

// syncDir puts a folder's entries on the disk, so that a renamed file is still
// there after a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
