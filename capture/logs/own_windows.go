package logs

import "os"

const noWait = 0

// ours: what another person owns lies in that person's folder, which is not
// looked into.
func ours(os.FileInfo) bool { return true }

// sameOwner: beside a person's folder lie other people's.
func sameOwner(home, beside string) bool { return false }
