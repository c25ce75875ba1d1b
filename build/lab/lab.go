// Package lab is what surrounds the programs when they are tried or measured:
// a desk with a technician → a computer with a home → commands run to their end.
//
// It belongs to no kind of test, so that a measurement can use it too: it
// returns errors and never ends a test.
package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Patience bounds every wait: it decides only how long something broken takes
// to say so.
const Patience = 40 * time.Second

// Program finds a program of this project. RAISEHAND_BIN names the folder;
// otherwise it is bin/ at the root of the checkout.
func Program(name string) (string, error) {
	dir := os.Getenv("RAISEHAND_BIN")
	if dir == "" {
		root, err := root()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(root, "bin")
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not built: run build/test.sh: %w", name, err)
	}
	return path, nil
}

// root is the nearest folder upwards that holds go.mod.
func root() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, gone := os.Stat(filepath.Join(dir, "go.mod")); gone == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("find the checkout: no go.mod upwards from here")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// Bare is the tester's environment without anything that would show a program
// the tester's own desktop, sound, language or settings. more is added to it.
// No program of ours asks anybody out there whether the network works.
func Bare(more ...string) (kept []string) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch name {
		case "PATH", "TMPDIR", "USER", "LOGNAME":
			kept = append(kept, kv)
		}
	}
	return append(append(kept, "RAISEHAND_ASK_OUTSIDE=false"), more...)
}

// Answer is how a command ended.
type Answer struct {
	Out, Err string
	Code     int // -1: a signal ended it
}

// Run runs a command to its end. The error says that it could not be started
// or did not end; a code is no error.
func Run(cmd *exec.Cmd) (Answer, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		return Answer{}, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	late := time.AfterFunc(Patience, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	a := Answer{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
	if !late.Stop() {
		return a, fmt.Errorf("%v does not end within %v: %s%s", cmd.Args, Patience, a.Out, a.Err)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return a, err
	}
	return a, nil
}

// Until asks again and again until the answer is yes, for what has no event to
// wait for: other programs.
func Until(ctx context.Context, what string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s", what)
		}
	}
	return nil
}
