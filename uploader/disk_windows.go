package uploader

import "syscall"

// diskFull: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED.
var diskFull = []error{syscall.Errno(39), syscall.Errno(112), syscall.Errno(1295)}

// syncDir has nothing to do: NTFS writes names into its journal in order, and
// a folder cannot be flushed.
func syncDir(string) error { return nil }
