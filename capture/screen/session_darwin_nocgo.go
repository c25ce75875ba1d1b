//go:build darwin && !cgo

package screen

import "errors"

// obstacle: reading the screen needs the system's own libraries, which a build
// without cgo does not have.
func obstacle() (code string, err error) { return "screen.failed", errors.ErrUnsupported }
