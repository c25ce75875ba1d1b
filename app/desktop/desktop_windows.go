package desktop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Home is where Raisehand keeps its outbox, settings and log.
func Home() string {
	if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
		return filepath.Join(dir, "Raisehand")
	}
	return filepath.Join(os.TempDir(), "Raisehand")
}

// Lang is the person's locale, as their desktop says it.
func Lang() string {
	langs, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(langs) == 0 {
		return ""
	}
	return langs[0]
}

// Display says whether a window could be seen at all.
func Display() bool { return true }

// Tray says what there is for an icon: Windows always has a place.
func Tray() (possible, shown bool) { return true, true }

// Notify: toasts need an identity that the installer registers.
func Notify(title, text string) error { return errors.ErrUnsupported }

var pages = map[string]string{
	"mic":     "ms-settings:sound",
	"speaker": "ms-settings:sound",
	"camera":  "ms-settings:privacy-webcam",
	"network": "ms-settings:network",
	"system":  "ms-settings:about",
}

// Setting says whether this desktop has a settings page for a check's device.
func Setting(check string) bool { return pages[check] != "" }

// OpenSetting opens it, and changes nothing.
func OpenSetting(check string) error {
	p, ok := pages[check]
	if !ok {
		return errors.ErrUnsupported
	}
	uri, err := windows.UTF16PtrFromString(p)
	if err != nil {
		return err
	}
	if err := windows.ShellExecute(0, nil, uri, nil, nil, windows.SW_SHOWNORMAL); err != nil {
		return fmt.Errorf("open the settings page: %w", err)
	}
	return nil
}
