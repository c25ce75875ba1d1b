package screen

import (
	"errors"
	"io"
	"os"

	"github.com/jezek/xgb"
)

// obstacle says why the screen cannot be read here, before anything is asked
// of a display server. Under Wayland the picture that X11 hands out is black,
// so it is not taken.
func obstacle() (code string, err error) {
	xgb.Logger.SetOutput(io.Discard) // its words would stand among the probe's own
	kind := os.Getenv("XDG_SESSION_TYPE")
	switch {
	case kind == "wayland", kind != "x11" && os.Getenv("WAYLAND_DISPLAY") != "":
		return "screen.wayland", errors.ErrUnsupported
	case os.Getenv("DISPLAY") == "":
		return "screen.no_display", errors.New("DISPLAY is not set")
	}
	return "", nil
}
