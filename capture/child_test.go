package capture

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/capture/report"
)

// TestMain lets the test binary be a probe too: real processes, real pipes.
func TestMain(m *testing.M) {
	if mode := os.Getenv("RAISEHAND_TEST_PROBE"); mode != "" {
		behave(mode)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func behave(mode string) {
	ask, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	result := Line{Result: &report.Result{Verdict: report.OK, Code: "test.ok", Params: map[string]any{"ask": ask, "secret": os.Getenv("RAISEHAND_TEST_SECRET")}}}
	switch mode {
	case "ok":
		WriteLine(os.Stdout, result)
	case "ok-then-hang":
		WriteLine(os.Stdout, result)
		select {}
	case "hang":
		select {}
	case "interim-then-hang":
		WriteLine(os.Stdout, Line{Interim: &report.Result{Verdict: report.Unknown, Code: "test.so_far"}})
		select {}
	case "live":
		WriteLine(os.Stdout, Line{Facts: map[string]any{"pid": os.Getpid()}})
		level := 0.0
		for range time.Tick(20 * time.Millisecond) {
			WriteLine(os.Stdout, Line{LevelDB: &level})
		}
	case "die":
		fmt.Fprintln(os.Stderr, "the driver fell over")
		os.Exit(3)
	case "rubbish":
		fmt.Println("ALSA lib pcm.c:2721 something")
	case "gigabyte":
		block := bytes.Repeat([]byte("x"), 1<<20)
		for range 1024 {
			if _, err := os.Stdout.Write(block); err != nil {
				return
			}
		}
	case "huge-picture":
		fmt.Println(`{"picture":{"name":"screen-1.png","bytes":99999999999}}`)
	case "picture":
		WriteLine(os.Stdout, Line{Picture: &Picture{Name: "screen-1.png", Data: []byte("{\"result\":{}}\nnot a line")}})
		WriteLine(os.Stdout, result)
	}
}

func child(t *testing.T, mode string) Child {
	t.Setenv("RAISEHAND_TEST_PROBE", mode)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Child{Check: "mic", Command: []string{exe}, Cap: 5 * time.Second}
}

// A live probe goes on beyond its check's deadline until the asker goes; then
// its process is gone too, and the device free.
func TestALiveChildEndsWithItsAsker(t *testing.T) {
	c := child(t, "live")
	c.Cap, c.Ask.Live = 50*time.Millisecond, true
	ctx, leave := context.WithCancel(t.Context())
	pid, levels := 0, 0
	c.Say = func(l Line) {
		if l.Facts != nil {
			n, _ := l.Facts["pid"].(float64)
			pid = int(n)
		}
		if levels++; levels == 20 { // eight deadlines later
			leave()
		}
	}
	if r := c.Run(ctx); r.Code != "probe.timeout" || levels < 20 {
		t.Errorf("%s after %d lines", r.Code, levels)
	}
	if runtime.GOOS == "windows" {
		return // where a process cannot be asked whether it is there
	}
	if p, err := os.FindProcess(pid); pid == 0 || err == nil && p.Signal(syscall.Signal(0)) == nil {
		t.Errorf("process %d is still there", pid)
	}
}

func TestAChildThatMisbehavesBecomesUnknown(t *testing.T) {
	for mode, code := range map[string]string{
		"ok": "test.ok", "ok-then-hang": "test.ok", "interim-then-hang": "test.so_far", "hang": "probe.timeout",
		"die": "probe.died", "rubbish": "probe.broken", "gigabyte": "probe.broken", "huge-picture": "probe.broken",
	} {
		t.Run(mode, func(t *testing.T) {
			c := child(t, mode)
			if strings.HasSuffix(mode, "hang") {
				c.Cap = time.Second
			}
			r := c.Run(context.Background())
			if r.Code != code || r.Check != "mic" {
				t.Fatalf("got %q (%q, %v), want %q", r.Code, r.Check, r.Detail, code)
			}
			if code != "test.ok" && r.Verdict != report.Unknown {
				t.Errorf("verdict %q: what could not be measured is unknown", r.Verdict)
			}
			if mode == "die" && r.Detail["stderr"] != "the driver fell over" {
				t.Errorf("its last words are lost: %v", r.Detail)
			}
		})
	}
}

func TestAMissingProgramIsUnknown(t *testing.T) {
	c := Child{Check: "mic", Command: []string{"/nonexistent/raisehand"}}
	if r := c.Run(context.Background()); r.Code != "probe.missing" || r.Verdict != report.Unknown {
		t.Fatalf("got %+v", r)
	}
}

func TestAPictureTravelsThroughThePipe(t *testing.T) {
	c := child(t, "picture")
	var got []Picture
	c.Say = func(l Line) {
		if l.Picture != nil {
			got = append(got, *l.Picture)
		}
	}
	if r := c.Run(context.Background()); r.Code != "test.ok" {
		t.Fatalf("got %+v", r)
	}
	if len(got) != 1 || string(got[0].Data) != "{\"result\":{}}\nnot a line" {
		t.Fatalf("got %v", got)
	}
}

func TestAProbeHearsTheSituationAndNoSecret(t *testing.T) {
	c := child(t, "ok")
	t.Setenv("RAISEHAND_TEST_SECRET", "xyzzy")
	c.Without = []string{"RAISEHAND_TEST_SECRET"}
	c.Ask = Ask{Situation: Situation{Class: []App{{Key: "zoom"}}}}
	r := c.Run(context.Background())
	if !strings.Contains(fmt.Sprint(r.Params["ask"]), `"zoom"`) {
		t.Errorf("it was not told: %v", r.Params["ask"])
	}
	if r.Params["secret"] != "" {
		t.Errorf("it was told a secret: %v", r.Params["secret"])
	}
}

// said is a check that says its piece at once.
type said struct {
	name   string
	before []Line
	say    func(Line)
	hang   bool
}

func (s said) Name() string { return s.name }
func (s said) Run(ctx context.Context) report.Result {
	for _, l := range s.before {
		s.say(l)
	}
	if s.hang {
		<-ctx.Done()
		return report.Result{Verdict: report.Unknown, Code: "probe.timeout"}
	}
	return report.Result{Verdict: report.OK, Code: s.name + ".ok"}
}

func TestTheScoutSpeaksFirst(t *testing.T) {
	var told Situation
	p := Plan{Scout: "programs", Rest: []string{"mic"}, Early: []string{"screen"}, Desk: "http://desk", Start: func(name string, s Situation, say func(Line)) Check {
		switch name {
		case "programs":
			return said{name: name, say: say, before: []Line{{Situation: &Situation{Class: []App{{Key: "zoom"}}}}}}
		case "mic":
			told = s
		}
		return said{name: name, say: say}
	}}
	r, s := p.Run(context.Background(), nil)
	if len(told.Class) != 1 || told.ClassAssumed || told.Desk != "http://desk" || !s.InClass() {
		t.Errorf("the microphone was told %+v", told)
	}
	var order []string
	for _, x := range r.Results {
		order = append(order, x.Check)
	}
	if !slices.Equal(order, []string{"mic", "screen", "programs"}) {
		t.Errorf("results in order %v", order)
	}
}

func TestASilentScoutMeansAClass(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var told *Situation
	p := Plan{Scout: "programs", Rest: []string{"mic"}, Start: func(name string, s Situation, say func(Line)) Check {
		if name == "mic" {
			told = &s
			cancel() // the scout may give up now: it was not waited for
		}
		return said{name: name, say: say, hang: name == "programs"}
	}}
	r, _ := p.Run(ctx, nil)
	if told == nil || !told.ClassAssumed {
		t.Errorf("the microphone was told %+v", told)
	}
	if x, _ := r.Find("mic"); x.Code != "mic.ok" {
		t.Errorf("one silent check changed another: %+v", r.Results)
	}
}

func TestAFindingKnowsItsArticle(t *testing.T) {
	p := Plan{Rest: []string{"mic"}, Article: func(code string) string { return "about-" + code },
		Start: func(name string, s Situation, say func(Line)) Check { return broken{} }}
	r, _ := p.Run(context.Background(), nil)
	if len(r.Findings) != 1 || r.Findings[0].Article != "about-mic.muted" {
		t.Errorf("%+v", r.Findings)
	}
}

// broken is a microphone that is muted.
type broken struct{}

func (broken) Name() string { return "mic" }
func (broken) Run(context.Context) report.Result {
	return report.Result{Verdict: report.Fail, Code: "mic.muted"}
}
