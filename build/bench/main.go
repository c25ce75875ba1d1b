//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// plan is what is to be measured.
type plan struct {
	runs int           // of what a person waits for
	rest time.Duration // how long the program is watched doing nothing
	only string        // names with commas between them; empty: everything
}

func (p plan) has(name string) bool {
	if p.only == "" {
		return true
	}
	for _, x := range strings.Split(p.only, ",") {
		if x == name {
			return true
		}
	}
	return false
}

func main() {
	var p plan
	flag.IntVar(&p.runs, "runs", 30, "how often each thing a person waits for is measured")
	flag.DurationVar(&p.rest, "rest", time.Minute, "how long the program is watched at rest")
	flag.StringVar(&p.only, "only", "", "window,verdicts,send,rest,screen; all when empty")
	flag.Parse()
	table, err := measure(p, func(s string) { fmt.Fprintln(os.Stderr, s) })
	if table != nil {
		fmt.Print(table)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure does it all, one thing after another.
func measure(p plan, say func(string)) (*table, error) {
	t := &table{before: load()}
	for _, step := range []struct {
		names         string
		width, height int
		do            func(*office, plan, *table) error
	}{
		{"rest", 1920, 1080, (*office).rest},
		{"window verdicts send", 1920, 1080, (*office).fullHD},
		{"window", 3840, 2160, (*office).fourK},
	} {
		wanted := false
		for _, n := range strings.Fields(step.names) {
			wanted = wanted || p.has(n)
		}
		if !wanted {
			continue
		}
		say(fmt.Sprintf("%s at %d×%d …", step.names, step.width, step.height))
		err := withOffice(step.width, step.height, func(o *office) error { return step.do(o, p, t) })
		if err != nil {
			return t, err
		}
	}
	if p.has("screen") {
		say("screenshots …")
		if err := screenshots(p, t); err != nil {
			return t, err
		}
	}
	t.after = load()
	return t, nil
}
