package camera

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// here is this computer: Video4Linux nodes, and /proc for who holds them.
type here struct{}

// cameras lists the nodes that give pictures. One webcam has several nodes, for
// example one for the metadata of its frames; codecs and television outputs
// have nodes too.
func (here) cameras() ([]device, error) {
	nodes, err := filepath.Glob("/dev/video[0-9]*")
	if err != nil {
		return nil, fmt.Errorf("list cameras: %w", err)
	}
	sort.Slice(nodes, func(i, j int) bool { return number(nodes[i]) < number(nodes[j]) })
	var all []device
	for _, path := range nodes {
		if d, ok := inspect(path); ok {
			all = append(all, d)
		}
	}
	// Apps offer cameras by number; what only they can see through comes last:
	// sensors without processing, and loopbacks that another program feeds.
	sort.SliceStable(all, func(i, j int) bool { return all[i].rank() < all[j].rank() })
	return all, nil
}

func number(path string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(path, "/dev/video"))
	return n
}

func (d device) rank() int {
	switch {
	case d.raw:
		return 2
	case d.driver == loopback:
		return 1
	}
	return 0
}

// loopback is the driver behind virtual cameras such as OBS's.
const loopback = "v4l2 loopback"

// inspect asks a node what it is. Any number of programs may do that while
// another streams from it.
func inspect(path string) (device, bool) {
	d := device{path: path, name: sysfs(path, "name"), access: access(path)}
	if d.name == "" {
		d.name = path
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		d.denied = errors.Is(err, fs.ErrPermission)
		return d, !errors.Is(meaning("", err), errGone) && likelyCamera(path)
	}
	defer unix.Close(fd)
	caps, err := queryCap(fd)
	if err != nil {
		return d, false
	}
	d.driver, d.bus = text(caps.Driver[:]), text(caps.BusInfo[:])
	if card := text(caps.Card[:]); card != "" {
		d.name = card
	}
	can := caps.Capabilities
	if can&capDeviceCaps != 0 {
		can = caps.DeviceCaps // what this node can do, not its whole device
	}
	if can&(capCapture|capPlanes) == 0 || can&capStreaming == 0 {
		return d, false
	}
	if can&(capOutput|capM2M) != 0 && d.driver != loopback {
		return d, false
	}
	// Cameras of phones and of some laptops give what their sensor sees, in
	// planes or through a media controller.
	_, known := pick(formats(fd))
	d.raw = can&capMediaController != 0 || can&capCapture == 0 || !known
	return d, true
}

// likelyCamera judges a node that cannot be opened: by udev's database, and
// without one by the node being its device's first.
func likelyCamera(path string) bool {
	var st unix.Stat_t
	if unix.Stat(path, &st) == nil {
		rdev := uint64(st.Rdev)
		db, err := os.ReadFile(fmt.Sprintf("/run/udev/data/c%d:%d", unix.Major(rdev), unix.Minor(rdev)))
		if _, caps, ok := strings.Cut(string(db), "E:ID_V4L_CAPABILITIES="); err == nil && ok {
			line, _, _ := strings.Cut(caps, "\n")
			return strings.Contains(line, ":capture:")
		}
	}
	return sysfs(path, "index") == "0"
}

func sysfs(path, file string) string {
	b, err := os.ReadFile("/sys/class/video4linux/" + filepath.Base(path) + "/" + file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// access says who may open a node, as ls does.
func access(path string) string {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return ""
	}
	return fmt.Sprintf("%#o uid %d gid %d", st.Mode&0o777, st.Uid, st.Gid)
}

// brokers hold cameras for sandboxed programs and for those that speak to
// PipeWire.
var brokers = map[string]bool{"pipewire": true, "wireplumber": true, "pipewire-media-session": true}

// holders reads every process's open files. Those of other users' processes
// are closed to an ordinary user.
func (here) holders(d device) []holder {
	var node unix.Stat_t
	if unix.Stat(d.path, &node) != nil {
		return nil
	}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var all []holder
	for _, proc := range procs {
		pid, err := strconv.Atoi(filepath.Base(proc))
		if err != nil || pid == os.Getpid() || !opened(proc, node.Rdev) {
			continue
		}
		name := program(proc)
		all = append(all, holder{pid: pid, program: name, parents: parents(pid), broker: brokers[name]})
	}
	return all
}

// opened says whether a process has a device open. It is found by number, not
// by path: sandboxed programs see it under another one.
func opened(proc string, rdev uint64) bool {
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return false
	}
	for _, f := range files {
		link := proc + "/fd/" + f.Name()
		if to, err := os.Readlink(link); err != nil || !strings.HasPrefix(to, "/") {
			continue // a socket or a pipe: spare the look
		}
		var st unix.Stat_t
		if unix.Stat(link, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == rdev {
			return true
		}
	}
	return false
}

// program is a process's name. The kernel keeps only 15 bytes of it.
func program(proc string) string {
	b, err := os.ReadFile(proc + "/comm")
	if err != nil {
		return ""
	}
	name := strings.TrimSpace(string(b))
	if exe, err := os.Readlink(proc + "/exe"); err == nil && len(name) >= 15 {
		if base := filepath.Base(exe); strings.HasPrefix(base, name) {
			return base
		}
	}
	return name
}

// parents are the processes that a process descends from: a browser opens the
// camera in a child of a child.
func parents(pid int) []int {
	var all []int
	for len(all) < 16 {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			break
		}
		// pid (name) state ppid …; the name may hold spaces and brackets
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if len(fields) < 2 {
			break
		}
		pid, err = strconv.Atoi(fields[1])
		if err != nil || pid <= 1 {
			break
		}
		all = append(all, pid)
	}
	return all
}
