package system

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Where the system writes down how it treats power; the tests have their own.
var (
	platformProfile = "/sys/firmware/acpi/platform_profile"
	tunedProfile    = "/etc/tuned/active_profile"
)

// profiles are the services that tell which power profile is in force.
var profiles = []struct {
	name, path, property string
	saves                func(any) bool
}{
	{"org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles", "ActiveProfile", func(v any) bool { return v == "power-saver" }},
	{"net.hadess.PowerProfiles", "/net/hadess/PowerProfiles", "ActiveProfile", func(v any) bool { return v == "power-saver" }},
	{"org.deepin.dde.Power1", "/org/deepin/dde/Power1", "PowerSavingModeEnabled", func(v any) bool { return v == true }},
	{"com.deepin.system.Power", "/com/deepin/system/Power", "PowerSavingModeEnabled", func(v any) bool { return v == true }},
}

// powerSaving tells whether the system has been told to save power.
func powerSaving(ctx context.Context) (map[string]any, error) {
	known, saves := false, false
	if p := line(filepath.Dir(platformProfile), filepath.Base(platformProfile)); p != "" {
		known, saves = true, p == "low-power"
	}
	if p := line(filepath.Dir(tunedProfile), filepath.Base(tunedProfile)); p != "" {
		known, saves = true, saves || strings.Contains(p, "powersave") || strings.Contains(p, "battery")
	}
	if told, ok := profileByBus(ctx); ok {
		known, saves = true, saves || told
	}
	if limit, ok := speedLimit(); ok {
		known, saves = true, saves || limit <= hotLimitPct
	}
	if !known {
		return nil, errNone
	}
	return map[string]any{"power_saving": saves}, nil
}

// profileByBus asks the services that run; none is started for it.
func profileByBus(ctx context.Context) (saves, known bool) {
	c, err := dbus.SystemBusPrivate(dbus.WithContext(ctx))
	if err != nil {
		return false, false
	}
	defer c.Close()
	if c.Auth(nil) != nil || c.Hello() != nil {
		return false, false
	}
	for _, p := range profiles {
		var v dbus.Variant
		err := c.Object(p.name, dbus.ObjectPath(p.path)).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
			dbus.FlagNoAutoStart, p.name, p.property).Store(&v)
		if err == nil {
			return p.saves(v.Value()), true
		}
	}
	return false, false
}
