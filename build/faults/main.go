//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

func main() {
	if name := filepath.Base(os.Args[0]); name == "parts" && len(os.Args) > 1 {
		part(os.Args[1], os.Args[2:])
	} else if name == "run" { // in the virtual machine
		guest()
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:]))
}

func part(name string, args []string) {
	p, ok := parts[name]
	if !ok || len(args) < p.takes {
		fmt.Fprintf(os.Stderr, "there is no part %s with %d arguments\n", name, len(args))
		os.Exit(2)
	}
	p.run(args)
	os.Exit(0)
}

// command is the program as a person calls it.
func command(ctx context.Context, args []string) int {
	flags := pflag.NewFlagSet("faults", pflag.ExitOnError)
	var (
		only     = flags.StringSlice("only", nil, "faults whose name, lab or expected code is like this")
		few      = flags.Int("sample", 0, "only so many, from every room, the same ones each time")
		healthy  = flags.Int("healthy", 0, "so many runs on a healthy computer in use, instead of faults")
		seed     = flags.Uint64("seed", 1, "of the healthy runs")
		dead     = flags.String("dead", "", "a check that cannot answer, or all")
		markdown = flags.Bool("markdown", false, "the table as it stands in the README")
		keep     = flags.Bool("keep", false, "leave the lab standing and say how to enter it")
		verbose  = flags.Bool("verbose", false, "show every report")
	)
	flags.Parse(args)
	if why := need(); why != "" {
		fmt.Fprintln(os.Stderr, why)
		return 2
	}
	c := &campaign{verbose: *verbose, out: os.Stderr}
	defer c.tearDown()
	var err error
	ok := true
	switch {
	case *keep:
		err = c.keep(ctx, len(*only) > 0 && (*only)[0] == labPipeWire)
	case *dead != "":
		var all []deadOutcome
		all, err = c.dead(ctx, *dead)
		ok = printDead(os.Stdout, all)
	case *healthy > 0:
		var all []healthyOutcome
		all, err = c.healthy(ctx, *healthy, *seed, *only)
		ok = printHealthy(os.Stdout, all)
	default:
		var faults []fault
		faults, err = c.faults(*only, *few)
		if err != nil {
			break
		}
		all := c.run(ctx, faults)
		ok = table{all}.print(os.Stdout, *markdown)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if !ok {
		return 1
	}
	return 0
}

func (c *campaign) faults(only []string, few int) ([]fault, error) {
	dir, err := corpus()
	if err != nil {
		return nil, err
	}
	all, err := load(dir)
	if err != nil {
		return nil, err
	}
	all = chosen(all, only)
	if few > 0 {
		all = sample(all, few)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no fault is called %s", strings.Join(only, " or "))
	}
	return all, nil
}
