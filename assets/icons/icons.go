// Package icons holds the raised hand: state → the picture a tray or a window
// shows. build/icons draws them.
package icons

import (
	_ "embed"
)

// App is the icon of windows and menus, 256 pixels wide, PNG.
//
//go:embed app-256.png
var App []byte

// Tray returns the tray's icon for a state, for a dark or a light tray: PNG on
// Linux, a template PNG on macOS (the system colours it), ICO on Windows. An
// unknown state is shown as idle.
func Tray(state string, dark bool) []byte {
	name := state
	ground := "light"
	if dark {
		ground = "dark"
	}
	raw, err := tray.ReadFile(file(name, ground))
	if err != nil {
		raw, _ = tray.ReadFile(file("idle", ground)) // embedded: a test reads it
	}
	return raw
}
