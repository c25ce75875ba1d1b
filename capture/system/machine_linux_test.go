package system

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// lay writes files beneath a folder of the test's own.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// point sets one of the kernel's places for the length of a test.
func point(t *testing.T, place *string, path string) {
	was := *place
	*place = path
	t.Cleanup(func() { *place = was })
}

func TestBattery(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  map[string]any
	}{
		{"laptop on battery", map[string]string{"AC/type": "Mains\n", "AC/online": "0\n",
			"BAT0/type": "Battery\n", "BAT0/capacity": "9\n", "BAT0/status": "Discharging\n", "BAT0/present": "1\n"},
			map[string]any{"battery_pct": 9.0, "on_battery": true}},
		{"laptop plugged in", map[string]string{"AC/type": "Mains\n", "AC/online": "1\n",
			"BAT0/type": "Battery\n", "BAT0/capacity": "90\n", "BAT0/status": "Charging\n"},
			map[string]any{"battery_pct": 90.0, "on_battery": false}},
		{"two batteries", map[string]string{
			"BAT0/type": "Battery\n", "BAT0/capacity": "10\n", "BAT0/status": "Not charging\n",
			"BAT1/type": "Battery\n", "BAT1/capacity": "50\n", "BAT1/status": "Discharging\n"},
			map[string]any{"battery_pct": 30.0, "on_battery": true}},
		{"a desktop with a mouse", map[string]string{
			"hidpp/type": "Battery\n", "hidpp/capacity": "5\n", "hidpp/status": "Discharging\n", "hidpp/scope": "Device\n"}, nil},
		{"an empty bay", map[string]string{"BAT0/type": "Battery\n", "BAT0/present": "0\n", "BAT0/capacity": "0\n"}, nil},
		{"nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			point(t, &powerDir, lay(t, c.files))
			got, err := battery(context.Background())
			if (err != nil) != (c.want == nil) || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestPressure(t *testing.T) {
	dir := lay(t, map[string]string{"memory": "some avg10=34.50 avg60=3.00 avg300=0.00 total=123\nfull avg10=1.00 avg60=0.00 avg300=0.00 total=1\n"})
	point(t, &pressureAll, filepath.Join(dir, "memory"))
	if m, err := memoryPressure(context.Background()); err != nil || m["mem_pressure_pct"] != 34.5 {
		t.Errorf("%v, %v", m, err)
	}
	point(t, &pressureAll, filepath.Join(dir, "absent"))
	if _, err := memoryPressure(context.Background()); err != errNone {
		t.Errorf("a kernel that does not tell: %v", err)
	}
}

func TestModel(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"ThinkPad", map[string]string{"sys_vendor": "LENOVO\n", "product_name": "20XWCTO1WW\n", "product_version": "ThinkPad X1 Carbon Gen 9\n"},
			"LENOVO ThinkPad X1 Carbon Gen 9 (20XWCTO1WW)"},
		{"maker named twice", map[string]string{"sys_vendor": "HP\n", "product_name": "HP ProDesk 400 G6\n"}, "HP ProDesk 400 G6"},
		{"home-built", map[string]string{"sys_vendor": "To Be Filled By O.E.M.\n", "product_name": "System Product Name\n"}, ""},
		{"no DMI", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			point(t, &dmiDir, lay(t, c.files))
			point(t, &treeModel, "/nowhere")
			m, err := model(context.Background())
			if c.want == "" {
				if err != errNone {
					t.Errorf("got %v, %v", m, err)
				}
			} else if m["model"] != c.want {
				t.Errorf("got %v, %v, want %s", m, err, c.want)
			}
		})
	}
	point(t, &dmiDir, "/nowhere")
	point(t, &treeModel, filepath.Join(lay(t, map[string]string{"model": "Raspberry Pi 4 Model B\x00"}), "model"))
	if m, _ := model(context.Background()); m["model"] != "Raspberry Pi 4 Model B" {
		t.Errorf("board: %v", m)
	}
}

// A real program that does nothing but work is found by its whole name,
// although the kernel cuts it.
func TestBusyProgram(t *testing.T) {
	const name = "very-busy-antivirus"
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(shell)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", "echo; while :; do :; done")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil { // it runs
		t.Fatal(err)
	}
	earlier, err := programs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	var now program
	for now.cpu < earlier[pid].cpu+0.05 {
		later, err := programs(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		now = later[pid]
	}
	m := map[string]any{}
	rank(m, map[int]program{pid: earlier[pid]}, map[int]program{pid: now}, 1, 1)
	if got, _, ok := first(m["top_cpu"], "pct"); !ok || got != name {
		t.Errorf("the busiest is %v, want %s", m["top_cpu"], name)
	}
	if got, mb, ok := first(m["top_memory"], "mb"); ok && (got != name || mb > 100) {
		t.Errorf("memory %v", m["top_memory"])
	}
}
