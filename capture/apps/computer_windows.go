package apps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// consent is where Windows keeps which program uses microphone and camera.
const consent = `SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\`

// noted reads who uses a device now: a program whose last use has not ended.
// After a crash the note stays behind, so that only programs that run count.
func noted(k kind) ([]Hold, error) {
	running, err := runningFiles()
	if err != nil {
		return nil, err
	}
	base := consent + string(k)
	root, err := registry.OpenKey(registry.CURRENT_USER, base, registry.ENUMERATE_SUB_KEYS|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, fmt.Errorf("read who uses the %s: %w", k, errors.ErrUnsupported) // before Windows 10 1903
	}
	if err != nil {
		return nil, fmt.Errorf("read who uses the %s: %w", k, err)
	}
	root.Close()
	var all []Hold
	for _, place := range []string{base, base + `\NonPackaged`} {
		for _, name := range subkeys(registry.CURRENT_USER, place) {
			if !inUse(place + `\` + name) {
				continue
			}
			file := strings.ReplaceAll(name, "#", `\`) // "C:#Program Files#…#chrome.exe"
			if place == base {
				file, _, _ = strings.Cut(name, "_") // "MSTeams_8wekyb3d8bbwe"
			}
			pids := running[strings.ToLower(plain(file))]
			if _, exe, ok := strings.Cut(file, "."); ok && place == base {
				pids = running[strings.ToLower(exe)] // "Microsoft.WindowsCamera" runs as WindowsCamera.exe
			}
			if p := byProgram(file); len(pids) > 0 || p != nil && place == base {
				all = append(all, Hold{Program: file, likely: pids})
			}
		}
	}
	return all, nil
}

func inUse(path string) bool {
	k, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return false
	}
	defer k.Close()
	start, _, startErr := k.GetIntegerValue("LastUsedTimeStart")
	stop, _, stopErr := k.GetIntegerValue("LastUsedTimeStop")
	return startErr == nil && stopErr == nil && start != 0 && stop == 0
}

func subkeys(root registry.Key, path string) []string {
	k, err := registry.OpenKey(root, path, registry.ENUMERATE_SUB_KEYS|registry.WOW64_64KEY)
	if err != nil {
		return nil
	}
	defer k.Close()
	names, _ := k.ReadSubKeyNames(-1) // what could be read is better than nothing
	return names
}

// runningFiles are the processes by the names of their files, in lower case.
func runningFiles() (map[string][]int, error) {
	snap, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer windows.CloseHandle(snap)
	running := map[string][]int{}
	var e windows.ProcessEntry32
	e.Size = uint32(unsafe.Sizeof(e))
	for err = windows.Process32First(snap, &e); err == nil; err = windows.Process32Next(snap, &e) {
		name := strings.ToLower(plain(windows.UTF16ToString(e.ExeFile[:])))
		running[name] = append(running[name], int(e.ProcessID))
	}
	return running, nil
}

// lineage: the scout has already counted a program's helpers with it.
func lineage(pid int) []int { return []int{pid} }

// programOf is the file that a process runs.
func programOf(pid int) (string, bool) {
	p, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return "", false
	}
	defer windows.CloseHandle(p)
	var name [windows.MAX_LONG_PATH]uint16
	n := uint32(len(name))
	if windows.QueryFullProcessImageName(p, 0, &name[0], &n) != nil {
		return "", false
	}
	return windows.UTF16ToString(name[:n]), true
}

// inside: this system has one number for a process, wherever it runs.
func inside(int) int { return 0 }

// versionsOf are the versions of the program's files that run.
func versionsOf(key string, pids []int) (all []version) {
	var seen []string
	for _, pid := range pids {
		file, ok := programOf(pid)
		if p := byProgram(file); !ok || p == nil || p.key != key || slices.Contains(seen, file) || len(seen) > 8 {
			continue
		}
		seen = append(seen, file)
		if v := fileVersion(file); v != nil {
			all = append(all, v)
		}
	}
	return all
}

// fileVersion reads the version that a program's file carries, nil without one.
func fileVersion(file string) version {
	size, err := windows.GetFileVersionInfoSize(file, nil)
	if err != nil || size == 0 {
		return nil
	}
	raw := make([]byte, size)
	if windows.GetFileVersionInfo(file, 0, size, unsafe.Pointer(&raw[0])) != nil {
		return nil
	}
	var fixed *windows.VS_FIXEDFILEINFO
	var n uint32
	if windows.VerQueryValue(unsafe.Pointer(&raw[0]), `\`, unsafe.Pointer(&fixed), &n) != nil || fixed == nil {
		return nil
	}
	v := version{int(fixed.FileVersionMS >> 16), int(fixed.FileVersionMS & 0xffff), int(fixed.FileVersionLS >> 16), int(fixed.FileVersionLS & 0xffff)}
	if v[0] == 0 && v[1] == 0 {
		return nil // its maker has not filled it in
	}
	return v
}

// uninstallers are the lists behind "Apps" in Settings.
var uninstallers = []struct {
	root registry.Key
	path string
}{
	{registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`},
	{registry.LOCAL_MACHINE, `SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall`},
	{registry.CURRENT_USER, `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`},
}

// installed reads the lists of installed programs, and those of the store's.
func (c Check) installed(ctx context.Context) ([]install, error) {
	var all []install
	read := 0
	for _, u := range uninstallers {
		for _, name := range subkeys(u.root, u.path) {
			read++
			if ctx.Err() != nil {
				return all, ctx.Err()
			}
			if i, ok := listedProgram(u.root, u.path+`\`+name); ok {
				all = append(all, i)
			}
		}
	}
	const packages = `Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages`
	for _, name := range subkeys(registry.CURRENT_USER, packages) { // "MSTeams_24295.605.3225.8804_x64__8wekyb3d8bbwe"
		read++
		part := strings.Split(name, "_")
		if p := byProgram(part[0]); p != nil && len(part) > 2 {
			all = append(all, install{key: p.key, version: readVersion(part[1]), id: part[0]})
		}
	}
	if read == 0 {
		return nil, errors.New("no list of installed programs can be read")
	}
	return all, nil
}

func listedProgram(root registry.Key, path string) (install, bool) {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return install{}, false
	}
	defer k.Close()
	name, _, err := k.GetStringValue("DisplayName")
	p := byListedName(name)
	if err != nil || p == nil {
		return install{}, false
	}
	number, _, _ := k.GetStringValue("DisplayVersion")
	v := readVersion(number)
	icon, _, _ := k.GetStringValue("DisplayIcon") // `"C:\…\chrome.exe",0`
	file, _, _ := strings.Cut(strings.Trim(icon, `"`), `",`)
	file, _, _ = strings.Cut(file, ",")
	if q := byProgram(file); q != nil && q.key == p.key {
		if own := fileVersion(file); own != nil {
			v = own
		}
	}
	return install{key: p.key, version: v}, v != nil
}

// defaultBrowser reads what opens https addresses.
func (c Check) defaultBrowser(context.Context) (key, id string, err error) {
	const choice = `Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice`
	k, err := registry.OpenKey(registry.CURRENT_USER, choice, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", "", nil // nobody has chosen
	}
	if err != nil {
		return "", "", fmt.Errorf("read the default browser: %w", err)
	}
	defer k.Close()
	class, _, err := k.GetStringValue("ProgId")
	if err != nil {
		return "", "", fmt.Errorf("read the default browser: %w", err)
	}
	if p := byClass(class); p != nil {
		return p.key, "", nil
	}
	return "", "", nil
}
