package system

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func TestHeat(t *testing.T) {
	cool := map[string]string{
		"thermal/thermal_zone0/type": "x86_pkg_temp\n", "thermal/thermal_zone0/temp": "61000\n",
		"thermal/thermal_zone0/trip_point_0_type": "passive\n", "thermal/thermal_zone0/trip_point_0_temp": "95000\n",
		"thermal/thermal_zone0/trip_point_1_type": "passive\n", "thermal/thermal_zone0/trip_point_1_temp": "0\n",
		"thermal/thermal_zone1/type": "acpitz\n", "thermal/thermal_zone1/temp": "99000\n",
		"thermal/thermal_zone1/trip_point_0_type": "critical\n", "thermal/thermal_zone1/trip_point_0_temp": "98000\n",
		"thermal/cooling_device0/type": "Fan\n", "thermal/cooling_device0/cur_state": "3\n",
		"cpu/cpufreq/policy0/cpuinfo_max_freq": "4200000\n", "cpu/cpufreq/policy0/scaling_max_freq": "4200000\n",
	}
	for _, c := range []struct {
		name    string
		changes map[string]string
		hot     any
		limit   any
	}{
		{"cool", nil, false, 100.0},
		{"warm, not slowed", map[string]string{"thermal/thermal_zone0/temp": "95000\n"}, false, 100.0},
		{"warm and slowed", map[string]string{"thermal/thermal_zone0/temp": "96000\n", "cpu/cpufreq/policy0/scaling_max_freq": "1800000\n"}, true, 43.0},
		{"warm and cooled by holding back", map[string]string{"thermal/thermal_zone0/temp": "96000\n",
			"thermal/cooling_device1/type": "Processor\n", "thermal/cooling_device1/cur_state": "2\n"}, true, 100.0},
		{"slowed, but cool: somebody saves power", map[string]string{"cpu/cpufreq/policy0/scaling_max_freq": "1800000\n"}, false, 43.0},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{}
			for _, m := range []map[string]string{cool, c.changes} {
				for k, v := range m {
					files[k] = v
				}
			}
			dir := lay(t, files)
			point(t, &thermalDir, filepath.Join(dir, "thermal"))
			point(t, &cpuDir, filepath.Join(dir, "cpu"))
			m, err := heat(context.Background())
			if err != nil || m["_hot"] != c.hot || m["cpu_limit_pct"] != c.limit {
				t.Errorf("got %v, %v, want hot %v, limit %v", m, err, c.hot, c.limit)
			}
		})
	}
	point(t, &thermalDir, "/nowhere")
	point(t, &cpuDir, "/nowhere")
	if m, err := heat(context.Background()); err != errNone {
		t.Errorf("a computer that does not tell: %v, %v", m, err)
	}
}

// The processor's own record is watched while it grows.
func TestThrottled(t *testing.T) {
	dir := lay(t, map[string]string{
		"cpu0/thermal_throttle/package_throttle_total_time_ms": "1000\n", "cpu0/thermal_throttle/core_throttle_total_time_ms": "0\n"})
	point(t, &cpuDir, dir)
	point(t, &thermalDir, "/nowhere")
	path := filepath.Join(dir, "cpu0/thermal_throttle/package_throttle_total_time_ms")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		began := time.Now()
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				now := 1000 + time.Since(began).Milliseconds()
				os.WriteFile(path+".new", []byte(strconv.FormatInt(now, 10)+"\n"), 0o644)
				os.Rename(path+".new", path)
			}
		}
	}()
	m, err := heat(context.Background())
	close(stop)
	<-stopped
	if pct, _ := number(m["throttled_pct"]); err != nil || pct < throttledPct {
		t.Errorf("slowed all the time: %v, %v", m, err)
	}
	if m, err := heat(context.Background()); err != nil || m["throttled_pct"] != 0.0 {
		t.Errorf("not slowed any more: %v, %v", m, err)
	}
}

func TestPowerSaving(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
	point(t, &cpuDir, "/nowhere")
	for _, c := range []struct {
		profile, tuned string
		want           any
	}{
		{"", "", nil}, {"balanced\n", "", false}, {"performance\n", "", false}, {"low-power\n", "", true}, {"quiet\n", "", false},
		{"", "powersave\n", true}, {"", "balanced\n", false},
	} {
		files := map[string]string{}
		if c.profile != "" {
			files["platform_profile"] = c.profile
		}
		if c.tuned != "" {
			files["active_profile"] = c.tuned
		}
		dir := lay(t, files)
		point(t, &platformProfile, filepath.Join(dir, "platform_profile"))
		point(t, &tunedProfile, filepath.Join(dir, "active_profile"))
		if m, err := powerSaving(context.Background()); m["power_saving"] != c.want || (err == errNone) != (c.want == nil) {
			t.Errorf("%q, %q: %v, %v", c.profile, c.tuned, m, err)
		}
	}
}

// powerProfiles answers like power-profiles-daemon.
type powerProfiles struct{ active string }

func (p powerProfiles) Get(iface, property string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(p.active), nil
}

// A real bus with a service on it that says which profile is in force.
func TestPowerProfilesOnTheBus(t *testing.T) {
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("no dbus-daemon here; build/setup.sh installs it")
	}
	cmd := exec.Command(daemon, "--session", "--nofork", "--nopidfile", "--print-address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	c, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	point(t, &platformProfile, "/nowhere/x")
	point(t, &tunedProfile, "/nowhere/x")
	point(t, &cpuDir, "/nowhere")
	if m, err := powerSaving(context.Background()); err != errNone {
		t.Errorf("a bus without the service: %v, %v", m, err)
	}
	if _, err := c.RequestName("net.hadess.PowerProfiles", 0); err != nil {
		t.Fatal(err)
	}
	for active, saves := range map[string]bool{"power-saver": true, "balanced": false} {
		if err := c.Export(powerProfiles{active}, "/net/hadess/PowerProfiles", "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
		if m, err := powerSaving(context.Background()); err != nil || m["power_saving"] != saves {
			t.Errorf("%s: %v, %v", active, m, err)
		}
	}
}

func TestRestart(t *testing.T) {
	for _, c := range []struct {
		name    string
		files   map[string]string
		wanted  bool
		release string
	}{
		{"nothing", nil, false, "6.1.0-9"},
		{"the system says so", map[string]string{"reboot-required": "*** System restart required ***\n"}, true, "6.1.0-9"},
		{"the kernel in force is installed", map[string]string{"modules/6.1.0-9/modules.dep": "", "modules/6.1.0-8/modules.dep": "", "loaded": "xfs 1\n"}, false, "6.1.0-9"},
		{"the kernel in force has been taken away", map[string]string{"modules/6.1.0-10/modules.dep": "", "loaded": "xfs 1\n"}, true, "6.1.0-9"},
		{"a kernel in one piece", map[string]string{"modules/6.1.0-10/modules.dep": "", "loaded": ""}, false, "6.1.0-9"},
		{"only a driver's leftovers", map[string]string{"modules/6.1.0-10/updates/x.ko": "", "loaded": "xfs 1\n"}, false, "6.1.0-9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := lay(t, c.files)
			was := restartWanted
			restartWanted = []string{filepath.Join(dir, "reboot-required")}
			t.Cleanup(func() { restartWanted = was })
			point(t, &modulesDir, filepath.Join(dir, "modules"))
			point(t, &modulesLoaded, filepath.Join(dir, "loaded"))
			point(t, &kernelRelease, filepath.Join(lay(t, map[string]string{"osrelease": c.release + "\n"}), "osrelease"))
			m, err := restart(context.Background())
			if err != nil || m["restart_pending"] != c.wanted {
				t.Errorf("got %v, %v", m, err)
			}
		})
	}
}

func TestMemoryLimit(t *testing.T) {
	const stat = "anon 1500000000\ninactive_file 100000000\n"
	for _, c := range []struct {
		name   string
		groups string
		files  map[string]string
		want   map[string]any
	}{
		{"none", "0::/user.slice\n", map[string]string{"user.slice/memory.max": "max\n", "user.slice/memory.current": "1\n", "user.slice/memory.stat": stat}, nil},
		{"of a group above", "0::/user.slice/user-1000.slice/app.scope\n", map[string]string{
			"user.slice/user-1000.slice/memory.max": "2147483648\n", "user.slice/user-1000.slice/memory.current": "2147483648\n", "user.slice/user-1000.slice/memory.stat": stat,
			"user.slice/user-1000.slice/app.scope/memory.max": "max\n", "user.slice/user-1000.slice/app.scope/memory.current": "5\n", "user.slice/user-1000.slice/app.scope/memory.stat": stat},
			map[string]any{"mem_limit_mb": 2048.0, "mem_limit_used_pct": 95.3}},
		{"of the older kind", "4:memory:/teachers\n0::/\n", map[string]string{
			"memory/teachers/memory.limit_in_bytes": "1073741824\n", "memory/teachers/memory.usage_in_bytes": "1073741824\n",
			"memory/teachers/memory.stat":  "inactive_file 5\ntotal_inactive_file 536870912\n",
			"memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.usage_in_bytes": "3\n", "memory/memory.stat": "total_inactive_file 0\n"},
			map[string]any{"mem_limit_mb": 1024.0, "mem_limit_used_pct": 50.0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := lay(t, c.files)
			point(t, &groupsRoot, dir)
			point(t, &ownGroups, filepath.Join(lay(t, map[string]string{"cgroup": c.groups}), "cgroup"))
			got, err := memoryLimit(context.Background())
			delete(got, "_top_group")
			if (err == errNone) != (c.want == nil) || c.want != nil && !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// What Chromium calls its processes, and Firefox.
func TestDrawsPages(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(shell)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "chromium")
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	tabs := 0
	for _, args := range [][]string{nil, {"--type=renderer"}, {"--type=renderer", "--extension-process"}, {"--type=gpu-process"}} {
		cmd := exec.Command(path, append([]string{"-c", "read line"}, args...)...)
		if _, err := cmd.StdinPipe(); err != nil { // it waits there
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil { // when Start returns, the new program has taken its place
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		p, ok := usedBy(strconv.Itoa(cmd.Process.Pid))
		if !ok || p.name != "chromium" {
			t.Errorf("%v: %+v", args, p)
		}
		if p.tab {
			tabs++
		}
	}
	if tabs != 1 {
		t.Errorf("%d pages are drawn, want 1", tabs)
	}
}

// A kernel that tells no pressure, and memory that goes to the disk and back.
func TestSwapping(t *testing.T) {
	dir := lay(t, map[string]string{"vmstat": "nr_free_pages 5\npswpin 1000\npswpout 5000\n"})
	point(t, &pagesMoved, filepath.Join(dir, "vmstat"))
	if m, err := swapping(context.Background()); err != errNone && len(m) > 0 {
		t.Errorf("a kernel that tells the pressure is asked twice: %v, %v", m, err)
	}
	point(t, &pressureAll, "/nowhere")
	if m, err := swapping(context.Background()); err != nil || m["swapping_mb_s"] != 0.0 {
		t.Errorf("at rest: %v, %v", m, err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for in := 1000; ; in += 500 {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				text := "pswpin " + strconv.Itoa(in) + "\npswpout " + strconv.Itoa(2*in) + "\n"
				os.WriteFile(filepath.Join(dir, "new"), []byte(text), 0o644)
				os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "vmstat"))
			}
		}
	}()
	m, err := swapping(context.Background())
	close(stop)
	<-stopped
	if rate, _ := number(m["swapping_mb_s"]); err != nil || rate < swapRate {
		t.Errorf("busy: %v, %v", m, err)
	}
}
