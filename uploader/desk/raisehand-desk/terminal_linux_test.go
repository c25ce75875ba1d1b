package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pair is a terminal: what a person types and sees is keyboard, what a program
// has for its input is screen.
func pair(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keyboard, screen
}

// echoes says whether a terminal shows what is typed.
func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}

// One line, Enter, done: the password does not show, and afterwards the
// terminal is as it was.
func TestAPasswordIsTypedUnseen(t *testing.T) {
	keyboard, screen := pair(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := command(t, "user", "add", "lina", "--role", "admin", "--password-stdin", "--data", filepath.Join(t.TempDir(), "desk"))
	errs, said, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer errs.Close()
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, &out, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said.Close()
	late := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	defer late()
	prompt := make([]byte, len("Password for lina "))
	if _, err := io.ReadFull(errs, prompt); err != nil || string(prompt) != "Password for lina " {
		t.Errorf("asked %q, %v", prompt, err)
	}
	if echoes(t, screen) {
		t.Error("what is typed shows")
	}
	if _, err := keyboard.WriteString("correct horse\n"); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(errs)
	if err := cmd.Wait(); err != nil || out.String() != "" || !strings.Contains(string(rest), "(it does not show while you type): \nlina can sign in") {
		t.Errorf("%v: %q, %q", err, out.String(), rest)
	}
	if !echoes(t, screen) {
		t.Error("the terminal stays silent afterwards")
	}
}

func TestCtrlCGivesTheTerminalBack(t *testing.T) {
	_, screen := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	errs, said := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"user", "add", "lina", "--role", "admin", "--password-stdin", "--data", filepath.Join(t.TempDir(), "desk")}, screen, io.Discard, said)
		said.Close()
	}()
	if _, err := errs.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if echoes(t, screen) {
		t.Error("what is typed shows")
	}
	cancel() // as the signal does
	rest, _ := io.ReadAll(errs)
	if strings.Contains(string(rest), "context") {
		t.Errorf("it says %q", rest)
	}
	if c := <-code; c != 1 || !echoes(t, screen) {
		t.Errorf("exit code %d, echoes %v", c, echoes(t, screen))
	}
}
