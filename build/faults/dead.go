//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"raisehand/capture/report"
)

// deadOutcome is an examination in which one probe was stopped or killed.
type deadOutcome struct {
	check, how string
	report     report.Report
	took       time.Duration
	wrong      []string
	err        error
}

// mortal are the checks that can die; the scout is one of them.
var mortal = []string{"programs", "mic", "speaker", "camera", "network", "system", "apps", "screen"}

// dead stops or kills one probe of a healthy computer's: its own verdict is
// Unknown, and no other changes.
func (c *campaign) dead(ctx context.Context, which string) (all []deadOutcome, err error) {
	r, err := c.room(ctx, false)
	if err != nil {
		return nil, err
	}
	before, _, err := r.check(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range before.Results {
		if which != "all" && which != x.Check || !slices.Contains(mortal, x.Check) {
			continue
		}
		for how, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGSTOP} {
			var o deadOutcome
			for range tries {
				done := turn(ctx)
				o = r.deadOnce(ctx, x.Check, sig)
				done()
				o.how = how
				o.judge(before)
				if len(o.wrong) == 0 || r.busy < disturbed {
					break
				}
			}
			fmt.Fprintf(c.out, "%s %s: %v %v\n", o.check, o.how, o.wrong, o.err)
			all = append(all, o)
		}
	}
	return all, nil
}

func (r *room) deadOnce(ctx context.Context, check string, sig syscall.Signal) deadOutcome {
	o := deadOutcome{check: check}
	lurking := exec.Command("nsenter", "-t", fmt.Sprint(r.first), "-m", "-p", "--", r.path("parts"), "strike", check, strconv.Itoa(int(sig)))
	out, err := lurking.StdoutPipe()
	if err == nil {
		err = launch(lurking)
	}
	if err != nil {
		o.err = err
		return o
	}
	said := bufio.NewScanner(out)
	said.Scan() // it is ready
	o.report, o.took, o.err = r.check(ctx)
	struck := make(chan bool, 1)
	go func() { struck <- said.Scan() }()
	select {
	case <-struck:
	case <-time.After(2 * time.Second):
		if o.err == nil {
			o.err = fmt.Errorf("the probe of %s was not seen", check)
		}
	}
	lurking.Process.Kill()
	lurking.Wait()
	if err := r.tidy(ctx); o.err == nil {
		o.err = err
	}
	return o
}

// strike waits on the computer for a check's probe and sends it a signal: CHECK
// SIGNAL.
func strike(a []string) {
	sig, err := strconv.Atoi(a[1])
	must(err)
	fmt.Println("ready")
	for {
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range all {
			raw, _ := os.ReadFile(file)
			if strings.Contains(string(raw), "raisehand\x00probe\x00"+a[0]+"\x00") {
				pid, err := strconv.Atoi(strings.Split(file, "/")[2])
				must(err)
				must(syscall.Kill(pid, syscall.Signal(sig)))
				fmt.Println("struck")
				return
			}
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// judge compares with the examination of the same computer in which all lived.
// Where the scout died, a class is assumed, and the devices are left alone: that
// is as it should be, and only faults are wrong.
func (o *deadOutcome) judge(before report.Report) {
	if o.err != nil {
		return
	}
	if len(o.report.Findings) > 0 {
		o.wrong = append(o.wrong, "found "+o.report.Findings[0].Code)
	}
	for _, was := range before.Results {
		is, ok := o.report.Find(was.Check)
		switch {
		case !ok:
			o.wrong = append(o.wrong, was.Check+" is missing")
		case was.Check == o.check:
			if is.Verdict != report.Unknown && !(is.Verdict == was.Verdict && is.Code == was.Code) { // it may have been done already
				o.wrong = append(o.wrong, fmt.Sprintf("%s says %s %s", is.Check, is.Verdict, is.Code))
			}
		case o.check == "programs":
		case is.Verdict != was.Verdict || is.Code != was.Code:
			o.wrong = append(o.wrong, fmt.Sprintf("%s says %s %s, not %s", is.Check, is.Verdict, is.Code, was.Code))
		}
	}
}

func printDead(to io.Writer, all []deadOutcome) bool {
	ok := true
	for _, o := range all {
		says := "no other verdict changed"
		if o.err != nil || len(o.wrong) > 0 {
			ok = false
			says = strings.Join(o.wrong, "; ")
			if o.err != nil {
				says += " " + o.err.Error()
			}
		}
		fmt.Fprintf(to, "%-9s %-8s %s  %s\n", o.check, o.how, seconds(o.took), says)
	}
	return ok && len(all) > 0
}
