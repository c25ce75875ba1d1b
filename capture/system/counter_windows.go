package system

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	pdh              = windows.NewLazySystemDLL("pdh.dll")
	pdhOpenQuery     = pdh.NewProc("PdhOpenQueryW")
	pdhAddCounter    = pdh.NewProc("PdhAddEnglishCounterW") // the names are otherwise those of the system's language
	pdhCollect       = pdh.NewProc("PdhCollectQueryData")
	pdhCounterValues = pdh.NewProc("PdhGetFormattedCounterArrayW")
	pdhCloseQuery    = pdh.NewProc("PdhCloseQuery")
)

// counterItem is PDH_FMT_COUNTERVALUE_ITEM_W with a double in it.
type counterItem struct {
	Name   *uint16
	Status uint32
	_      uint32
	Value  float64
}

// values are those of a performance counter over its instances, at least one. It
// serves counters that need no second look.
func values(path string) (all []float64, err error) {
	const (
		formatDouble = 0x200
		moreData     = 0x800007D2
		newData      = 1 // beside 0 the one status of an item with a value
	)
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("name the counter: %w", err)
	}
	if err := pdhAddCounter.Find(); err != nil {
		return nil, fmt.Errorf("find the performance counters: %w", err)
	}
	var query, counter uintptr
	if status, _, _ := pdhOpenQuery.Call(0, 0, uintptr(unsafe.Pointer(&query))); status != 0 {
		return nil, fmt.Errorf("open the performance counters: status %#x", status)
	}
	defer pdhCloseQuery.Call(query)
	if status, _, _ := pdhAddCounter.Call(query, uintptr(unsafe.Pointer(name)), 0, uintptr(unsafe.Pointer(&counter))); status != 0 {
		return nil, fmt.Errorf("add %s: status %#x", path, status)
	}
	if status, _, _ := pdhCollect.Call(query); status != 0 {
		return nil, fmt.Errorf("read %s: status %#x", path, status)
	}
	var size, count uint32
	status, _, _ := pdhCounterValues.Call(counter, formatDouble, uintptr(unsafe.Pointer(&size)), uintptr(unsafe.Pointer(&count)), 0)
	if status != moreData || size == 0 || size > 1<<20 {
		return nil, fmt.Errorf("read %s: status %#x", path, status)
	}
	// The names lie behind the items, in the same piece of memory.
	room := make([]counterItem, size/uint32(unsafe.Sizeof(counterItem{}))+1)
	status, _, _ = pdhCounterValues.Call(counter, formatDouble, uintptr(unsafe.Pointer(&size)), uintptr(unsafe.Pointer(&count)), uintptr(unsafe.Pointer(&room[0])))
	if status != 0 || int(count) > len(room) {
		return nil, fmt.Errorf("read %s: status %#x", path, status)
	}
	for _, item := range room[:count] {
		if item.Status <= newData {
			all = append(all, item.Value)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("read %s: no value", path)
	}
	return all, nil
}
