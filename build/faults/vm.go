//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"raisehand/build/lab"
	"raisehand/capture/report"
)

//go:embed vm.sh
var helpersInside string

// guestSays is a line of the machine's: what became of one fault, or of one
// healthy run.
type guestSays struct {
	ID      string        `json:"id"`
	Report  report.Report `json:"report"`
	TookMS  int64         `json:"took_ms"`
	Trouble string        `json:"trouble,omitempty"`
}

// guestMark begins such a line, so that the kernel's words are not taken for
// one.
const guestMark = "@said "

const healthyID = "healthy " // and a number

// cameras tries all camera faults in one boot of the machine.
func (c *campaign) cameras(ctx context.Context, faults []fault) (all []outcome) {
	jobs := []string{}
	for _, f := range faults {
		jobs = append(jobs, f.id())
	}
	said, err := boot(ctx, jobs, faults)
	for _, f := range faults {
		o := outcome{fault: f, trouble: err}
		if s, ok := said[f.id()]; ok {
			o.report, o.took, o.trouble = s.Report, time.Duration(s.TookMS)*time.Millisecond, nil
			if s.Trouble != "" {
				o.trouble = errors.New(s.Trouble)
			}
		} else if err == nil {
			o.trouble = errors.New("the machine did not come to it")
		}
		all = append(all, o)
	}
	return all
}

// healthyCameras are runs with a camera that works.
func (c *campaign) healthyCameras(ctx context.Context, n int) (all []healthyOutcome, err error) {
	jobs := []string{}
	for i := range n {
		jobs = append(jobs, fmt.Sprint(healthyID, i))
	}
	said, err := boot(ctx, jobs, nil)
	if err != nil {
		return nil, err
	}
	for i, job := range jobs {
		o := healthyOutcome{n: i, load: "camera"}
		if s, ok := said[job]; !ok {
			o.err = errors.New("the machine did not come to it")
		} else {
			o.report, o.took, o.wrong = s.Report, time.Duration(s.TookMS)*time.Millisecond, complaints(s.Report)
			if s.Trouble != "" {
				o.err = errors.New(s.Trouble)
			}
			if r, _ := s.Report.Find("camera"); r.Verdict != report.OK {
				o.wrong = append(o.wrong, "the camera is not OK")
			}
		}
		all = append(all, o)
		c.noteHealthy(o)
	}
	return all, nil
}

// boot starts the machine, lets it do the jobs, and returns what it said.
func boot(ctx context.Context, jobs []string, faults []fault) (map[string]guestSays, error) {
	corpus, err := corpus()
	if err != nil {
		return nil, err
	}
	vm := filepath.Join(corpus, "..", "vm")
	if out, err := exec.CommandContext(ctx, filepath.Join(vm, "build.sh")).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the machine: %w: %s", err, out)
	}
	dir, err := os.MkdirTemp("", "vm")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := pack(dir, jobs, faults); err != nil {
		return nil, err
	}
	defer turn(ctx)()
	cmd := exec.CommandContext(ctx, filepath.Join(vm, "run.sh"), filepath.Join(dir, "t"), filepath.Join(dir, "root"))
	cmd.Env = append(os.Environ(), "VM_TIMEOUT=1800", "VM_CPUS=2")
	out, err := cmd.CombinedOutput()
	said := map[string]guestSays{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		line, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), guestMark)
		var s guestSays
		if ok && json.Unmarshal([]byte(line), &s) == nil {
			said[s.ID] = s
		}
	}
	if err != nil {
		return said, fmt.Errorf("the machine ended with %w: %s", err, tail(out))
	}
	return said, nil
}

func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }

// pack lays out what the machine finds in /t, and the libraries of its
// programs.
func pack(dir string, jobs []string, faults []fault) error {
	product, err := lab.Program("raisehand")
	if err != nil {
		return err
	}
	desk, err := lab.Program("raisehand-desk")
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	files := map[string]string{product: "t/raisehand", desk: "t/raisehand-desk", self: "t/run"}
	for _, f := range faults {
		files[f.path] = "t/faults/" + f.id() + ".sh"
	}
	for _, program := range []string{product, self} {
		out, err := exec.Command("ldd", program).Output()
		if err != nil {
			continue // it needs none
		}
		for _, word := range strings.Fields(string(out)) {
			if filepath.IsAbs(word) {
				files[word] = "root" + word
			}
		}
	}
	for from, to := range files {
		to = filepath.Join(dir, to)
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, data, 0o755)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "t/helpers.sh"), []byte(helpersInside), 0o644),
		os.WriteFile(filepath.Join(dir, "t/jobs"), []byte(strings.Join(jobs, "\n")+"\n"), 0o644))
}
