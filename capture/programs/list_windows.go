package programs

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// nameLimit is 0: a snapshot carries the whole file name.
const nameLimit = 0

func here(a *app) []string { return a.windows }

// list takes a snapshot of all processes; it needs no rights over them.
func list(ctx context.Context) ([]process, error) {
	snap, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer windows.CloseHandle(snap)

	var e windows.ProcessEntry32
	e.Size = uint32(unsafe.Sizeof(e))
	var all []process
	for err = windows.Process32First(snap, &e); err == nil; err = windows.Process32Next(snap, &e) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list processes: %w", err)
		}
		all = append(all, process{
			pid:    int(e.ProcessID),
			parent: int(e.ParentProcessID),
			names:  []string{windows.UTF16ToString(e.ExeFile[:])},
		})
	}
	if !errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	return all, nil
}

// inside: this system has one number for a process, wherever it runs.
func inside(int) int { return 0 }
