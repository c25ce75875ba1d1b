//go:build linux

package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"raisehand/build/sound"
)

// roomPA is the lab's PulseAudio: a loudspeaker, a microphone, and the feed
// that the microphone hears.
const roomPA = `load-module module-native-protocol-unix
load-module module-null-sink sink_name=vspk rate=48000 norewinds=1 channels=2 sink_properties="device.description=VirtualSpeaker device.form_factor=speaker"
load-module module-null-sink sink_name=vmic_in rate=48000 norewinds=1 channels=1 sink_properties=device.description=VirtualMicFeed
load-module module-remap-source source_name=vmic master=vmic_in.monitor source_properties=device.description=VirtualMic
set-default-sink vspk
set-default-source vmic
`

// soundScript starts the computer's sound server, as the teacher. A sink
// without a stream sleeps, and its first frames then take seconds: two streams
// of silence keep them awake.
func (r *room) soundScript() string {
	server := `pulseaudio -n -F LAB/room.pa --daemonize=yes --exit-idle-time=-1 --high-priority=no --realtime=no --disable-shm=yes --log-target=file:LAB/home/sound.log`
	if r.pipewire {
		server = `export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus
[ -S /run/user/1000/bus ] || dbus-daemon --session --address=$DBUS_SESSION_BUS_ADDRESS --fork --nopidfile
await() { for _ in $(seq 500); do "$@" >/dev/null 2>&1 && return; sleep 0.02; done; echo "in vain: $*" >&2; exit 1; }
setsid pipewire &
await test -S /run/user/1000/pipewire-0
setsid wireplumber &
setsid pipewire-pulse &
await pactl info
` + pactlModules()
	}
	return r.fill(`#!/bin/bash
set -eu
exec >>LAB/home/sound.log 2>&1 </dev/null
[ "$1" = start ]
` + server + `
for x in "1 vmic_in" "2 vspk"; do
  set -- $x
  setsid pacat --raw --format=s16le --rate=48000 --channels=$1 --latency-msec=20 --client-name=silence -d $2 /dev/zero &
done
`)
}

// pactlModules loads roomPA's devices into a server that is running.
func pactlModules() string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(roomPA), "\n")[1:] {
		b.WriteString(map[bool]string{true: "await "}[strings.HasPrefix(line, "set-")] + "pactl " + strings.ReplaceAll(line, " norewinds=1", "") + "\n")
	}
	return b.String()
}

// sentences are what is said, again and again.
var sentences = map[string][]string{
	"en": {"Good morning, class, please open your books.", "Today we read the third story together.", "Who can tell me what happened next?", "Well done."},
	"zh": {"同学们好，请打开课本。", "今天我们一起读第三课。", "谁能告诉我后来发生了什么？", "很好。"},
}

// voices are who may speak, as espeak-ng calls them.
var voices = map[string]string{"en": "en+f3", "zh": "cmn+f3", "en-low": "en", "zh-low": "cmn"}

const speechDBFS = -22 // RFC 7874: what a microphone should deliver

// record speaks the sentences into files that the voice plays, with pauses as
// a person makes them.
func record(ctx context.Context, dir string) error {
	r := rand.New(rand.NewPCG(3, 5))
	for name, espeak := range voices {
		var all []float32
		for _, s := range sentences[name[:2]] {
			said, err := say(ctx, espeak, s)
			if err != nil {
				return err
			}
			all = append(all, said...)
			all = append(all, make([]float32, int((0.3+0.5*r.Float64())*sound.Rate))...)
		}
		if err := os.WriteFile(filepath.Join(dir, "voice-"+name+".raw"), pcm(all, 1), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// say is a sentence as espeak-ng speaks it, at the level of a good microphone.
func say(ctx context.Context, voice, sentence string) ([]float32, error) {
	wav, err := exec.CommandContext(ctx, "espeak-ng", "--stdout", "-v", voice, "-s", "150", sentence).Output()
	if err != nil {
		return nil, fmt.Errorf("speak: %w", err)
	}
	samples, err := sound.ReadWAV(wav)
	if err != nil {
		return nil, err
	}
	sum, n := 0.0, 0
	for _, x := range samples {
		if math.Abs(float64(x)) > 0.01 { // what lies between words is no speech
			sum += float64(x) * float64(x)
			n++
		}
	}
	gain := math.Pow(10, speechDBFS/20.0) / math.Sqrt(sum/float64(max(n, 1)))
	for i := range samples {
		samples[i] = float32(gain) * samples[i]
	}
	return samples, nil
}

// pcm is samples as 16-bit numbers, so many times as loud.
func pcm(samples []float32, gain float64) []byte {
	raw := make([]byte, 2*len(samples))
	for i, x := range samples {
		v := int16(max(-1, min(1, gain*float64(x))) * math.MaxInt16)
		raw[2*i], raw[2*i+1] = byte(v), byte(v>>8)
	}
	return raw
}

// voice is the person who speaks: it plays a file of sentences round and round
// into the microphone, as the file LAB/voice says ("on DB LANG" or "off"), and
// writes into LAB/voice.is what it does.
func voice(dir string) {
	p := &speaker{dir: dir}
	for {
		order, err := os.ReadFile(filepath.Join(dir, "voice"))
		if err == nil && string(order) != p.order {
			p.obey(string(order))
		}
		if !p.speaking || !p.chunk() {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

type speaker struct {
	dir, order string
	speaking   bool
	raw        []byte
	at         int
	player     *exec.Cmd
	pipe       *os.File
	told       bool
}

func (p *speaker) obey(order string) {
	p.order, p.told, p.speaking = order, false, false
	words := strings.Fields(order)
	if len(words) < 3 || words[0] != "on" {
		p.quiet()
		p.tell()
		return
	}
	raw, err := os.ReadFile(filepath.Join(p.dir, "voice-"+words[2]+".raw"))
	if err != nil {
		return
	}
	db := 0.0
	fmt.Sscan(words[1], &db)
	samples := make([]float32, len(raw)/2)
	for i := range samples {
		samples[i] = float32(int16(raw[2*i])|int16(raw[2*i+1])<<8) / math.MaxInt16
	}
	p.raw, p.at, p.speaking = pcm(samples, math.Pow(10, db/20)), 0, true
}

func (p *speaker) tell() {
	os.WriteFile(filepath.Join(p.dir, "voice.is"), []byte(p.order), 0o644)
	p.told = true
}

// chunk plays 20 ms; it takes as long.
func (p *speaker) chunk() bool {
	if p.player == nil {
		if !p.begin() {
			return false
		}
	}
	end := min(p.at+2*sound.Rate/50, len(p.raw))
	if _, err := p.pipe.Write(p.raw[p.at:end]); err != nil { // the server or the feed is gone
		p.quiet()
		return false
	}
	if p.at = end; p.at == len(p.raw) {
		p.at = 0
	}
	if !p.told {
		p.tell()
	}
	return true
}

func (p *speaker) begin() bool {
	r, w, err := os.Pipe()
	if err != nil {
		return false
	}
	defer r.Close()
	const small = 4096 // so that a word to be silent is heard at once
	syscall.Syscall(syscall.SYS_FCNTL, w.Fd(), syscall.F_SETPIPE_SZ, small)
	cmd := exec.Command("pacat", "--raw", "--format=s16le", fmt.Sprint("--rate=", sound.Rate), "--channels=1", "--latency-msec=40", "--client-name=voice", "-d", "vmic_in")
	cmd.Stdin = r
	if cmd.Start() != nil {
		w.Close()
		return false
	}
	p.player, p.pipe = cmd, w
	return true
}

func (p *speaker) quiet() {
	if p.player != nil {
		p.pipe.Close()
		p.player.Process.Kill()
		p.player.Wait()
		p.player = nil
	}
}
