//go:build linux && (amd64 || arm64)

package killed

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// moment is where a process is killed: at the n-th of some system calls that
// it makes itself, counted over all its threads; strace counts each thread
// for itself and so misses most of a Go program's.
type moment struct {
	calls map[uint64]bool
	n     int  // from 1
	after bool // once the call has been done, not before
}

// The families of calls at which a ticket could be lost or doubled.
var families = map[string][]uint64{
	"fsync":   {unix.SYS_FSYNC, unix.SYS_FDATASYNC},
	"rename":  {unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2},
	"connect": {unix.SYS_CONNECT},
	"write":   {unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_SENDTO},
}

func momentOf(family string, n int, after bool) moment {
	m := moment{calls: map[uint64]bool{}, n: n, after: after}
	for _, nr := range families[family] {
		m.calls[nr] = true
	}
	return m
}

// errNoTrace: this computer does not let one process watch another.
var errNoTrace = errors.New("processes may not be traced here")

// runUntil runs cmd and kills it at the moment. It says whether the moment
// came; if not, the command has run to its own end.
func (m moment) runUntil(cmd *exec.Cmd) (killed bool, err error) {
	// All requests of a tracer come from one thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("%w: %w", errNoTrace, err)
	}
	w := watched{moment: m, pid: cmd.Process.Pid, known: map[int]bool{}}
	killed, err = w.watch()
	if err != nil {
		unix.Kill(w.pid, unix.SIGKILL)
	}
	cmd.Wait() // the pipes' ends; the status has been taken by watch
	return killed, err
}

// watched is one process under the tracer.
type watched struct {
	moment
	pid    int
	known  map[int]bool // threads that have been started
	seen   int          // calls so far
	at     int          // the thread that made the chosen call; 0 before
	killed bool
}

func (w *watched) watch() (bool, error) {
	var ws unix.WaitStatus
	if _, err := unix.Wait4(w.pid, &ws, 0, nil); err != nil {
		return false, fmt.Errorf("wait for the start: %w", err)
	}
	// Threads, and not the children: the probes are not what is killed here.
	if err := unix.PtraceSetOptions(w.pid, unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_EXITKILL); err != nil {
		return false, fmt.Errorf("%w: %w", errNoTrace, err)
	}
	w.known[w.pid] = true
	if err := unix.PtraceSyscall(w.pid, 0); err != nil {
		return false, fmt.Errorf("let it start: %w", err)
	}
	for {
		tid, err := unix.Wait4(-1, &ws, unix.WALL|unix.WNOTHREAD, nil) // this thread's own children only
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return w.killed, fmt.Errorf("wait: %w", err)
		}
		switch {
		case ws.Exited() || ws.Signaled():
			if tid == w.pid {
				return w.killed, nil
			}
		case ws.Stopped():
			w.stopped(tid, ws)
		}
	}
}

// stopped lets a thread go on, unless this is the moment.
func (w *watched) stopped(tid int, ws unix.WaitStatus) {
	deliver := 0
	switch sig := ws.StopSignal(); {
	case sig == unix.SIGTRAP|0x80:
		w.call(tid)
	case sig == unix.SIGTRAP: // an event: clone, exec
	case sig == unix.SIGSTOP && !w.known[tid]: // how a new thread begins
		w.known[tid] = true
	default:
		deliver = int(sig)
	}
	if !w.killed {
		_ = unix.PtraceSyscall(tid, deliver) // it may be gone: then its end is reported
	}
}

// call looks at a thread that begins or ends a system call.
func (w *watched) call(tid int) {
	var info struct {
		op   uint8
		_    [3]uint8
		arch uint32
		ip   uint64
		sp   uint64
		nr   uint64 // of a call that begins
		args [7]uint64
	}
	const begins, ends = 1, 2
	_, _, e := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if e != 0 {
		return
	}
	switch {
	case info.op == begins && w.at == 0 && w.calls[info.nr]:
		if w.seen++; w.seen == w.n {
			w.at = tid
			if !w.after {
				w.kill()
			}
		}
	case info.op == ends && w.at == tid && w.after && !w.killed:
		w.kill()
	}
}

func (w *watched) kill() {
	w.killed = true
	unix.Kill(w.pid, unix.SIGKILL)
}
