//go:build linux

package sound

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// Hear records from a source for so many seconds and returns the loudest sample.
func (s *Server) Hear(source string, seconds float64) float64 {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	cmd := s.command(ctx, "parec", "--raw", "--format=s16le", fmt.Sprintf("--rate=%d", Rate), "--channels=1", "--latency-msec=10", "-d", source)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = start(cmd)
	}
	if err != nil {
		stop()
		s.t.Fatalf("record from %s: %v", source, err)
	}
	defer func() { stop(); cmd.Wait() }()
	block := make([]int16, int(seconds*Rate))
	if err := binary.Read(bufio.NewReader(out), binary.LittleEndian, block); err != nil {
		s.t.Fatalf("record from %s: %v", source, err)
	}
	peak := 0.0
	for _, x := range block {
		peak = max(peak, math.Abs(float64(x))/32768)
	}
	return peak
}
