package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Where it stands that a restart is wanted, and what the kernel in force needs.
var (
	restartWanted = []string{"/run/reboot-required", "/var/run/reboot-required"}
	modulesDir    = "/lib/modules"
	kernelRelease = "/proc/sys/kernel/osrelease"
	modulesLoaded = "/proc/modules"
)

// restart tells whether the system waits to be restarted: it says so itself
// (Debian, Ubuntu, deepin, UOS, Kylin), or the modules of the kernel in force
// are gone while those of another are there: then nothing that is plugged in
// works any more.
func restart(context.Context) (map[string]any, error) {
	for _, path := range restartWanted {
		if _, err := os.Stat(path); err == nil {
			return map[string]any{"restart_pending": true}, nil
		}
	}
	raw, err := os.ReadFile(kernelRelease)
	if err != nil {
		return nil, fmt.Errorf("read the kernel's release: %w", err)
	}
	entries, err := os.ReadDir(modulesDir)
	if err != nil || len(entries) == 0 {
		return map[string]any{"restart_pending": false}, nil // a kernel without modules, or a container
	}
	release := strings.TrimSpace(string(raw))
	_, err = os.Stat(filepath.Join(modulesDir, release))
	gone := errors.Is(err, os.ErrNotExist) && modular() && installed(entries)
	return map[string]any{"restart_pending": gone}, nil
}

// modular says whether the kernel in force has loaded modules: one built in a
// single piece needs none.
func modular() bool {
	raw, err := os.ReadFile(modulesLoaded)
	return err == nil && len(raw) > 0
}

// installed says whether a folder there is that of an installed kernel, and not
// one that only some driver has left.
func installed(entries []os.DirEntry) bool {
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(modulesDir, e.Name(), "modules.dep")); err == nil {
			return true
		}
	}
	return false
}
