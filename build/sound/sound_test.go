//go:build linux

package sound

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"math"
	"testing"
	"time"
)

// TestTheMicrophoneHearsWhatIsSpoken: silence is exact zeros, speech is not, and
// muting turns speech into zeros.
func TestTheMicrophoneHearsWhatIsSpoken(t *testing.T) {
	s := Start(t)
	ear := listen(t, s)
	ear.until(t, "silence", func(peak float64) bool { return peak == 0 })
	s.Speak("good morning, class")
	ear.until(t, "a voice", func(peak float64) bool { return peak > 0.1 })
	s.Mute(true)
	ear.until(t, "a muted microphone", func(peak float64) bool { return peak == 0 })
	s.Mute(false)
	ear.until(t, "the voice again", func(peak float64) bool { return peak > 0.1 })
}

// TestAStreamThatWasStoppedIsNotHeard: stop ends what Play began.
func TestAStreamThatWasStoppedIsNotHeard(t *testing.T) {
	s := Start(t)
	ear := listen(t, s)
	stop := s.Play(Noise(-20, 1))
	ear.until(t, "noise", func(peak float64) bool { return peak > 0.1 })
	stop()
	ear.until(t, "silence", func(peak float64) bool { return peak == 0 })
}

// TestDevicesComeAndGo: what the tests about unplugging rely on.
func TestDevicesComeAndGo(t *testing.T) {
	s := Start(t)
	if got := s.Pactl("get-default-source"); got != Mic {
		t.Errorf("the default is %q, want the microphone", got)
	}
	s.Unplug()
	if got := s.Pactl("get-default-source"); got != Speaker+".monitor" && got != Feed+".monitor" {
		t.Errorf("with the microphone unplugged the default is %q, want a monitor", got)
	}
	s.Plug()
	if got := s.Pactl("get-default-source"); got != Mic {
		t.Errorf("plugged in again, the default is %q", got)
	}
	s.ChooseMonitor()
	if got := s.Pactl("get-default-source"); got != Speaker+".monitor" {
		t.Errorf("the default is %q, want the speaker's monitor", got)
	}
	s.RemoveAll()
	if got := s.Pactl("list", "short", "sources"); got != "" {
		t.Errorf("still there: %s", got)
	}
}

// TestAFrozenServerAnswersOnceThawed, and nobody before that.
func TestAFrozenServerAnswersOnceThawed(t *testing.T) {
	s := Start(t)
	s.Freeze()
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	if err := s.command(ctx, "pactl", "info").Run(); err == nil {
		t.Error("a frozen server answered")
	}
	s.Thaw()
	s.Pactl("info")
}

// ear records from the microphone.
type ear struct{ r io.Reader }

func listen(t *testing.T, s *Server) ear {
	ctx, stop := context.WithCancel(context.Background())
	cmd := s.command(ctx, "parec", "--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=10", "-d", Mic)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = start(cmd)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); cmd.Wait() })
	s.AwaitRecorder()
	return ear{bufio.NewReader(out)}
}

// until listens in tenths of a second, twenty seconds at most.
func (e ear) until(t *testing.T, what string, heard func(peak float64) bool) {
	t.Helper()
	block := make([]int16, Rate/10)
	for range 200 {
		if err := binary.Read(e.r, binary.LittleEndian, block); err != nil {
			t.Fatalf("listen for %s: %v", what, err)
		}
		peak := 0.0
		for _, x := range block {
			peak = max(peak, math.Abs(float64(x))/32768)
		}
		if heard(peak) {
			return
		}
	}
	t.Fatalf("did not hear %s", what)
}

// TestARecorderIsAwaited: the wait begins before anyone records.
func TestARecorderIsAwaited(t *testing.T) {
	s := Start(t)
	came := make(chan error)
	go func() { came <- s.awaitRecorder() }()
	listen(t, s)
	if err := <-came; err != nil {
		t.Error(err)
	}
}
