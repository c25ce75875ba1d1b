package network

import (
	"encoding/binary"
	"testing"
)

// What the kernel says of a card at 5 GHz, −61 dBm, 433.3 Mbit/s.
func TestReadWiphy(t *testing.T) {
	u32 := func(x uint32) []byte { return binary.NativeEndian.AppendUint32(nil, x) }
	u16 := func(x uint16) []byte { return binary.NativeEndian.AppendUint16(nil, x) }
	about := append(attribute(attrIndex, u32(3)), attribute(attrFreqMHz, u32(5180))...)
	rates := append(attribute(rate16, u16(4333)), attribute(9, nil)...)
	info := append(attribute(stationSignal, []byte{0xc3}), attribute(stationSending|0x8000, rates)...)
	station := append(attribute(6, []byte{2, 0, 0, 0, 0, 1}), attribute(attrStation|0x8000, info)...)
	if got := readWiphy([][]byte{about}, [][]byte{station}); got != (radio{signalDBM: -61, bandGHz: 5, mbps: 433.3}) {
		t.Errorf("%+v", got)
	}
	info = attribute(stationSending, attribute(rate32, u32(12010)))
	if got := readWiphy(nil, [][]byte{attribute(attrStation, info)}); got != (radio{mbps: 1201}) {
		t.Errorf("%+v", got)
	}
	for cut := range station { // broken off anywhere
		readWiphy([][]byte{about[:min(cut, len(about))]}, [][]byte{station[:cut]})
	}
}

func TestBand(t *testing.T) {
	for mhz, want := range map[int]float64{2412: 2.4, 2484: 2.4, 5180: 5, 5885: 5, 5955: 6, 7115: 6, 60480: 0} {
		if got := band(mhz); got != want {
			t.Errorf("%d MHz is %v", mhz, got)
		}
	}
}

// The kernel answers anybody who asks; here, that it has no Wi-Fi.
func TestAskTheKernel(t *testing.T) {
	w, err := openWiphy()
	if err == nil {
		defer w.close()
		if _, err := w.read(1); err == nil { // the loopback is no Wi-Fi card
			t.Error("the loopback has a signal")
		}
		return
	}
	t.Logf("no Wi-Fi in this kernel: %v", err)
}
