package main

import (
	"os"
	"os/exec"
	"strings"
)

func display() error { return nil }

// systemLang is the language of the desktop, until the session says which.
func systemLang() string {
	if v := os.Getenv("RAISEHAND_LANG"); v != "" {
		return v
	}
	return os.Getenv("LANG")
}

// highContrast says whether the desktop asks for it.
func highContrast() bool {
	if os.Getenv("RAISEHAND_CONTRAST") == "high" {
		return true
	}
	out, err := exec.Command("/usr/bin/defaults", "read", "com.apple.universalaccess", "increaseContrast").Output()
	return err == nil && strings.TrimSpace(string(out)) == "1"
}

func lightByDefault() {} // Fyne asks the system
