package system

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// page says whether a process of a browser draws web pages; only those of this
// person can be asked.
func page(pid int32, name string) (whole string, tab bool) {
	if !browsers[strings.ToLower(name)] {
		return name, false
	}
	cmd := commandLine(uint32(pid))
	chromium := strings.Contains(cmd, "--type=renderer") && !strings.Contains(cmd, "--extension-process")
	firefox := strings.Contains(cmd, "-contentproc") && strings.HasSuffix(cmd, " tab")
	return name, chromium || firefox
}

// commandLine asks the kernel, which knows it from Windows 8.1 on; reading the
// other process's memory for it would need more rights.
func commandLine(pid uint32) string {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return ""
	}
	defer windows.CloseHandle(h)
	room := make([]uint64, 8<<10) // 64 kB, aligned for the header
	var size uint32
	err = windows.NtQueryInformationProcess(h, windows.ProcessCommandLineInformation, unsafe.Pointer(&room[0]), uint32(len(room)*8), &size)
	if err != nil {
		return ""
	}
	return (*windows.NTUnicodeString)(unsafe.Pointer(&room[0])).String()
}
