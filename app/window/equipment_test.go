package window

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// equipped is an equipment test that has just been opened.
func equipped(lang string) snapshot.Snapshot {
	s := base(lang)
	s.State = snapshot.Idle
	s.Equipment = &snapshot.Equipment{Tools: []snapshot.Tool{
		{Check: "mic", Doing: snapshot.Looking, Setting: true}, {Check: "speaker", Doing: snapshot.Looking, Setting: true}, {Check: "camera", Doing: snapshot.Looking}}}
	return s
}

func devices(names ...string) (all []snapshot.Device) {
	for i, n := range names {
		all = append(all, snapshot.Device{ID: n, Name: n, Default: i == 0})
	}
	return all
}

// tested is one in which everything has its verdict.
func tested(lang string) snapshot.Snapshot {
	s := equipped(lang)
	mic, speaker, camera := &s.Equipment.Tools[0], &s.Equipment.Tools[1], &s.Equipment.Tools[2]
	mic.Devices = devices("Built-in Audio Analog Stereo", "Logitech USB Headset H340 Mono")
	mic.Doing, mic.Result = snapshot.Live, result("mic", report.OK, "mic.ok", map[string]any{"device": "Built-in Audio Analog Stereo"})
	speaker.Devices = devices("HDA Intel PCH: ALC295 Analog Stereo Headphones", "HDMI")
	speaker.Doing, speaker.Result = snapshot.Resting, result("speaker", report.OK, "speaker.ok", map[string]any{"device": "HDMI"})
	camera.Devices = devices("Integrated Camera: Integrated C", "HD Pro Webcam C920")
	camera.Doing, camera.Result = snapshot.Live, result("camera", report.OK, "camera.ok", map[string]any{"device": "Integrated Camera", "width": 1280, "height": 720, "ms": 43})
	return s
}

func jpegOf(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 240, 180))
	for y := range 180 {
		for x := range 240 {
			m.Set(x, y, color.RGBA{uint8(x), 120, uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEquipmentPictures(t *testing.T) {
	for _, lang := range words.Langs {
		for name, make := range map[string]func() snapshot.Snapshot{
			"opening": func() snapshot.Snapshot { return equipped(lang) },
			"live":    func() snapshot.Snapshot { return tested(lang) },
			"fine": func() snapshot.Snapshot {
				s := tested(lang)
				s.Equipment.Tools[0].Result = result("voice", report.OK, "voice.played", nil)
				s.Equipment.Tools[1].Result = result("speaker", report.OK, "speaker.heard", map[string]any{"device": "HDMI"})
				return s
			},
			"recording": func() snapshot.Snapshot {
				s := tested(lang)
				s.Equipment.Tools[0].Doing, s.Equipment.Tools[0].Result = snapshot.Recording, nil
				return s
			},
			"playing": func() snapshot.Snapshot {
				s := tested(lang)
				s.Equipment.Tools[0].Doing, s.Equipment.Tools[1].Doing = snapshot.Playing, snapshot.Playing
				return s
			},
			"asking": func() snapshot.Snapshot {
				s := tested(lang)
				s.Equipment.Tools[1].Doing, s.Equipment.Tools[1].Result = snapshot.Asking, result("speaker", report.OK, "speaker.played", map[string]any{"device": "HDMI"})
				return s
			},
			"faults": func() snapshot.Snapshot {
				s := tested(lang)
				for i, code := range []string{"mic.muted", "speaker.not_heard", "camera.black"} {
					x := &s.Equipment.Tools[i]
					x.Setting, x.Result = true, result(x.Check, report.Fail, code, map[string]any{"device": "Logitech USB Headset H340 Mono"})
				}
				return s
			},
			"class": func() snapshot.Snapshot {
				s := tested(lang)
				s.Equipment.Class = []string{"@app.tencent_meeting", "@app.zoom"}
				x := &s.Equipment.Tools[2]
				x.Doing, x.Result = snapshot.Resting, result("camera", report.Skipped, "camera.in_use", map[string]any{"app": "@app.tencent_meeting", "device": "Integrated Camera"})
				return s
			},
			"assumed": func() snapshot.Snapshot {
				s := equipped(lang)
				s.Equipment.Assumed = true
				return s
			},
			"waiting": func() snapshot.Snapshot {
				s := equipped(lang)
				s.Equipment.Waiting = true
				return s
			},
			"none": func() snapshot.Snapshot {
				s := equipped(lang)
				for i, code := range []string{"mic.none", "speaker.none", "camera.none"} {
					x := &s.Equipment.Tools[i]
					x.Doing, x.Result = snapshot.Resting, result(x.Check, report.Fail, code, nil)
				}
				return s
			},
		} {
			t.Run(name+"-"+lang, func(t *testing.T) {
				s := open(t, Equipment, "")
				s.win.Set(make())
				if snap := make(); snap.Equipment.Tools[2].Doing == snapshot.Live {
					s.win.Frame(snapshot.Frame{Of: "camera", Image: jpegOf(t)})
				}
				s.win.Level(snapshot.Level{DBFS: -18})
				s.pass(600 * time.Millisecond)
				s.picture("equipment-" + name + "-" + lang)
				if m := s.win.Content().MinSize(); m.Width > 800 || m.Height > 535 {
					t.Errorf("at least %v: larger than a small screen", m)
				}
			})
		}
	}
	for name, l := range map[string]looks{"dark": {Theme{}, theme.VariantDark}, "contrast": {Theme{Contrast: true}, theme.VariantLight}, "contrast-dark": {Theme{Contrast: true}, theme.VariantDark}} {
		s := open(t, Equipment, "")
		s.theme(l)
		s.win.Set(tested("zh"))
		s.win.Frame(snapshot.Frame{Of: "camera", Image: jpegOf(t)})
		s.win.Level(snapshot.Level{DBFS: -18})
		s.picture("equipment-" + name + "-zh")
	}
}

// Whatever a check says, its sentences stand whole in its card.
func TestEveryCodeFitsItsCard(t *testing.T) {
	device := "Logitech USB Headset H340"
	params := map[string]any{"device": device, "other": device, "app": "@app.tencent_meeting", "program": "chromium", "holder": "chromium", "percent": 93, "db": 12, "hz": 50, "name": device, "width": 1280, "height": 720, "ms": 43}
	for _, lang := range words.Langs {
		s := open(t, Equipment, "")
		for code := range words.In(lang).Codes {
			check, _, _ := strings.Cut(code, ".")
			card := map[string]int{"mic": 0, "voice": 0, "speaker": 1, "camera": 2}
			at, ok := card[check]
			if !ok && check != "probe" {
				continue
			}
			snap := tested(lang)
			x := &snap.Equipment.Tools[at]
			x.Setting, x.Result = true, result(x.Check, report.Fail, code, params)
			x.Result.Params["check"] = "@check." + x.Check
			s.win.Set(snap)
			s.whole(lang + " " + code)
		}
	}
}

func TestEquipmentVerbs(t *testing.T) {
	s := open(t, Equipment, "")
	s.win.Set(equipped("en"))
	s.press("Play a sound")
	s.press("Record and listen")
	s.did() // there is nothing yet to try
	s.win.Set(tested("en"))
	s.press("Record and listen")
	s.did(verb(snapshot.RecordVoice))
	s.press("Play a sound")
	s.did(verb(snapshot.PlaySound))
	v := s.win.view.(*equipment)
	for _, c := range v.cards() {
		test.Tap(c.again)
		s.did(snapshot.Verb{Do: snapshot.TestAgain, Text: c.check})
	}
	test.Tap(v.camera.pick)
	menu := s.w.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("no list of cameras opened")
	}
	s.w.Canvas().Overlays().Remove(menu)
	v.camera.pick.picked("HD Pro Webcam C920")
	s.did(snapshot.Verb{Do: snapshot.PickDevice, Text: "camera", Device: "HD Pro Webcam C920"})

	asking := tested("en")
	asking.Equipment.Tools[1].Doing = snapshot.Asking
	s.win.Set(asking)
	s.press("Yes")
	s.press("No")
	s.did(snapshot.Verb{Do: snapshot.HeardSound, On: true}, verb(snapshot.HeardSound))
	s.press("Get help")
	s.did(verb(snapshot.GetHelp))
	s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !s.closed {
		t.Error("Esc does not close it")
	}
}

// What is wrong leads to its article, and the article back to the test.
func TestEquipmentArticle(t *testing.T) {
	snap := tested("en")
	snap.Equipment.Tools[0].Result = result("mic", report.Fail, "mic.muted", map[string]any{"device": "USB Headset"})
	s := open(t, Equipment, "")
	s.win.Set(snap)
	s.press("What to do")
	s.did(snapshot.Verb{Do: snapshot.OpenArticle, Text: "mic-muted"})

	s = open(t, Article, "mic-muted")
	s.win.Set(snap)
	s.press("Try again")
	s.did(snapshot.Verb{Do: snapshot.TestAgain, Text: "mic"})
	snap.Equipment.Tools[0].Result = result("mic", report.OK, "mic.ok", nil)
	s.win.Set(snap)
	if !s.shows("Microphone works") {
		t.Error("one does not see the fault go")
	}
}

// What the camera sees is shown while it sees, and not a moment longer; the
// bars move only while the microphone is listened to.
func TestNothingOldIsShown(t *testing.T) {
	s := open(t, Equipment, "")
	v := s.win.view.(*equipment)
	s.win.Set(tested("en"))
	s.win.Frame(snapshot.Frame{Of: "camera", Image: jpegOf(t)})
	s.win.Level(snapshot.Level{DBFS: -12})
	if v.picture.Image == nil || v.meter.lit == 0 {
		t.Fatal("nothing is shown")
	}
	s.pass(time.Second)
	if v.picture.Image == nil {
		t.Error("it does not wait for the next picture")
	}
	s.pass(time.Second)
	if v.picture.Image != nil {
		t.Error("an old picture stands")
	}
	s.win.Frame(snapshot.Frame{Of: "camera", Image: jpegOf(t)})
	over := tested("en")
	over.Equipment.Tools[0].Doing, over.Equipment.Tools[2].Doing = snapshot.Playing, snapshot.Resting
	s.win.Set(over)
	s.win.Frame(snapshot.Frame{Of: "camera", Image: jpegOf(t)}) // one that was on its way
	s.win.Level(snapshot.Level{DBFS: -12})
	if v.picture.Image != nil || v.meter.lit != 0 {
		t.Errorf("it still shows a picture %v, %d bars", v.picture.Image != nil, v.meter.lit)
	}
}

// Cards stand still whatever happens in them.
func TestEquipmentStandsStill(t *testing.T) {
	s := open(t, Equipment, "")
	v := s.win.view.(*equipment)
	places := func() (at []fyne.Position) {
		d := fyne.CurrentApp().Driver()
		for _, c := range v.cards() {
			at = append(at, d.AbsolutePositionForObject(c.box), d.AbsolutePositionForObject(c.pick), d.AbsolutePositionForObject(c.says))
		}
		return append(at, d.AbsolutePositionForObject(v.play), d.AbsolutePositionForObject(v.meter), d.AbsolutePositionForObject(v.help))
	}
	s.win.Set(equipped("en"))
	want := places()
	asking, recording := tested("en"), tested("en")
	asking.Equipment.Tools[1].Doing = snapshot.Asking
	recording.Equipment.Tools[0].Doing = snapshot.Recording
	for i, snap := range []snapshot.Snapshot{tested("en"), asking, recording, equipped("en")} {
		s.win.Set(snap)
		for k, at := range places() {
			if at != want[k] {
				t.Errorf("step %d: place %d moved from %v to %v", i, k, want[k], at)
			}
		}
	}
}
