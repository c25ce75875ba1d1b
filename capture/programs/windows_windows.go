package programs

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32        = windows.NewLazySystemDLL("user32.dll")
	getWindowText = user32.NewProc("GetWindowTextW")
)

// titles reads the visible windows. Windows keeps the titles itself, so that
// a program that hangs keeps nobody waiting.
func titles() (all []window) {
	if getWindowText.Find() != nil {
		return nil
	}
	each := syscall.NewCallback(func(w windows.HWND, _ uintptr) uintptr {
		const more = 1
		if !windows.IsWindowVisible(w) {
			return more
		}
		var text [256]uint16
		if n, _, _ := getWindowText.Call(uintptr(w), uintptr(unsafe.Pointer(&text[0])), uintptr(len(text))); n == 0 {
			return more
		}
		var pid uint32
		if _, err := windows.GetWindowThreadProcessId(w, &pid); err == nil {
			all = append(all, window{int(pid), windows.UTF16ToString(text[:])})
		}
		return more
	})
	windows.EnumWindows(each, nil)
	return all
}
