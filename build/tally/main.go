// Command tally counts what was tried: step → passed, failed, skipped → one
// line at the end. It shows the output of what failed, the reason of what was
// skipped, and of the rest only a name and a time.
//
//	tally step NAME COMMAND…   one step: its exit code says whether it passed
//	tally test NAME COMMAND…   a `go test -json`: each test counts
//	tally sum                  the line; the exit code is 0 when something passed and nothing failed
//
// The steps of one run share the file that TALLY names.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv("TALLY"), os.Stdout))
}

// errFailed says that a step ran and did not pass.
var errFailed = errors.New("failed")

func run(args []string, file string, out io.Writer) int {
	var err error
	switch {
	case file == "":
		err = errors.New("TALLY names no file")
	case len(args) >= 3 && (args[0] == "step" || args[0] == "test"):
		err = step(args[0] == "test", args[1], args[2:], file, out)
	case len(args) == 1 && args[0] == "sum":
		err = sum(file, out)
	default:
		fmt.Fprintln(out, "usage: tally step NAME COMMAND… | tally test NAME COMMAND… | tally sum")
		return 2
	}
	if err != nil && !errors.Is(err, errFailed) {
		fmt.Fprintln(out, "tally:", err)
	}
	if err != nil {
		return 1
	}
	return 0
}

// step runs one command and adds its count to the file.
func step(isTest bool, name string, command []string, file string, out io.Writer) error {
	fmt.Fprintf(out, "── %s\n", name)
	began := time.Now()
	c, err := attempt(isTest, name, command, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "   %s: %s, %s\n", name, c, time.Since(began).Round(100*time.Millisecond))
	if err := c.add(file); err != nil {
		return err
	}
	if c.Failed > 0 {
		return errFailed
	}
	return nil
}

func attempt(isTest bool, name string, command []string, out io.Writer) (Count, error) {
	cmd := exec.Command(command[0], command[1:]...)
	// An interrupt reaches the whole terminal; the command ends by itself and
	// what it has said so far is still counted and shown.
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(ignored)

	if !isTest {
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			fmt.Fprintf(out, "%s%s: %v\n", said.Bytes(), name, err)
			return Count{Failed: 1, Failures: []string{name}}, nil
		}
		return Count{Passed: 1}, nil
	}

	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return Count{}, fmt.Errorf("read %s: %w", name, err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		return Count{}, fmt.Errorf("start %s: %w", name, err)
	}
	t := tests{out: out}
	readErr := t.read(pipe)
	waitErr := cmd.Wait()
	switch {
	case readErr != nil:
		t.fail(name, readErr.Error()+"\n")
	case waitErr != nil && t.Failed == 0:
		t.fail(name, complaints.String()+waitErr.Error()+"\n")
	case t.Passed+t.Failed+t.Skipped == 0:
		t.fail(name, complaints.String()+"not one test ran\n")
	}
	return t.Count, nil
}

// sum writes the line.
func sum(file string, out io.Writer) error {
	c, err := load(file)
	if err != nil {
		return err
	}
	for _, s := range c.Skips {
		fmt.Fprintf(out, "skipped: %s\n", s)
	}
	for _, f := range c.Failures {
		fmt.Fprintf(out, "failed: %s\n", f)
	}
	fmt.Fprintln(out, c)
	if c.Failed > 0 || c.Passed == 0 {
		return errFailed
	}
	return nil
}

// Count is what became of the tests.
type Count struct {
	Passed, Failed, Skipped int
	Failures, Skips         []string
}

func (c Count) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.Passed, c.Failed, c.Skipped)
}

func load(file string) (Count, error) {
	var c Count
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(raw) == 0 {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return c, fmt.Errorf("read the count: %w", err)
	}
	return c, nil
}

func (c Count) add(file string) error {
	all, err := load(file)
	if err != nil {
		return err
	}
	all.Passed += c.Passed
	all.Failed += c.Failed
	all.Skipped += c.Skipped
	all.Failures = append(all.Failures, c.Failures...)
	all.Skips = append(all.Skips, c.Skips...)
	raw, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep the count: %w", err)
	}
	return nil
}
