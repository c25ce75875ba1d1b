package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

// Home is where Raisehand keeps its outbox, settings and log.
func Home() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "raisehand")
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("raisehand-%d", os.Getuid()))
	}
	return filepath.Join(dir, ".local", "state", "raisehand")
}

// Lang is the person's locale, as their desktop says it.
func Lang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// Display says whether a window could be seen at all.
func Display() bool {
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

const busWait = 2 * time.Second

// bus is the session bus. It is never started by us: a bus that nobody else is
// on shows nothing to anybody.
func bus() (*dbus.Conn, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		dir := os.Getenv("XDG_RUNTIME_DIR")
		if _, err := os.Stat(filepath.Join(dir, "bus")); dir == "" || err != nil {
			return nil, errors.New("no session bus")
		}
		os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "bus"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), busWait)
	defer cancel()
	type dialed struct {
		c   *dbus.Conn
		err error
	}
	got := make(chan dialed, 1)
	go func() {
		c, err := dbus.ConnectSessionBus()
		got <- dialed{c, err}
	}()
	select {
	case d := <-got:
		return d.c, d.err
	case <-ctx.Done():
		return nil, errors.New("the session bus does not answer")
	}
}

// Tray says what there is for an icon: a way to register one at all, and
// somebody who shows it now.
func Tray() (possible, shown bool) {
	c, err := bus()
	if err != nil {
		return false, false
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), busWait)
	defer cancel()
	const watcher = "org.kde.StatusNotifierWatcher"
	var owned bool
	if err := c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned); err != nil || !owned {
		return true, false
	}
	var v dbus.Variant
	err = c.Object(watcher, "/StatusNotifierWatcher").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, watcher, "IsStatusNotifierHostRegistered").Store(&v)
	if host, ok := v.Value().(bool); err == nil && ok {
		return true, host
	}
	return true, true // a watcher that does not say: panels of some desktops
}

// Notify shows one notification; the next takes its place.
func Notify(title, text string) error {
	c, err := bus()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), busWait)
	defer cancel()
	const name = "org.freedesktop.Notifications"
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("raisehand")}
	call := c.Object(name, "/org/freedesktop/Notifications").CallWithContext(ctx, name+".Notify", 0,
		"Raisehand", uint32(0), "", title, text, []string{}, hints, int32(15000))
	if call.Err != nil {
		return fmt.Errorf("show a notification: %w", call.Err)
	}
	return nil
}

// pages are the programs that hold a device's settings, the first one found is
// opened.
var pages = map[string][][]string{
	"mic":     {{"gnome-control-center", "sound"}, {"systemsettings", "kcm_pulseaudio"}, {"systemsettings5", "kcm_pulseaudio"}, {"cinnamon-settings", "sound"}, {"mate-volume-control"}, {"pavucontrol", "--tab=4"}},
	"speaker": {{"gnome-control-center", "sound"}, {"systemsettings", "kcm_pulseaudio"}, {"systemsettings5", "kcm_pulseaudio"}, {"cinnamon-settings", "sound"}, {"mate-volume-control"}, {"pavucontrol", "--tab=3"}},
	"camera":  {{"gnome-control-center", "privacy"}},
	"network": {{"gnome-control-center", "network"}, {"systemsettings", "kcm_networkmanagement"}, {"systemsettings5", "kcm_networkmanagement"}, {"cinnamon-settings", "network"}, {"nm-connection-editor"}},
}

// Setting says whether this desktop has a settings page for a check's device.
func Setting(check string) bool { return page(check) != nil }

// OpenSetting opens it, and changes nothing.
func OpenSetting(check string) error {
	p := page(check)
	if p == nil {
		return errors.ErrUnsupported
	}
	cmd := exec.Command(p[0], p[1:]...)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open the settings page: %w", err)
	}
	go cmd.Wait()
	return nil
}

func page(check string) []string {
	for _, p := range pages[check] {
		if path, err := exec.LookPath(p[0]); err == nil {
			return append([]string{path}, p[1:]...)
		}
	}
	return nil
}
