//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/capture"
)

// TestMain lets a copy of this test binary be somebody in a lab, or what the
// virtual machine runs.
func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); {
	case name == "parts" && len(os.Args) > 1:
		part(os.Args[1], os.Args[2:])
	case name == "run":
		guest()
	default:
		os.Exit(m.Run())
	}
}

// here says why no lab can be built, and then no fault is tried; never in CI.
func here(t *testing.T) {
	t.Helper()
	why := need()
	if testing.Short() {
		why = "a lab takes its time, and -short was asked for"
	}
	switch {
	case why == "":
	case os.Getenv("CI") == "true":
		t.Fatal("no fault was tried: " + why)
	default:
		fmt.Fprintln(os.Stderr, "SKIPPED: no fault was tried: "+why)
		t.Skip("no fault was tried: " + why)
	}
}

func all(t *testing.T) []fault {
	t.Helper()
	dir, err := corpus()
	if err != nil {
		t.Fatal(err)
	}
	faults, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

// logged is what a campaign says, line by line, in a test's log.
type logged struct{ t *testing.T }

func (l logged) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

// trial is a campaign of this test's.
func trial(t *testing.T) *campaign {
	c := &campaign{out: logged{t}}
	t.Cleanup(c.tearDown)
	return c
}

// TestCorpus: it is as large as it should be, every code in it is one that a
// person can read about, and every fault has its own sentence.
func TestCorpus(t *testing.T) {
	faults, codes, per, says := all(t), map[string]bool{}, map[string]int{}, map[string]string{}
	for _, f := range faults {
		codes[f.expect] = true
		per[f.room]++
		if other, ok := says[f.says]; ok {
			t.Errorf("%s and %s say the same of what is broken", f.id(), other)
		}
		says[f.says] = f.id()
		for _, lang := range words.Langs {
			if words.In(lang).Of(f.expect, nil).Title == f.expect {
				t.Errorf("%s expects %s, which has no words in %s", f.id(), f.expect, lang)
			}
		}
		if help.Article(f.expect) == "" {
			t.Errorf("%s expects %s, which has no help article", f.id(), f.expect)
		}
	}
	if len(faults) < 60 || len(codes) < 40 {
		t.Errorf("%d faults with %d codes, want 60 and 40", len(faults), len(codes))
	}
	for _, r := range rooms {
		if per[r] < 6 {
			t.Errorf("%d faults for %s, want 6", per[r], r)
		}
	}
}

// TestSample tries some faults of every room; RAISEHAND_FAULTS=all tries all.
func TestSample(t *testing.T) {
	here(t)
	faults := sample(all(t), 12)
	if os.Getenv("RAISEHAND_FAULTS") == "all" {
		faults = all(t)
	}
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil && os.Getenv("CI") != "true" {
		fmt.Fprintln(os.Stderr, "SKIPPED: no camera was broken: qemu-system-x86_64 is missing: build/setup.sh vm")
		faults = slices.DeleteFunc(faults, func(f fault) bool { return f.lab == labCamera })
	}
	first := trial(t)
	outcomes := first.run(context.Background(), faults)
	first.tearDown() // one lab at a time
	for _, o := range outcomes {
		t.Run(o.id(), func(t *testing.T) {
			if o.trouble != nil || !o.right() { // what the fault before it has left may be to blame: once more, in a lab of its own
				alone := trial(t)
				o = alone.run(context.Background(), []fault{o.fault})[0]
				alone.tearDown()
			}
			switch {
			case o.trouble != nil:
				t.Error(o.trouble)
			case !o.right():
				t.Errorf("the first finding is %q, want %s", o.first(), o.expect)
			}
		})
	}
}

// TestHealthy: nothing is found where nothing is, though the computer is in
// use.
func TestHealthy(t *testing.T) {
	here(t)
	runs := 5
	if os.Getenv("RAISEHAND_FAULTS") == "all" {
		runs = 200
	}
	outcomes, err := trial(t).healthy(context.Background(), runs, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.err != nil || len(o.wrong) > 0 {
			t.Errorf("run %d (%s): %v %v", o.n, o.load, o.wrong, o.err)
		}
	}
}

// TestDead: a probe that hangs or dies changes no other verdict.
func TestDead(t *testing.T) {
	here(t)
	which := "mic"
	if os.Getenv("RAISEHAND_FAULTS") == "all" {
		which = "all"
	}
	outcomes, err := trial(t).dead(context.Background(), which)
	if err != nil || len(outcomes) == 0 {
		t.Fatal(len(outcomes), err)
	}
	for _, o := range outcomes {
		if o.err != nil || len(o.wrong) > 0 {
			t.Errorf("%s %s: %v %v", o.check, o.how, o.wrong, o.err)
		}
		if o.took > capture.Cap+capture.ScoutCap {
			t.Logf("%s %s took %v", o.check, o.how, o.took) // told, not judged: the machine may be slow
		}
	}
}

// TestSampleChoosesEverywhere: the same faults each time, from every room and
// lab.
func TestSampleChoosesEverywhere(t *testing.T) {
	var many []fault
	for _, r := range rooms {
		for i := range 8 {
			many = append(many, fault{room: r, name: fmt.Sprint(i), expect: fmt.Sprint(r, i/2), lab: []string{labPulse, labPipeWire}[i%2]})
		}
	}
	some := sample(many, 12)
	per, codes, labs := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, f := range some {
		per[f.room]++
		codes[f.expect] = true
		labs[f.lab] = true
	}
	if len(some) != 12 || len(per) != len(rooms) || len(codes) != 12 || len(labs) != 2 {
		t.Errorf("%d faults, rooms %v, %d codes, labs %v", len(some), per, len(codes), labs)
	}
	if !slices.Equal(some, sample(many, 12)) {
		t.Error("another sample the second time")
	}
}
