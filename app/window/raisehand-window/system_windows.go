package main

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32                   = windows.NewLazySystemDLL("user32.dll")
	kernel32                 = windows.NewLazySystemDLL("kernel32.dll")
	procSystemParametersInfo = user32.NewProc("SystemParametersInfoW")
	procUILanguage           = kernel32.NewProc("GetUserDefaultUILanguage")
)

func display() error { return nil }

// systemLang is the language of the desktop, until the session says which.
func systemLang() string {
	if v := os.Getenv("RAISEHAND_LANG"); v != "" {
		return v
	}
	const primaryChinese = 0x04 // LANG_CHINESE
	if id, _, _ := procUILanguage.Call(); id&0x3ff == primaryChinese {
		return "zh"
	}
	return "en"
}

// highContrast says whether the desktop asks for it (HIGHCONTRAST in winuser.h).
func highContrast() bool {
	if os.Getenv("RAISEHAND_CONTRAST") == "high" {
		return true
	}
	const getHighContrast, on = 0x0042, 0x1
	hc := struct {
		size   uint32
		flags  uint32
		scheme *uint16
	}{}
	hc.size = uint32(unsafe.Sizeof(hc))
	ok, _, _ := procSystemParametersInfo.Call(getHighContrast, uintptr(hc.size), uintptr(unsafe.Pointer(&hc)), 0)
	return ok != 0 && hc.flags&on != 0
}

func lightByDefault() {} // Fyne asks the system
