//go:build linux

package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The lab has namespaces of its own, but not processors: what somebody else
// does on this machine slows it, and the product rightly calls it busy. So a
// trial waits for a quiet machine, and one that was disturbed and went wrong is
// tried again, and the table says how many were.
const (
	disturbed = 0.35 // of all processors, by others than the lab, during a trial
	quietWait = 20 * time.Second
	tries     = 4
)

// usage is processor time spent until now, in ticks of the clock: by the whole
// machine, idle, and by the lab's computer.
type usage struct{ all, idle, lab float64 }

func (r *room) usage() usage {
	u := machineUsage()
	for pid := range r.processes() {
		u.lab += ticks(pid)
	}
	return u
}

func machineUsage() (u usage) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return u
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, f := range strings.Fields(line)[1:] {
		n, _ := strconv.ParseFloat(f, 64)
		if i < 8 { // guests are counted in user already
			u.all += n
		}
		if i == 3 || i == 4 { // idle, waiting for a disk
			u.idle += n
		}
	}
	return u
}

// ticks are a process's and its dead children's.
func ticks(pid string) (sum float64) {
	raw, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 15 {
		return 0
	}
	for _, f := range fields[11:15] {
		n, _ := strconv.ParseFloat(f, 64)
		sum += n
	}
	return sum
}

// others is the share of the machine that somebody else has used since before;
// own is what the product and its children took, in seconds.
func (r *room) others(before usage, own time.Duration) float64 {
	after := r.usage()
	all := after.all - before.all
	if all <= 0 {
		return 0
	}
	const perSecond = 100 // USER_HZ, the same on every Linux that a PC runs
	busy := all - (after.idle - before.idle) - max(0, after.lab-before.lab) - own.Seconds()*perSecond
	return max(0, busy/all)
}

// turn waits until no other run of this program tries something, and then
// until the machine has little else to do. The turn ends when done is called.
func turn(ctx context.Context) (done func()) {
	done = func() {}
	time.Sleep(150 * time.Millisecond) // whoever has waited longer comes first
	if f, err := os.OpenFile(filepath.Join(os.TempDir(), "raisehand-faults.lock"), os.O_CREATE|os.O_RDWR, 0o666); err == nil {
		done = sync.OnceFunc(func() { f.Close() }) // and with it the lock
		for ctx.Err() == nil && syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			time.Sleep(50 * time.Millisecond)
		}
	}
	quiet(ctx)
	return done
}

func quiet(ctx context.Context) {
	for end := time.Now().Add(quietWait); time.Now().Before(end) && ctx.Err() == nil; {
		before := machineUsage()
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
		}
		after := machineUsage()
		if busy := 1 - (after.idle-before.idle)/max(1, after.all-before.all); busy < 0.5 {
			return
		}
	}
}
