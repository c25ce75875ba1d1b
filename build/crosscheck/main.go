// Command crosscheck reads the project as another system's compiler would:
// packages → their files for that system → types. It needs neither that
// system's C compiler nor its headers: what cgo would supply is taken on trust.
//
//	crosscheck darwin/arm64 darwin/amd64 -- ./...
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	targets, patterns, err := arguments(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "crosscheck:", err)
		os.Exit(2)
	}
	if err := check(targets, patterns, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "crosscheck:", err)
		os.Exit(1)
	}
}

func arguments(args []string) (targets, patterns []string, err error) {
	targets, patterns = args, []string{"./..."}
	if i := slices.Index(args, "--"); i >= 0 {
		targets, patterns = args[:i], args[i+1:]
	}
	if len(targets) == 0 || len(patterns) == 0 {
		return nil, nil, errors.New("usage: crosscheck OS/ARCH… [-- PACKAGE…]")
	}
	for _, t := range targets {
		if os, arch, ok := strings.Cut(t, "/"); !ok || os == "" || arch == "" {
			return nil, nil, fmt.Errorf("%q is not OS/ARCH, such as darwin/arm64", t)
		}
	}
	return targets, patterns, nil
}

// check writes every mistake to out and says at the end how many there were.
func check(targets, patterns []string, out io.Writer) error {
	total := 0
	for _, t := range targets {
		goos, goarch, _ := strings.Cut(t, "/")
		l, err := read(goos, goarch, patterns)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		mistakes := l.mistakes()
		for _, m := range mistakes {
			fmt.Fprintf(out, "%s: %s\n", t, m)
		}
		fmt.Fprintf(out, "%s: %d packages read, %d of them ours, %d mistakes\n", t, len(l.packages), l.asked(), len(mistakes))
		total += len(mistakes)
	}
	if total > 0 {
		return fmt.Errorf("%d mistakes", total)
	}
	return nil
}
