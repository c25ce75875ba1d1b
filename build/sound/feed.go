//go:build linux

package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"
)

// Rate is how many samples a second Say returns and Play takes.
const Rate = 48000

// Say returns a sentence as espeak-ng speaks it: mono samples, full scale ±1.
func Say(sentence string) ([]float32, error) { return SayBy("en", sentence) }

// SayBy lets one of espeak-ng's people speak: "cmn+f2" is a Chinese woman.
func SayBy(person, sentence string) ([]float32, error) {
	s := &Server{} // a client of no server
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	var wav bytes.Buffer
	cmd := s.command(ctx, "espeak-ng", "--stdout", "-v", person, "-s", "150", sentence)
	cmd.Stdout = &wav
	if err := start(cmd); err != nil {
		return nil, fmt.Errorf("start espeak-ng: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("speak: %w", err)
	}
	return ReadWAV(wav.Bytes())
}

// ReadWAV reads what espeak-ng writes: 16 bits, mono, its lengths unknown at
// the time of writing and so not to be believed.
func ReadWAV(wav []byte) ([]float32, error) {
	at := bytes.Index(wav, []byte("data"))
	if len(wav) < 44 || at < 0 {
		return nil, fmt.Errorf("read speech: %d bytes are no WAV file", len(wav))
	}
	rate := int(binary.LittleEndian.Uint32(wav[24:]))
	raw := wav[at+8:]
	in := make([]float32, len(raw)/2)
	for i := range in {
		in[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / 32768
	}
	return resample(in, rate), nil
}

// resample brings samples to Rate on straight lines, good enough for a voice.
func resample(in []float32, rate int) []float32 {
	out := make([]float32, len(in)*Rate/max(rate, 1))
	for i := range out {
		x := float64(i) * float64(rate) / Rate
		k := int(x)
		if k+1 >= len(in) {
			break
		}
		f := float32(x - float64(k))
		out[i] = in[k]*(1-f) + in[k+1]*f
	}
	return out
}

// Noise is steady noise of the given level in dBFS, the same at every call.
func Noise(dbfs float64, seconds float64) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]float32, int(seconds*Rate))
	for i := range out {
		out[i] = float32(r.NormFloat64() * math.Pow(10, dbfs/20))
	}
	return out
}

// Hum is a mains hum: a tone and two of its overtones, its level in dBFS.
func Hum(hz, dbfs, seconds float64) []float32 {
	out := make([]float32, int(seconds*Rate))
	a := math.Pow(10, dbfs/20) * math.Sqrt2
	for i := range out {
		w := 2 * math.Pi * hz * float64(i) / Rate
		out[i] = float32(a * (0.87*math.Sin(w) + 0.4*math.Sin(3*w) + 0.28*math.Sin(9*w)))
	}
	return out
}

// Speak says a sentence into the microphone again and again, with half a second
// between, until stop is called or the test ends.
func (s *Server) Speak(sentence string) (stop func()) {
	s.t.Helper()
	return s.SpeakInto(Feed, sentence)
}

// SpeakInto says a sentence into another microphone's feed, as Speak does.
func (s *Server) SpeakInto(feed, sentence string) (stop func()) {
	s.t.Helper()
	voice, err := Say(sentence)
	if err != nil {
		s.t.Fatalf("make speech: %v (install espeak-ng)", err)
	}
	return s.PlayInto(feed, append(voice, make([]float32, Rate/2)...))
}

// Play plays samples into the microphone again and again, until stop is called
// or the test ends. What several calls play is heard together.
func (s *Server) Play(samples []float32) (stop func()) {
	s.t.Helper()
	return s.PlayInto(Feed, samples)
}

// PlayInto plays samples into another microphone's feed, as Play does.
func (s *Server) PlayInto(feed string, samples []float32) (stop func()) {
	s.t.Helper()
	raw := make([]byte, 2*len(samples))
	for i, x := range samples {
		v := int16(max(-1, min(1, x)) * math.MaxInt16)
		binary.LittleEndian.PutUint16(raw[2*i:], uint16(v))
	}
	return s.stream(feed, 1, &endless{raw: raw})
}

// silence plays digital silence, which keeps a sink awake.
func (s *Server) silence(sink string, channels int) {
	s.t.Helper()
	s.stream(sink, channels, &endless{raw: make([]byte, 4096)})
}

// stream plays 16-bit samples into a sink until stop is called.
func (s *Server) stream(sink string, channels int, from io.Reader) (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := s.command(ctx, "pacat", "--playback", "--raw", "--format=s16le", fmt.Sprintf("--rate=%d", Rate),
		fmt.Sprintf("--channels=%d", channels), "--latency-msec=10", "-d", sink)
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = start(cmd)
	}
	if err != nil {
		cancel()
		s.t.Fatalf("play into %s: %v", sink, err)
	}
	go io.Copy(pipe, from) // ends when the player does
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	s.t.Cleanup(stop)
	return stop
}

// endless reads the same bytes round and round.
type endless struct {
	raw []byte
	at  int
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.raw) == 0 {
		return 0, io.EOF
	}
	n := copy(p, e.raw[e.at:])
	e.at = (e.at + n) % len(e.raw)
	return n, nil
}
