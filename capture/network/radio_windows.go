package network

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	wlanapi   = windows.NewLazySystemDLL("wlanapi.dll")
	wlanOpen  = wlanapi.NewProc("WlanOpenHandle")
	wlanClose = wlanapi.NewProc("WlanCloseHandle")
	wlanList  = wlanapi.NewProc("WlanEnumInterfaces")
	wlanAsk   = wlanapi.NewProc("WlanQueryInterface")
	wlanFree  = wlanapi.NewProc("WlanFreeMemory")
)

// What can be asked of a card, from the system's wlanapi.h.
const (
	wlanRadio     = 4          // WLAN_RADIO_STATE: a count, then (index, software, hardware) each
	wlanChannel   = 8          // a number
	wlanRSSI      = 0x10000102 // dBm
	wlanConnected = 1
	radioOff      = 2
)

// wlanCard is WLAN_INTERFACE_INFO.
type wlanCard struct {
	id    windows.GUID
	about [256]uint16
	state uint32
}

// readRadio asks the system's Wi-Fi service. Newer systems tell a program
// nothing about Wi-Fi without the right to know where it is: then it is not
// known.
func readRadio(context.Context) (r radio, err error) {
	if wlanOpen.Find() != nil {
		return r, nil // a server without Wi-Fi
	}
	var version uint32
	var h windows.Handle
	if code, _, _ := wlanOpen.Call(2, 0, uintptr(unsafe.Pointer(&version)), uintptr(unsafe.Pointer(&h))); code != 0 {
		if windows.Errno(code) == windows.ERROR_SERVICE_NOT_ACTIVE { // no Wi-Fi card
			return r, nil
		}
		return r, fmt.Errorf("ask the Wi-Fi service: %w", windows.Errno(code))
	}
	defer wlanClose.Call(uintptr(h), 0)
	var list *struct {
		count, index uint32
		cards        [64]wlanCard
	}
	if code, _, _ := wlanList.Call(uintptr(h), 0, uintptr(unsafe.Pointer(&list))); code != 0 || list == nil {
		return r, fmt.Errorf("list the Wi-Fi cards: %w", windows.Errno(code))
	}
	defer wlanFree.Call(uintptr(unsafe.Pointer(list)))
	ask := func(c *wlanCard, what uintptr) (*[776]byte, uint32, error) {
		var size uint32
		var data *[776]byte
		code, _, _ := wlanAsk.Call(uintptr(h), uintptr(unsafe.Pointer(&c.id)), what, 0, uintptr(unsafe.Pointer(&size)), uintptr(unsafe.Pointer(&data)), 0)
		if code != 0 || data == nil {
			return nil, 0, windows.Errno(code)
		}
		return data, size, nil
	}
	off, on := false, false
	for i := range min(int(list.count), len(list.cards)) {
		c := &list.cards[i]
		if data, size, err := ask(c, wlanRadio); err == nil {
			state := (*[4]uint32)(unsafe.Pointer(data)) // the first of its radios
			if size >= 16 && (state[2] == radioOff || state[3] == radioOff) {
				off = true
			} else {
				on = true
			}
			wlanFree.Call(uintptr(unsafe.Pointer(data)))
		}
		if c.state != wlanConnected {
			continue
		}
		data, _, fail := ask(c, wlanRSSI)
		if fail != nil {
			err = fmt.Errorf("read the Wi-Fi's signal: %w", errors.Join(errors.ErrUnsupported, fail))
			continue
		}
		r.name, r.signalDBM = nameOf(windows.UTF16ToString(c.about[:])), float64(*(*int32)(unsafe.Pointer(data)))
		wlanFree.Call(uintptr(unsafe.Pointer(data)))
		if data, _, fail := ask(c, wlanChannel); fail == nil {
			r.bandGHz = bandOfChannel(int(*(*uint32)(unsafe.Pointer(data))))
			wlanFree.Call(uintptr(unsafe.Pointer(data)))
		}
	}
	r.off = off && !on
	return r, err
}

// nameOf is the name that the list of links has for a card.
func nameOf(about string) string {
	all, err := adapters()
	if err != nil {
		return about
	}
	for _, a := range all {
		if a.about == about {
			return a.name
		}
	}
	return about
}

// bandOfChannel: 6 GHz counts its channels anew, and is taken for one of the
// others.
func bandOfChannel(n int) float64 {
	switch {
	case n == 0:
		return 0
	case n <= 14:
		return 2.4
	}
	return 5
}
