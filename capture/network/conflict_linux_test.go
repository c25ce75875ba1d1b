package network

import (
	"net/netip"
	"reflect"
	"testing"
)

func TestAddressesGivenUp(t *testing.T) {
	point(t, &addresses6, `fd770000000000000000000000000002 02 40 00 88     eth0
fe800000000000000000fcfffe000001 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
`)
	want := []clash{{link: "eth0", address: netip.MustParseAddr("fd77::2")}}
	if got := failed6(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestWhatArpingSaid(t *testing.T) {
	for said, want := range map[string]string{
		"ARPING 10.77.0.2 from 0.0.0.0 c0\nUnicast reply from 10.77.0.2 [02:00:00:00:00:09]  0.6ms\nSent 1 probes (1 broadcast(s))\n": "02:00:00:00:00:09",
		"ARPING 10.77.0.2 from 0.0.0.0 c0\nSent 2 probes (2 broadcast(s))\nReceived 0 response(s)\n":                                  "",
	} {
		got := ""
		if m := arpingSaid.FindStringSubmatch(said); m != nil {
			got = m[2]
		}
		if got != want {
			t.Errorf("%q: %q", said, got)
		}
	}
}
