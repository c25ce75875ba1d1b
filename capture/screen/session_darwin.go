package screen

/*
#cgo LDFLAGS: -framework CoreGraphics
#include <stdbool.h>
extern bool CGPreflightScreenCaptureAccess(void) __attribute__((weak_import));
static int mayReadScreen(void) {
	return CGPreflightScreenCaptureAccess == 0 || CGPreflightScreenCaptureAccess();
}
*/
import "C"

import "errors"

// obstacle asks whether this program may read the screen. Without permission
// macOS hands out the wallpaper and no error; it is asked without showing the
// person anything. Before 10.15 there is nothing to ask.
func obstacle() (code string, err error) {
	if C.mayReadScreen() == 0 {
		return "screen.denied", errors.New("screen recording is not permitted")
	}
	return "", nil
}
