//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/app/window"
	"raisehand/assets/words"
	"raisehand/build/sound"
)

// A teacher tests microphone and loudspeaker before class, from the tray's
// menu, and everything is off again when the window closes.
func TestEquipment(t *testing.T) {
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) { equipment(t, lang) })
	}
}

func equipment(t *testing.T, lang string) {
	l, f := office(t, lang)
	l.tray.click(l.ui("menu.equipment"))
	title := l.ui("equipment.title")
	l.title(title)
	f.tool("the microphone's level", "mic", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Live || x.Result != nil })
	f.tool("the loudspeaker", "speaker", func(x *snapshot.Tool) bool { return x.Result != nil && len(x.Devices) > 0 })
	l.portrait(title, "equipment-open")

	talk := l.sound.Speak("good morning class, please open your books at page ten")
	f.hears(-35)
	s := f.tool("a voice", "mic", func(x *snapshot.Tool) bool { return x.Result != nil && x.Result.Code == "mic.ok" })
	l.portrait(title, "equipment-voice")

	if peak := l.sound.Hear(sound.Speaker+".monitor", 0.5); peak > 0.001 {
		t.Errorf("something sounds that nobody asked for: %.3f", peak)
	}
	l.press(s, window.Equipment, "", l.ui("equipment.record"))
	f.tool("the recording", "mic", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Recording })
	l.portrait(title, "equipment-recording")
	f.tool("one's own voice", "mic", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Playing })
	if peak := l.sound.Hear(sound.Speaker+".monitor", 2.5); peak < 0.02 {
		t.Errorf("the recording was not to be heard: %.4f", peak)
	}
	s = f.tool("the end of it", "mic", func(x *snapshot.Tool) bool {
		return x.Doing == snapshot.Live && x.Result != nil && x.Result.Code == "voice.played"
	})
	talk()

	for _, answer := range []struct{ press, code string }{{"equipment.no", "speaker.not_heard"}, {"equipment.yes", "speaker.heard"}} {
		l.press(s, window.Equipment, "", l.ui("equipment.play"))
		f.tool("the sound", "speaker", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Playing })
		if peak := l.sound.Hear(sound.Speaker+".monitor", 1); peak < 0.01 {
			t.Errorf("the sound was not to be heard: %.4f", peak)
		}
		s = f.tool("the question", "speaker", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Asking })
		l.portrait(title, "equipment-heard")
		l.press(s, window.Equipment, "", l.ui(answer.press))
		s = f.tool("the answer's verdict", "speaker", func(x *snapshot.Tool) bool { return x.Result != nil && x.Result.Code == answer.code })
	}
	l.portrait(title, "equipment-done")

	if l.recorders() == 0 || l.probes() == 0 {
		t.Errorf("%d record, %d probes: nobody tests", l.recorders(), l.probes())
	}
	l.press(s, window.Equipment, "", l.ui("equipment.close"))
	l.gone(title)
	f.wait("the end of the test", func(s snapshot.Snapshot) bool { return s.Equipment == nil })
	l.until("every probe to be gone", func() bool { return l.probes() == 0 })
	l.until("the microphone to be free", func() bool { return l.recorders() == 0 })
	if s := f.now(); s.Help != nil || len(s.Tickets) != 0 || s.State != snapshot.Idle {
		t.Errorf("a test became a request: %s", short(s))
	}
}

// During a class the test says so, plays nothing by itself, and its button
// leads on to a request, which has the devices for itself.
func TestEquipmentInClassAndOn(t *testing.T) {
	l, f := office(t, "en")
	l.class()
	l.tray.click(l.ui("menu.equipment"))
	title := l.ui("equipment.title")
	l.title(title)
	s := f.wait("the class to be seen", func(s snapshot.Snapshot) bool {
		return s.Equipment != nil && slices.Contains(s.Equipment.Class, "@app.tencent_meeting")
	})
	if peak := l.sound.Hear(sound.Speaker+".monitor", 1); peak > 0.001 {
		t.Errorf("something sounds in class: %.3f", peak)
	}
	f.tool("the camera's verdict", "camera", func(x *snapshot.Tool) bool { return x.Result != nil })
	l.portrait(title, "equipment-class")
	l.press(s, window.Equipment, "", l.ui("equipment.get_help"))
	f.wait("a request instead of the test", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Equipment == nil })
	l.gone(title)
	l.title(l.ui("help.title"))
	f.do(snapshot.Verb{Do: snapshot.DontSend})
	f.wait("its end", func(s snapshot.Snapshot) bool { return s.Help == nil })
}

// Another microphone is chosen with the mouse and listened to at once, and the
// one before is let go.
func TestEquipmentPicksAnother(t *testing.T) {
	l, f := office(t, "en")
	feed := l.sound.AddMic("headset", "Headset")
	f.do(snapshot.Verb{Do: snapshot.OpenEquipment})
	title := l.ui("equipment.title")
	l.title(title)
	s := f.tool("two microphones", "mic", func(x *snapshot.Tool) bool { return len(x.Devices) == 2 })
	before, ok := s.Equipment.Tool("mic").Chosen()
	if !ok {
		t.Fatalf("none is chosen of %+v", s.Equipment.Tool("mic").Devices)
	}
	l.sound.SpeakInto(feed, "the headset hears this sentence")
	l.press(s, window.Equipment, "", before.Name)
	l.portrait(title, "equipment-picking")
	for i, d := range s.Equipment.Tool("mic").Devices {
		if d != before {
			l.menu(i)
		}
	}
	s = f.tool("the other one's voice", "mic", func(x *snapshot.Tool) bool {
		return x.Result != nil && x.Result.Code == "mic.ok" && x.Device != "" && x.Device != before.ID
	})
	l.portrait(title, "equipment-picked")
	if n := l.recorders(); n != 0 {
		t.Errorf("%d still listen to the first microphone", n)
	}
}

// menu chooses a line of the open menu by the keyboard.
func (l *lab) menu(line int) {
	l.t.Helper()
	keys := []string{"key", "--delay", "120"}
	for range line + 1 {
		keys = append(keys, "Down")
	}
	if out, err := l.xdotool(append(keys, "Return")...); err != nil {
		l.t.Fatalf("choose from the menu: %v %s", err, out)
	}
}

// A session that is killed leaves no device open behind it.
func TestEquipmentOfADeadSession(t *testing.T) {
	l, f := office(t, "en")
	f.do(snapshot.Verb{Do: snapshot.OpenEquipment})
	f.tool("the microphone's level", "mic", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Live || x.Result != nil })
	l.until("a recorder", func() bool { return l.recorders() > 0 })
	l.app.cmd.Process.Kill()
	<-l.app.done
	l.until("the microphone to be free", func() bool { return l.recorders() == 0 })
	l.gone(l.ui("equipment.title"))
}

// tool waits until a tool of the equipment test is as wanted.
func (f *face) tool(what, check string, ok func(*snapshot.Tool) bool) snapshot.Snapshot {
	f.l.t.Helper()
	return f.wait(what, func(s snapshot.Snapshot) bool {
		x := s.Equipment.Tool(check)
		return x != nil && ok(x)
	})
}

// hears waits until the level that faces are shown is above so many dBFS.
func (f *face) hears(above float64) {
	f.l.t.Helper()
	limit, loudest := time.After(patience), -120.0
	for loudest < above {
		select {
		case m, open := <-f.in:
			switch {
			case !open:
				f.l.t.Fatal("the app has gone")
			case m.Level != nil:
				loudest = max(loudest, m.Level.DBFS)
			case m.Snapshot != nil:
				f.last = *m.Snapshot
			}
		case <-limit:
			f.l.t.Fatalf("the level stays below %.0f dBFS", loudest)
		}
	}
}

// probes counts the app's children that look at something.
func (l *lab) probes() (n int) {
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range procs {
		line, err := os.ReadFile(proc + "/cmdline")
		args := strings.Split(string(line), "\x00")
		if err == nil && len(args) > 2 && args[0] == bin(l.t, "raisehand") && args[1] == "probe" && strings.Contains(string(line), l.home()) {
			n++
		}
	}
	return n
}

// recorders counts who listens to the microphone.
func (l *lab) recorders() (n int) {
	mic := ""
	for _, line := range strings.Split(l.sound.Pactl("list", "short", "sources"), "\n") {
		if x := strings.Fields(line); len(x) > 1 && x[1] == sound.Mic {
			mic = x[0]
		}
	}
	for _, line := range strings.Split(l.sound.Pactl("list", "short", "source-outputs"), "\n") {
		if x := strings.Fields(line); len(x) > 1 && x[1] == mic {
			n++
		}
	}
	return n
}
