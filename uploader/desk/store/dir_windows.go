package store

// syncDir has nothing to do: NTFS journals the rename itself, and a folder
// cannot be flushed.
func syncDir(string) error { return nil }
