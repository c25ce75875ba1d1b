package system

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/mem"
)

const mib = 1 << 20

func operatingSystem(ctx context.Context) (map[string]any, error) {
	info, err := host.InfoWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the system's version: %w", err)
	}
	m := map[string]any{
		"os":         info.OS,
		"os_version": strings.TrimSpace(info.Platform + " " + info.PlatformVersion),
		"kernel":     info.KernelVersion,
		"arch":       info.KernelArch,
		"host_name":  info.Hostname,
		"uptime_h":   round(float64(info.Uptime)/3600, 1),
	}
	if info.VirtualizationRole == "guest" {
		m["virtual"] = info.VirtualizationSystem
	}
	return m, nil
}

func model(ctx context.Context) (map[string]any, error) {
	maker, name, err := machine(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the computer's model: %w", err)
	}
	maker, name = real(maker), real(name)
	if name == "" {
		return nil, errNone
	}
	if maker != "" && !strings.HasPrefix(strings.ToLower(name), strings.ToLower(maker)) {
		name = maker + " " + name
	}
	return map[string]any{"model": name}, nil
}

// real drops what makers leave in a field that they never filled in.
func real(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "to be filled by o.e.m.", "system product name", "system manufacturer", "default string",
		"not applicable", "not specified", "none", "unknown", "o.e.m.", "oem":
		return ""
	}
	return s
}

func processor(ctx context.Context) (map[string]any, error) {
	m := map[string]any{"cores": runtime.NumCPU()}
	if n, err := cpu.CountsWithContext(ctx, false); err == nil && n > 0 {
		m["cores_physical"] = n
	}
	if name, err := processorName(ctx); err == nil && name != "" {
		m["cpu"] = strings.Join(strings.Fields(name), " ")
	}
	return m, nil
}

func memory(ctx context.Context) (map[string]any, error) {
	v, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("read memory: %w", err)
	}
	if v.Total == 0 {
		return nil, fmt.Errorf("read memory: the system says it has none")
	}
	m := map[string]any{
		"mem_total_mb":     int64(v.Total / mib),
		"mem_available_mb": int64(v.Available / mib),
		"mem_used_pct":     round(100-100*float64(v.Available)/float64(v.Total), 1),
	}
	if s, err := mem.SwapMemoryWithContext(ctx); err == nil && s.Total > 0 {
		m["swap_total_mb"] = int64(s.Total / mib)
		m["swap_used_pct"] = round(100*float64(s.Used)/float64(s.Total), 1)
	}
	return m, nil
}

// volume is a disk as far as room on it goes.
type volume struct {
	freeMB, totalMB float64
	inodesUsedPct   float64 // 0 where the file system does not count files
	readOnly        bool    // nothing can be written, however much room there is
}

func usage(ctx context.Context, path string) (volume, error) {
	u, err := disk.UsageWithContext(ctx, path)
	if err != nil {
		return volume{}, fmt.Errorf("read the room on the disk: %w", err)
	}
	v := volume{freeMB: float64(u.Free) / mib, totalMB: float64(u.Total) / mib}
	if u.InodesTotal > 0 { // some file systems make room for files as they come
		v.inodesUsedPct = u.InodesUsedPercent
	}
	return v, nil
}

func homeDisk(ctx context.Context) (map[string]any, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("find the home folder: %w", err)
	}
	v, err := usage(ctx, home)
	if err != nil {
		return nil, err
	}
	v.readOnly = readOnly(home)
	return map[string]any{"_home_disk": v,
		"disk_free_gb": round(v.freeMB/1024, 1), "disk_total_gb": round(v.totalMB/1024, 1)}, nil
}

func systemDisk(ctx context.Context) (map[string]any, error) {
	v, err := usage(ctx, systemVolume())
	if err != nil {
		return nil, err
	}
	return map[string]any{"_system_disk": v,
		"system_disk_free_gb": round(v.freeMB/1024, 1), "system_disk_total_gb": round(v.totalMB/1024, 1)}, nil
}

// temporaryDisk is where programs put what they need for a moment: browsers and
// class programs do not even start when it is full.
func temporaryDisk(ctx context.Context) (map[string]any, error) {
	v, err := usage(ctx, os.TempDir())
	if err != nil {
		return nil, err
	}
	return map[string]any{"_temporary_disk": v}, nil
}

// ownDisk is where requests are kept until they have gone out.
func (c Check) ownDisk(ctx context.Context) (map[string]any, error) {
	if c.Home == "" {
		return nil, errNone
	}
	dir := c.Home
	for { // before the first start there is no such folder yet, but there is its disk
		v, err := usage(ctx, dir)
		if err == nil {
			v.readOnly = readOnly(dir)
			return map[string]any{"_own_disk": v}, nil
		}
		up := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || up == dir {
			return nil, err
		}
		dir = up
	}
}

func language(ctx context.Context) (map[string]any, error) {
	m := map[string]any{"time_zone": time.Now().Format("-07:00")}
	if l := locale(ctx); l != "" {
		m["lang"] = l
	}
	return m, nil
}
