package capture

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"raisehand/capture/report"
)

// Bounds on what a child may say: a probe that prints rubbish or a gigabyte
// harms nobody but itself.
const (
	maxLine    = 1 << 20
	maxPicture = 96 << 20 // a 4K screen is 5.5 MB as PNG; several of them, with room
	maxTotal   = 256 << 20
)

// Ask is what a probe reads from its standard input, one JSON value. The pipe
// then stays open: when it closes, whoever asked is gone, and the probe ends.
type Ask struct {
	Situation Situation `json:"situation"`
	Pictures  bool      `json:"pictures,omitempty"` // send what the check sees: only the screen has it
	Device    string    `json:"device,omitempty"`   // examine this device (a Device's ID) instead of the one in use
	Output    string    `json:"output,omitempty"`   // play on this loudspeaker (a Device's ID) instead of the default one
	Live      bool      `json:"live,omitempty"`     // the equipment test: go on showing level or picture until the asker goes
	Aloud     bool      `json:"aloud,omitempty"`    // the person has asked to hear something: sound is allowed
	Outside   bool      `json:"outside,omitempty"`  // the person has asked for this examination by typing it: public places may be asked
}

// LiveCap is how long a probe of the equipment test may show its device: a
// window that somebody forgot must not keep the camera's light on all day.
const LiveCap = 10 * time.Minute

// Child is a check in a process of its own, killed at its deadline. A driver
// that hangs, crashes or lies takes only this process with it.
type Child struct {
	Check   string        // its name
	Command []string      // the program and its arguments
	Cap     time.Duration // 0: Cap
	Ask     Ask
	Say     func(Line) // told each line but the result; may be nil
	Without []string   // names of environment variables not passed on: secrets
}

// Name is the check's.
func (c Child) Name() string { return c.Check }

// Run starts the process and returns its result. It returns by the deadline
// even if the process cannot be killed (a driver may hang in the kernel).
func (c Child) Run(ctx context.Context) report.Result {
	limit := c.Cap
	if limit == 0 {
		limit = Cap
	}
	if c.Ask.Live {
		limit = LiveCap
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()

	p, err := c.start()
	if err != nil {
		return c.unknown("probe.missing", start, err)
	}
	defer p.end(c.Ask.Live)

	type end struct {
		result *report.Result
		err    error
	}
	lines, done := make(chan Line), make(chan end, 1)
	quit := make(chan struct{})
	defer close(quit)
	go func() {
		r, err := readLines(p.out, func(l Line) {
			select {
			case lines <- l:
			case <-quit:
			}
		})
		done <- end{r, err}
	}()
	var interim *report.Result
	for {
		select {
		case l := <-lines:
			if l.Interim != nil {
				l.Interim.Check = c.Check
				l.Interim.TookMS = time.Since(start).Milliseconds()
				interim = l.Interim
			}
			if c.Say != nil {
				c.Say(l)
			}
		case e := <-done:
			if e.result == nil {
				return c.without(interim, e.err, p, start)
			}
			r := *e.result
			r.Check, r.TookMS = c.Check, time.Since(start).Milliseconds()
			return r
		case <-ctx.Done():
			if interim != nil {
				return *interim
			}
			return c.unknown("probe.timeout", start, ctx.Err())
		}
	}
}

// without is the verdict of a child that ended without one.
func (c Child) without(interim *report.Result, err error, p *process, start time.Time) report.Result {
	if interim != nil {
		return *interim
	}
	code := "probe.died"
	if errors.Is(err, errRubbish) {
		code = "probe.broken"
	}
	r := c.unknown(code, start, err)
	if said := p.complaint(); said != "" {
		r.Detail["stderr"] = said
	}
	return r
}

func (c Child) unknown(code string, start time.Time, err error) report.Result {
	return report.Result{
		Check: c.Check, Verdict: report.Unknown, Code: code,
		Params: map[string]any{"check": Name("check." + c.Check)},
		Detail: map[string]any{"reason": err.Error()},
		TookMS: time.Since(start).Milliseconds(),
	}
}

// process is a started child with its pipes.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	stderr *tail
}

func (c Child) start() (*process, error) {
	if len(c.Command) == 0 {
		return nil, errors.New("no command")
	}
	cmd := exec.Command(c.Command[0], c.Command[1:]...)
	cmd.Env = c.environment()
	alone(cmd)
	stderr := &tail{}
	cmd.Stderr = stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("open the probe's input: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("open the probe's output: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the probe: %w", err)
	}
	ask, err := json.Marshal(c.Ask)
	if err == nil {
		// A probe that dies before it reads is found at its output.
		go func() { in.Write(append(ask, '\n')) }()
	}
	return &process{cmd, in, out, stderr}, err
}

func (c Child) environment() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		keep := true
		for _, secret := range c.Without {
			keep = keep && name != secret
		}
		if keep {
			env = append(env, kv)
		}
	}
	return env
}

// letGo is how long the end of a child waits for the system to take its device
// back, so that the next one finds it free.
const letGo = 300 * time.Millisecond

// end kills whatever is left and collects it in the background: a process
// stuck in a driver may take its time to die, and nobody waits for it; for one
// that held a device open, a moment.
func (p *process) end(held bool) {
	p.in.Close()
	kill(p.cmd)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		io.Copy(io.Discard, p.out)
		p.cmd.Wait()
	}()
	if held {
		select {
		case <-gone:
		case <-time.After(letGo):
		}
	}
}

// complaint is the last thing the process said on its error output.
func (p *process) complaint() string {
	return strings.TrimSpace(p.stderr.String())
}

var errRubbish = errors.New("the probe said something that is not a line of ours")

// readLines hands each line to say and returns the result, which is the last.
func readLines(from io.Reader, say func(Line)) (*report.Result, error) {
	r := bufio.NewReaderSize(io.LimitReader(from, maxTotal), 64<<10)
	for {
		raw, err := readLine(r)
		if err != nil {
			return nil, err
		}
		var l Line
		if err := json.Unmarshal(raw, &l); err != nil {
			return nil, fmt.Errorf("%w: %v", errRubbish, err)
		}
		if l.Result != nil {
			return l.Result, nil
		}
		if l.Picture != nil {
			if l.Picture.Bytes < 0 || l.Picture.Bytes > maxPicture {
				return nil, fmt.Errorf("%w: a picture of %d bytes", errRubbish, l.Picture.Bytes)
			}
			l.Picture.Data = make([]byte, l.Picture.Bytes)
			if _, err := io.ReadFull(r, l.Picture.Data); err != nil {
				return nil, fmt.Errorf("read the picture: %w", err)
			}
		}
		say(l)
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("%w: a line of more than %d bytes", errRubbish, maxLine)
		}
		if err == nil {
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("the probe ended without a result: %w", err)
		}
	}
}

// WriteLine writes one line, and a picture's bytes after it.
func WriteLine(w io.Writer, l Line) error {
	if l.Picture != nil {
		l.Picture.Bytes = len(l.Picture.Data)
	}
	raw, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write the line: %w", err)
	}
	raw = append(raw, '\n')
	if l.Picture != nil {
		raw = append(raw, l.Picture.Data...)
	}
	_, err = w.Write(raw)
	return err
}

// tail keeps the last 2 kB written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - 2048; over > 0 {
		t.b = append([]byte(nil), t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
