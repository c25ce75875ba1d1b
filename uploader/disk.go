package uploader

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What a disk can refuse. Nothing half-written is left behind.
var (
	ErrFull       error = diskError{"outbox.full", "the disk is full"}
	ErrUnwritable error = diskError{"outbox.unwritable", "the folder cannot be written"} // read-only, not ours, broken
)

type diskError struct{ code, text string }

func (e diskError) Error() string    { return e.text }
func (e diskError) WordCode() string { return e.code }

// tmp marks what is not whole yet; whatever bears it at a start is rubbish.
const tmp = ".part"

// write puts a file on the disk whole or not at all: a part, flushed, takes the
// name at once. The name itself is durable only after syncDir.
func write(dir, name string, data []byte) error {
	path := filepath.Join(dir, name)
	err := flush(path+tmp, data)
	if err == nil {
		err = rename(path+tmp, path)
	}
	if err != nil {
		os.Remove(path + tmp)
		return refusedByDisk(fmt.Errorf("write %s: %w", name, err))
	}
	return nil
}

func flush(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// keep is write with the name made durable too.
func keep(dir, name string, data []byte) error {
	if err := write(dir, name, data); err != nil {
		return err
	}
	return syncDir(dir)
}

// refusedByDisk turns each system's word for a full disk into ErrFull, and any
// other into ErrUnwritable.
func refusedByDisk(err error) error {
	if err == nil || errors.Is(err, ErrFull) || errors.Is(err, ErrUnwritable) {
		return err
	}
	for _, e := range diskFull {
		if errors.Is(err, e) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnwritable, err)
}

// sweep removes parts that a sudden end left behind.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), tmp) {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
