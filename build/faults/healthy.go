//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"raisehand/capture/report"
)

// healthyOutcome is one run on a computer that has nothing.
type healthyOutcome struct {
	n      int
	load   string
	report report.Report
	took   time.Duration
	wrong  []string // what should not have been said
	tries  int      // more than one: the machine was busy with something else
	err    error
}

// apart are checks that say nothing about whether a class can be held: who is
// in class, and the screenshot, for which the lab has no screen.
var apart = map[string]bool{"programs": true, "screen": true, "logs": true}

// complaints are what a healthy computer should not have been told.
func complaints(r report.Report) (all []string) {
	for _, f := range r.Findings {
		all = append(all, "found "+f.Code)
	}
	for _, x := range r.Results {
		expected := x.Verdict == report.OK || x.Verdict == report.Skipped && strings.HasSuffix(x.Code, ".not_expected")
		if !expected && !(apart[x.Check] && !x.Fault()) {
			all = append(all, fmt.Sprintf("%s %s %s %v", x.Check, x.Verdict, x.Code, x.Detail["reason"]))
		}
	}
	return all
}

// healthy examines a computer that has nothing, n times, each time in another
// use: no finding may come of it, and every check must say OK.
func (c *campaign) healthy(ctx context.Context, n int, seed uint64, only []string) (all []healthyOutcome, err error) {
	if len(only) > 0 && only[0] == labCamera {
		return c.healthyCameras(ctx, n)
	}
	r, err := c.room(ctx, len(only) > 0 && only[0] == labPipeWire)
	if err != nil {
		return nil, err
	}
	for i := range n {
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		var o healthyOutcome
		for n := 1; ; n++ {
			done := turn(ctx)
			o = r.healthyOnce(ctx, i, seed)
			done()
			o.tries = n
			if len(o.wrong) == 0 || r.busy < disturbed || n == tries {
				break
			}
			fmt.Fprintf(c.out, "      run %d: %s while others used %.0f %% of the machine; once more\n", i, strings.Join(o.wrong, "; "), 100*r.busy)
		}
		all = append(all, o)
		c.noteHealthy(o)
	}
	return all, nil
}

func (c *campaign) noteHealthy(o healthyOutcome) {
	mark := "ok   "
	if o.err != nil || len(o.wrong) > 0 {
		mark = "WRONG"
	}
	fmt.Fprintf(c.out, "%s healthy %3d  %-32s %6.2f s %s\n", mark, o.n, o.load, o.took.Seconds(), strings.Join(o.wrong, "; "))
	if o.err != nil {
		fmt.Fprintln(c.out, "     ", o.err)
	}
	if c.verbose || len(o.wrong) > 0 {
		tell(c.out, o.report)
	}
}

// healthyOnce is one run; its use of the computer depends on the seed alone.
func (r *room) healthyOnce(ctx context.Context, i int, seed uint64) healthyOutcome {
	dice := rand.New(rand.NewPCG(seed, uint64(i)))
	loudness, lang := dice.IntN(11)-6, []string{"en", "zh", "en-low", "zh-low"}[dice.IntN(4)]
	o := healthyOutcome{n: i, load: fmt.Sprintf("%s %+d dB", lang, loudness)}
	if o.err = r.bash(ctx, fmt.Sprintf("speak %d %s", loudness, lang)); o.err != nil {
		return o
	}
	use := exec.Command("nsenter", append(r.asTeacher(), r.path("parts"), "use", fmt.Sprint(seed*1000+uint64(i)), r.path("home"))...)
	use.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if o.err = launch(use); o.err != nil {
		return o
	}
	defer func() {
		syscall.Kill(-use.Process.Pid, syscall.SIGKILL) // nsenter and what it has started
		use.Wait()
		if err := r.tidy(ctx); o.err == nil {
			o.err = err
		}
	}()
	wait := time.NewTimer(time.Duration(dice.IntN(900)) * time.Millisecond) // the click may come at any moment
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	if o.report, o.took, o.err = r.check(ctx); o.err == nil {
		o.wrong = complaints(o.report)
	}
	return o
}

// inUse is a computer that is being used: bursts of work on half its
// processors, files written, pages fetched, all by a seed.
func inUse(seed, home string) {
	n, err := strconv.ParseUint(seed, 10, 64)
	must(err)
	dice := rand.New(rand.NewPCG(n, 7))
	work := make([]*rand.Rand, max(1, runtime.NumCPU()/2))
	for i := range work {
		work[i] = rand.New(rand.NewPCG(n, uint64(i)))
		go bursts(work[i])
	}
	go files(rand.New(rand.NewPCG(n, 100)), home, dice.IntN(3))
	go pages(rand.New(rand.NewPCG(n, 200)), dice.IntN(3))
	select {}
}

func bursts(dice *rand.Rand) {
	for {
		end := time.Now().Add(time.Duration(50+dice.IntN(500)) * time.Millisecond)
		for time.Now().Before(end) {
		}
		time.Sleep(time.Duration(50+dice.IntN(900)) * time.Millisecond)
	}
}

func files(dice *rand.Rand, home string, eager int) {
	name := filepath.Join(home, "lesson.tmp")
	for eager > 0 {
		f, err := os.Create(name)
		if err == nil {
			io.CopyN(f, zeros{}, int64(1+dice.IntN(4*eager))<<20)
			f.Sync()
			f.Close()
			os.Remove(name)
		}
		time.Sleep(time.Duration(100+dice.IntN(900)) * time.Millisecond)
	}
}

// pages fetches up to 3 Mbit/s, as a shared lesson would.
func pages(dice *rand.Rand, eager int) {
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 5 * time.Second}
	for eager > 0 {
		size := 10_000 + dice.IntN(70_000*eager)
		if resp, err := client.Get(fmt.Sprintf("https://class.example/bytes/%d", size)); err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		if resp, err := client.Post("https://meet.example/", "application/octet-stream", bytes.NewReader(make([]byte, size/4))); err == nil {
			resp.Body.Close()
		}
		time.Sleep(time.Duration(200+dice.IntN(400)) * time.Millisecond)
	}
}

func printHealthy(to io.Writer, all []healthyOutcome) bool {
	wrong, found, again := 0, 0, 0
	var times []time.Duration
	for _, o := range all {
		if o.err != nil || len(o.wrong) > 0 {
			wrong++
		}
		if len(o.report.Findings) > 0 {
			found++
		}
		if o.tries > 1 {
			again++
		}
		if o.took > 0 {
			times = append(times, o.took)
		}
	}
	fmt.Fprintf(to, "%d runs on a healthy computer in use: faults found in %d; not everything OK in %d%s.\n", len(all), found, wrong, repeated(again))
	if len(times) > 0 {
		fmt.Fprintf(to, "The whole diagnosis: p50 %s, p95 %s.\n", seconds(percentile(times, 50)), seconds(percentile(times, 95)))
	}
	return wrong == 0
}
