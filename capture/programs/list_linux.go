package programs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// nameLimit is how much of a process name the kernel keeps (TASK_COMM_LEN
// without its final zero, proc(5)).
const nameLimit = 15

func here(a *app) []string {
	return append(append([]string(nil), a.linux...), a.windows...)
}

// list reads /proc itself: one small file and one link for each process, two
// thousand processes in well under the limit.
func list(ctx context.Context) ([]process, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer dir.Close()
	entries, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var all []process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry)
		if err != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list processes: %w", err)
		}
		if p, ok := read(pid); ok {
			all = append(all, p)
		}
	}
	return all, nil
}

// read tells one process's names and parent; false when it has just ended.
func read(pid int) (process, bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return process{}, false
	}
	// "42 (name, which may hold spaces and brackets) S 1 …"
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return process{}, false
	}
	p := process{pid: pid, names: []string{string(stat[open+1 : end])}, truncated: nameLimit}
	if rest := strings.Fields(string(stat[end+1:])); len(rest) > 1 {
		p.parent, _ = strconv.Atoi(rest[1])
	}
	if p.parent == 2 || pid == 2 { // kthreadd and its threads: the kernel's own
		return p, true
	}
	// Another user's link is not readable; its kernel name still is.
	if exe, err := os.Readlink(dir + "/exe"); err == nil {
		p.names = append(p.names, strings.TrimSuffix(exe, " (deleted)"))
	}
	if line, err := os.ReadFile(dir + "/cmdline"); err == nil {
		args := bytes.Split(line[:min(len(line), 16<<10)], []byte{0})
		if first := args[0]; len(first) > 0 && len(first) < 4096 {
			p.names = append(p.names, string(first))
		}
		p.page = pageOf(args[1:])
	}
	return p, true
}

// pageOf is the address that a browser was started to show as a program of
// its own, "" if it was not.
func pageOf(args [][]byte) string {
	for _, a := range args {
		if page, ok := bytes.CutPrefix(a, []byte("--app=")); ok {
			return string(page)
		}
	}
	return ""
}

// inside is the number by which a sandbox knows one of its processes, 0 for a
// process in none: flatpaks count their own, and the sound server is told that
// number.
func inside(pid int) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if numbers, ok := strings.CutPrefix(line, "NSpid:"); ok {
			if all := strings.Fields(numbers); len(all) > 1 {
				own, _ := strconv.Atoi(all[len(all)-1])
				return own
			}
			return 0
		}
	}
	return 0
}
