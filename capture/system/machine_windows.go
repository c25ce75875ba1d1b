package system

import (
	"context"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func systemVolume() string {
	if drive := os.Getenv("SystemDrive"); drive != "" {
		return drive + `\`
	}
	return `C:\`
}

func machine(context.Context) (maker, name string, err error) {
	const bios = `HARDWARE\DESCRIPTION\System\BIOS`
	if name, err = registered(bios, "SystemProductName"); err != nil {
		return "", "", err
	}
	maker, _ = registered(bios, "SystemManufacturer")
	return maker, name, nil
}

// processorName reads the registry: WMI, which gopsutil asks, takes seconds.
func processorName(context.Context) (string, error) {
	return registered(`HARDWARE\DESCRIPTION\System\CentralProcessor\0`, "ProcessorNameString")
}

func registered(path, value string) (string, error) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return "", fmt.Errorf("open registry key %s: %w", path, err)
	}
	defer k.Close()
	s, _, err := k.GetStringValue(value)
	if err != nil {
		return "", fmt.Errorf("read registry value %s: %w", value, err)
	}
	return s, nil
}

// systemPrograms are the desktop itself and what keeps it running.
var systemPrograms = map[string]bool{
	"system": true, "registry": true, "memory compression": true, "secure system": true, "smss": true, "csrss": true, "wininit": true,
	"winlogon": true, "services": true, "lsass": true, "svchost": true, "dwm": true, "explorer": true, "audiodg": true, "msmpeng": true,
	"searchindexer": true, "tiworker": true, "trustedinstaller": true, "wmiprvse": true, "runtimebroker": true, "fontdrvhost": true,
	"sihost": true, "taskhostw": true, "ctfmon": true, "conhost": true, "spoolsv": true, "wuauclt": true, "mousocoreworker": true,
}

// powerStatus is SYSTEM_POWER_STATUS.
type powerStatus struct {
	ACLine, Flag, Percent, System byte
	Life, FullLife                uint32
}

var getSystemPowerStatus = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemPowerStatus")

func battery(context.Context) (map[string]any, error) {
	var s powerStatus
	if ok, _, err := getSystemPowerStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return nil, fmt.Errorf("read the battery: %w", err)
	}
	const noBattery, unknown = 128, 255
	if s.Flag == unknown || s.Flag&noBattery != 0 || s.Percent == unknown {
		return nil, errNone
	}
	return map[string]any{"battery_pct": float64(s.Percent), "on_battery": s.ACLine == 0}, nil
}

func locale(context.Context) string {
	langs, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(langs) == 0 {
		return ""
	}
	return langs[0]
}
