package uploader

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// Files of the outbox on a disk of 400 kB.
func TestAFullDiskIsSaidAndNothingHalfIsKept(t *testing.T) {
	home := t.TempDir()
	if err := syscall.Mount("tmpfs", home, "tmpfs", 0, "size=400k"); err != nil {
		t.Skipf("mounting a small disk needs root (%v); the file-size limit below tests the same path", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(home, syscall.MNT_DETACH)) })
	dir := filepath.Join(home, "outbox")
	o := open(t, dir)
	picture := File{"screen-1.png", "image/png", make([]byte, 60_000)}
	var err error
	kept := 0
	for ; err == nil && kept < 20; kept++ {
		err = o.Put(Parcel{Ticket: newTicket(report.P1), Report: &report.Report{}, Files: []File{picture}})
	}
	kept--
	if !errors.Is(err, ErrFull) || deskapi.Code(err) != "outbox.full" || kept == 0 {
		t.Fatalf("after %d: %v", kept, err)
	}
	if folders, _ := os.ReadDir(dir); len(folders) != kept || len(o.Entries()) != kept {
		t.Errorf("%d tickets, %d folders, %d entries", kept, len(folders), len(o.Entries()))
	}
	id := o.Entries()[0].Ticket.ID
	before, _ := os.ReadDir(filepath.Join(dir, id))
	if err := o.AddFile(id, picture); !errors.Is(err, ErrFull) {
		t.Errorf("add: %v", err)
	}
	if after, _ := os.ReadDir(filepath.Join(dir, id)); len(after) != len(before) {
		t.Errorf("left behind: %v", after)
	}

	// To the last byte: what is kept still goes out, and only once.
	fill, err := os.Create(filepath.Join(home, "fill"))
	must(t, err)
	for err == nil {
		_, err = fill.Write(make([]byte, 4096))
	}
	fill.Close()
	desk := newFakeDesk()
	d := OpenDesk(serve(t, desk).URL, "k", filepath.Join(t.TempDir(), "device.json"))
	must(t, drainAll(o, d))
	if len(desk.tickets) != kept || len(desk.files) != kept || len(desk.faults) > 0 {
		t.Errorf("%d tickets, %d files, %v", len(desk.tickets), len(desk.files), desk.faults)
	}
	must(t, os.Remove(fill.Name()))
	o = open(t, dir)
	must(t, drainAll(o, d))
	if len(desk.tickets) != kept || len(desk.faults) > 0 || len(o.Entries()) != kept {
		t.Errorf("after a restart: %d tickets, %v", len(desk.tickets), desk.faults)
	}
}

func TestAFileSizeLimitIsAFullDiskToo(t *testing.T) {
	o := open(t, t.TempDir())
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 10_000, Max: old.Max}))
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)
	err := o.Put(Parcel{Ticket: newTicket(report.P1), Files: []File{{"a.png", "image/png", make([]byte, 20_000)}}})
	if !errors.Is(err, ErrFull) || len(o.Entries()) != 0 {
		t.Errorf("%v %v", err, o.Entries())
	}
	if left, _ := os.ReadDir(o.dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	must(t, o.Put(Parcel{Ticket: newTicket(report.P1)})) // a small one still fits
}
