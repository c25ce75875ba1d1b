package network

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// point lays a file and sets one of the kernel's places to it.
func point(t *testing.T, place *string, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	was := *place
	*place = path
	t.Cleanup(func() { *place = was })
}

func TestRoutes(t *testing.T) {
	point(t, &routes4, `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	FE00000A	0003	0	0	100	00000000	0	0	0
eth1	00000000	0101A8C0	0002	0	0	1	00000000	0	0	0
ppp0	00000000	00000000	0001	0	0	700	00000000	0	0	0
eth0	0000000A	00000000	0001	0	0	100	00FFFFFF	0	0	0
`)
	point(t, &routes6, `fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`)
	got, err := defaultRoutes(context.Background())
	want := []route{
		{netip.MustParseAddr("192.168.1.1"), "wlan0", 600}, {netip.MustParseAddr("10.0.0.254"), "eth0", 100},
		{netip.Addr{}, "ppp0", 700}, {netip.MustParseAddr("fe80::1"), "eth0", 1024},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNeighbours(t *testing.T) {
	point(t, &arpTable, `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         02:fc:00:00:00:05     *        eth0
192.168.1.2      0x1         0x0         00:00:00:00:00:00     *        eth0
`)
	for ip, want := range map[string]string{"192.168.1.1": present, "192.168.1.2": absent, "192.168.1.3": ""} {
		if got := neighbourState(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s is %q, want %q", ip, got, want)
		}
	}
}

func TestRadio(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"rfkill0/type": "bluetooth\n", "rfkill0/soft": "1\n", "rfkill1/type": "wlan\n", "rfkill1/soft": "0\n", "rfkill1/hard": "0\n"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was := rfkillDir
	rfkillDir = dir
	t.Cleanup(func() { rfkillDir = was })
	point(t, &radioTable, `Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   31.  -79.  -256        0      0      0      0    101        0
`)
	if r, err := readRadio(context.Background()); err != nil || r != (radio{name: "wlan0", signalDBM: -79}) {
		t.Errorf("%+v, %v", r, err)
	}
	os.WriteFile(filepath.Join(dir, "rfkill1/soft"), []byte("1\n"), 0o644)
	if r, err := readRadio(context.Background()); err != nil || !r.off {
		t.Errorf("switched off: %+v, %v", r, err)
	}
}

func TestNameServers(t *testing.T) {
	point(t, &resolvConf, "# by hand\nsearch school.example\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\noptions edns0\n")
	got, err := nameServers(context.Background())
	if err != nil || len(got) != 2 || got[0].String() != "10.0.0.1" || got[1].Zone() != "eth0" {
		t.Errorf("%v, %v", got, err)
	}
}
