package system

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// heat asks two places: whether a thermal zone throttles its devices and how far
// (100 % is not at all), and how fast the processor may run just now. The first
// needs no rights, which the zones' temperature does.
func heat(context.Context) (map[string]any, error) {
	m := map[string]any{}
	limit, err := speedLimit()
	if err == nil {
		m["cpu_limit_pct"] = round(limit, 0)
	}
	limits, noZones := values(`\Thermal Zone Information(*)\% Passive Limit`)
	reasons, noReasons := values(`\Thermal Zone Information(*)\Throttle Reasons`)
	if noZones == nil && noReasons == nil {
		// Some firmware gives a limit of nothing for a zone that does nothing.
		m["_hot"] = slices.Min(limits) <= hotLimitPct && slices.Max(reasons) > 0
	}
	if len(m) == 0 {
		return nil, fmt.Errorf("read the processor's limit: %w", errors.Join(err, noZones, noReasons))
	}
	return m, nil
}

// processorPower is PROCESSOR_POWER_INFORMATION.
type processorPower struct {
	Number, MaxMhz, CurrentMhz, MhzLimit, MaxIdleState, CurrentIdleState uint32
}

var callNtPowerInformation = windows.NewLazySystemDLL("powrprof.dll").NewProc("CallNtPowerInformation")

// speedLimit is the lowest of all cores' highest allowed speed, in percent of
// what the core can do.
func speedLimit() (pct float64, err error) {
	const processorInformation = 11
	if err := callNtPowerInformation.Find(); err != nil {
		return 0, fmt.Errorf("find CallNtPowerInformation: %w", err)
	}
	cores := make([]processorPower, max(runtime.NumCPU(), 1))
	size := uintptr(len(cores)) * unsafe.Sizeof(cores[0])
	status, _, _ := callNtPowerInformation.Call(processorInformation, 0, 0, uintptr(unsafe.Pointer(&cores[0])), size)
	if status != 0 {
		return 0, fmt.Errorf("ask for the processor's speed: %w", windows.NTStatus(status))
	}
	pct = 100
	for _, c := range cores {
		if c.MaxMhz > 0 && c.MhzLimit > 0 {
			pct = min(pct, 100*float64(c.MhzLimit)/float64(c.MaxMhz))
		}
	}
	return pct, nil
}

// Power plans and modes that slow the processor (winnt.h, and the overlays of
// the power slider).
const (
	planSaver   = "a1841308-3541-4fab-bc81-f71556f20b4a"
	modeEconomy = "961cc777-2547-4f9d-8174-7d86181b8a7a"
	powerKey    = `SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes`
)

// powerSaving: battery saver is on, or the plan or mode in force is the one
// that saves most.
func powerSaving(context.Context) (map[string]any, error) {
	var s powerStatus
	if ok, _, err := getSystemPowerStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return nil, fmt.Errorf("read the power's state: %w", err)
	}
	saves := s.System == 1 // battery saver, from Windows 10
	if plan, err := registered(powerKey, "ActivePowerScheme"); err == nil {
		saves = saves || plan == planSaver
	}
	overlay := "ActiveOverlayAcPowerScheme"
	if s.ACLine == 0 {
		overlay = "ActiveOverlayDcPowerScheme"
	}
	if mode, err := registered(powerKey, overlay); err == nil {
		saves = saves || mode == modeEconomy
	}
	return map[string]any{"power_saving": saves}, nil
}

// restart: an update, or the servicing of Windows itself, waits for one. Files
// that are to be renamed at the next start are not asked for: some program
// always has one.
func restart(context.Context) (map[string]any, error) {
	for _, path := range []string{
		`SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired`,
		`SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending`,
	} {
		k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
		switch {
		case err == nil:
			k.Close()
			return map[string]any{"restart_pending": true}, nil
		case !errors.Is(err, registry.ErrNotExist):
			return nil, fmt.Errorf("open registry key %s: %w", path, err)
		}
	}
	return map[string]any{"restart_pending": false}, nil
}

// swapping is not asked for: what the system says of its memory is enough.
func swapping(context.Context) (map[string]any, error) { return nil, errNone }

// memoryLimit: job objects limit single programs here, never a person's session.
func memoryLimit(context.Context) (map[string]any, error) { return nil, errNone }

// performanceInformation is PERFORMANCE_INFORMATION, in pages.
type performanceInformation struct {
	Size                                                                                        uint32
	CommitTotal, CommitLimit, CommitPeak, PhysicalTotal, PhysicalAvailable, SystemCache, Kernel uintptr
	KernelPaged, KernelNonpaged, PageSize                                                       uintptr
	Handles, Processes, Threads                                                                 uint32
}

var getPerformanceInfo = windows.NewLazySystemDLL("psapi.dll").NewProc("GetPerformanceInfo")

// memoryPressure tells how much of the memory that Windows can promise, paging
// file included, it has promised: at the end of it programs fail to start.
func memoryPressure(context.Context) (map[string]any, error) {
	var p performanceInformation
	p.Size = uint32(unsafe.Sizeof(p))
	if ok, _, err := getPerformanceInfo.Call(uintptr(unsafe.Pointer(&p)), uintptr(p.Size)); ok == 0 || p.CommitLimit == 0 {
		return nil, fmt.Errorf("read the memory promised: %w", err)
	}
	return map[string]any{"mem_commit_pct": round(100*float64(p.CommitTotal)/float64(p.CommitLimit), 1)}, nil
}
