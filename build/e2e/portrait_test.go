//go:build linux

package e2e

import (
	"math"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"raisehand/app/snapshot"
	"raisehand/app/window"
	"raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// TestThePicturesOfTheReadme goes through a day as the README shows it: before
// class a teacher tests the equipment and unmutes the microphone by an article;
// then a class runs, the microphone is muted, somebody takes it and answers.
func TestThePicturesOfTheReadme(t *testing.T) {
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) {
			l, f := office(t, lang)
			l.beforeClass(f)
			l.class()
			l.lesson()
			l.sound.Mute(true)
			s := l.verdictsWhileItCounts(f)
			if s.Help.Proposed != report.P0 || s.Help.Findings[0].Code != "mic.muted" {
				t.Errorf("muted in class: %s because of %+v", s.Help.Proposed, s.Help.Findings)
			}
			l.portrait(l.ui("help.title"), "help")
			s = f.wait("the ticket", func(s snapshot.Snapshot) bool {
				return len(s.Tickets) > 0 && s.Help == nil && s.Tickets[0].Status.State == deskapi.Received
			})
			ticket := s.Tickets[0]
			c := l.signIn()
			c.open(ticket.Status.Number)
			c.click("#take")
			reply := map[string]string{"zh": "老师您好，麦克风被静音了，我现在远程看一下。", "en": "Hello! Your microphone is muted. I am looking at it now."}[lang]
			c.write("#reply", reply)
			c.click("#send")
			f.wait("the reply", func(s snapshot.Snapshot) bool { return len(s.Tickets[0].Status.Messages) == 1 })
			l.portrait(l.ui("ticket.title", "number", ticket.Status.Number), "ticket")
			c.picture("console")
		})
	}
}

// beforeClass goes from a fault in the equipment test to its article, tries
// again there, and ends with a microphone that hears and a loudspeaker that was
// heard.
func (l *lab) beforeClass(f *face) {
	l.t.Helper()
	l.sound.Mute(true)
	l.tray.click(l.ui("menu.equipment"))
	title := l.ui("equipment.title")
	l.title(title)
	s := f.tool("the muted microphone", "mic", func(x *snapshot.Tool) bool { return x.Result != nil && x.Result.Code == "mic.muted" })
	f.do(snapshot.Verb{Do: snapshot.OpenArticle, Text: "mic-muted"})
	head, _, _ := help.Text(l.lang, "mic-muted")
	page := l.ui("article.title", "title", head)
	l.title(page)
	l.portrait(page, "article")

	l.sound.Mute(false)
	talk := l.sound.Speak("good morning class, please open your books at page ten")
	l.press(s, "article", "mic-muted", l.ui("help.retry"))
	f.tool("a voice", "mic", func(x *snapshot.Tool) bool { return x.Result != nil && x.Result.Code == "mic.ok" })
	l.xdotool("windowclose", l.title(page))
	l.gone(page)
	s = f.tool("the loudspeaker", "speaker", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Resting && x.Result != nil })
	l.press(s, window.Equipment, "", l.ui("equipment.play"))
	s = f.tool("the question", "speaker", func(x *snapshot.Tool) bool { return x.Doing == snapshot.Asking })
	f.hears(-35)
	l.portrait(title, "equipment")
	talk()
	l.press(s, window.Equipment, "", l.ui("equipment.yes"))
	s = f.tool("that it was heard", "speaker", func(x *snapshot.Tool) bool { return x.Result != nil && x.Result.Code == "speaker.heard" })
	l.press(s, window.Equipment, "", l.ui("equipment.close"))
	l.gone(title)
	f.wait("the end of the test", func(s snapshot.Snapshot) bool { return s.Equipment == nil })
}

// verdictsWhileItCounts asks for help until every verdict is there before the
// hold is over: on a busy computer that may take more than one go.
func (l *lab) verdictsWhileItCounts(f *face) snapshot.Snapshot {
	l.t.Helper()
	for range 4 {
		l.tray.click(l.ui("menu.get_help"))
		l.title(l.ui("help.title"))
		known := len(f.now().Tickets)
		s := f.wait("the verdicts", func(s snapshot.Snapshot) bool {
			return s.Help != nil && s.Help.Done && s.Help.Hold != nil || len(s.Tickets) > known
		})
		if s.Help != nil {
			return s
		}
		f.do(snapshot.Verb{Do: snapshot.Withdraw, Ticket: s.Tickets[0].Status.ID})
		l.gone(l.ui("help.title"))
	}
	l.t.Fatal("this computer is too busy for a picture")
	return snapshot.Snapshot{}
}

// lesson paints something to teach on the screen: a circle and its radius.
func (l *lab) lesson() {
	l.t.Helper()
	x, err := xgb.NewConnDisplay(l.display)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(x.Close) // the picture goes with its owner
	root := xproto.Setup(x).DefaultScreen(x)
	width, height := int(root.WidthInPixels), int(root.HeightInPixels)
	slide, err := xproto.NewPixmapId(x)
	if err == nil {
		err = xproto.CreatePixmapChecked(x, root.RootDepth, slide, xproto.Drawable(root.Root), root.WidthInPixels, root.HeightInPixels).Check()
	}
	pen, penErr := xproto.NewGcontextId(x)
	if err == nil && penErr == nil {
		err = xproto.CreateGCChecked(x, pen, xproto.Drawable(slide), 0, nil).Check()
	}
	for y := 0; y < height && err == nil; y++ {
		row := make([]byte, 0, 4*width)
		for col := range width {
			r := math.Hypot(float64(col-width/2), float64(y-height/2))
			if math.Abs(r-300) < 5 || r < 9 || math.Abs(float64(y-height/2)) < 3 && col > width/2 && r < 300 {
				row = append(row, 0x69, 0x6e, 0x0b, 0)
			} else {
				row = append(row, byte(243-y/20), byte(244-y/20), byte(234-y/16), 0)
			}
		}
		err = xproto.PutImageChecked(x, xproto.ImageFormatZPixmap, xproto.Drawable(slide), pen, uint16(width), 1, 0, int16(y), 0, root.RootDepth, row).Check()
	}
	if err == nil {
		err = xproto.ChangeWindowAttributesChecked(x, root.Root, xproto.CwBackPixmap, []uint32{uint32(slide)}).Check()
	}
	if err == nil {
		err = xproto.ClearAreaChecked(x, false, root.Root, 0, 0, 0, 0).Check()
	}
	if err != nil {
		l.t.Fatalf("paint a lesson: %v", err)
	}
}
