package desktop

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Home is where Raisehand keeps its outbox, settings and log.
func Home() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("raisehand-%d", os.Getuid()))
	}
	return filepath.Join(dir, "Library", "Application Support", "Raisehand")
}

// Lang is the person's locale, as their desktop says it.
func Lang() string {
	out, err := exec.Command("defaults", "read", "-g", "AppleLocale").Output()
	if err != nil {
		return os.Getenv("LANG")
	}
	return strings.TrimSpace(string(out))
}

// Display says whether a window could be seen at all.
func Display() bool { return true }

// Tray says what there is for an icon: the menu bar always has a place.
func Tray() (possible, shown bool) { return true, true }

// Notify: UserNotifications needs a signed bundle.
func Notify(title, text string) error { return errors.ErrUnsupported }

const prefs = "x-apple.systempreferences:com.apple.preference."

var pages = map[string]string{
	"mic":     prefs + "sound?input",
	"speaker": prefs + "sound?output",
	"camera":  prefs + "security?Privacy_Camera",
	"network": prefs + "network",
}

// Setting says whether this desktop has a settings page for a check's device.
func Setting(check string) bool { return pages[check] != "" }

// OpenSetting opens it, and changes nothing.
func OpenSetting(check string) error {
	p, ok := pages[check]
	if !ok {
		return errors.ErrUnsupported
	}
	cmd := exec.Command("open", p)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open the settings page: %w", err)
	}
	go cmd.Wait()
	return nil
}
