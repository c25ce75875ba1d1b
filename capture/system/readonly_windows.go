package system

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// readOnly says whether the disk of this folder is closed for writing. Not
// known: no.
func readOnly(dir string) bool {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return false
	}
	var flags uint32
	const readOnlyVolume = 0x00080000 // FILE_READ_ONLY_VOLUME
	if err := windows.GetVolumeInformation(root, nil, 0, nil, nil, &flags, nil, 0); err != nil {
		return false
	}
	return flags&readOnlyVolume != 0
}
