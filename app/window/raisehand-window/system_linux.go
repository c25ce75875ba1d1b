package main

import (
	"errors"
	"os"
	"strings"
)

// display says why no window can be shown here.
func display() error {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("open window: there is no display")
	}
	return nil
}

// systemLang is the language of the desktop, until the session says which.
func systemLang() string {
	for _, name := range []string{"RAISEHAND_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// highContrast says whether the desktop asks for it: GTK's high-contrast
// theme, or RAISEHAND_CONTRAST=high.
func highContrast() bool {
	return os.Getenv("RAISEHAND_CONTRAST") == "high" || strings.HasPrefix(os.Getenv("GTK_THEME"), "HighContrast")
}

// lightByDefault makes the windows light where nobody can say what the desktop
// prefers: without a session bus Fyne takes dark, and most desktops are light.
func lightByDefault() {
	if os.Getenv("FYNE_THEME") == "" && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		os.Setenv("FYNE_THEME", "light")
	}
}
