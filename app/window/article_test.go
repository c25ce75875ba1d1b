package window

import (
	"strings"
	"testing"

	"raisehand/app/snapshot"
	articles "raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/capture/report"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// Every article in both languages: no glyph is missing, no word outside, and
// its pictures are drawn.
func TestEveryArticleCanBeRead(t *testing.T) {
	for _, lang := range words.Langs {
		s := open(t, Article, "")
		s.win.Set(base(lang))
		s.picture("article-list-" + lang)
		v := s.win.view.(*article)
		for _, e := range articles.List(lang) {
			v.open(e.Name)
			s.win.Set(base(lang))
			_, markdown, _ := articles.Text(lang, e.Name)
			pictures := 0
			walk(s.w.Content(), fyne.NewPos(0, 0), fyne.NewSize(1e6, 1e6), func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
				if i, ok := o.(*canvas.Image); ok && i.Resource != nil {
					pictures++
				}
			})
			if want := strings.Count(string(markdown), ".svg)"); pictures != want {
				t.Errorf("%s %s: %d pictures are drawn of %d", lang, e.Name, pictures, want)
			}
			if e.Kind != articles.IT {
				s.picture("article-" + e.Name + "-" + lang)
			} else {
				s.whole(e.Name)
			}
		}
	}
}

// The article stands beside its check: try again, and see the fault go.
func TestAnArticleTriesItsCheckAgain(t *testing.T) {
	s := open(t, Article, "mic-muted")
	snap := fault("en")
	s.win.Set(snap)
	b := s.win.book()
	if !s.shows(b.Of("mic.muted", nil).Title) {
		t.Error("it does not say what its check found")
	}
	s.press(b.T("help.retry"))
	s.did(snapshot.Verb{Do: snapshot.Retry, Text: "mic"})

	mic := &snap.Help.Rows[0]
	mic.Running, mic.Result = true, nil
	s.win.Set(snap)
	if v := s.win.view.(*article); !v.retry.off || v.row.text != b.T("help.row.running.mic") {
		t.Errorf("while it runs it says %q", v.row.text)
	}
	mic.Running, mic.Result = false, result("mic", report.OK, "mic.ok", nil)
	s.win.Set(snap)
	if !s.shows(b.Of("mic.ok", nil).Title) {
		t.Error("the fault is gone and it does not say so")
	}
	s.picture("article-fine-en")
	s.theme(looks{Theme{}, theme.VariantDark})
	s.picture("article-dark-en")
}

func TestArticlesLeadToEachOtherAndBack(t *testing.T) {
	s := open(t, Article, "mic-muted")
	s.win.Set(base("en"))
	title := s.win.Title()
	v := s.win.view.(*article)
	var keep *link
	walk(s.w.Content(), fyne.NewPos(0, 0), fyne.NewSize(1e6, 1e6), func(o fyne.CanvasObject, _ fyne.Position, _ fyne.Size) {
		if l, ok := o.(*link); ok && l.text == "Keep teaching" {
			keep = l
		}
	})
	if keep == nil {
		t.Fatal("the article does not lead to Keep teaching")
	}
	test.Tap(keep)
	if v.name != "keep-teaching" || s.win.Title() == title {
		t.Errorf("it shows %s with the title %s", v.name, s.win.Title())
	}
	s.press(s.win.book().T("article.list"))
	s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if v.name != "keep-teaching" {
		t.Errorf("back from the list it shows %q", v.name)
	}
	s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if v.name != "mic-muted" || s.win.Title() != title || s.closed {
		t.Errorf("back it shows %s, closed %v", v.name, s.closed)
	}
	s.win.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !s.closed {
		t.Error("Esc on the first article does not close the window")
	}
	snap := base("zh")
	s.win.Set(snap)
	if !strings.HasPrefix(s.win.Title(), "您的麦克风被静音了") {
		t.Errorf("in Chinese it is called %s", s.win.Title())
	}
	s.press(s.win.book().T("menu.get_help"))
	s.did(snapshot.Verb{Do: snapshot.GetHelp})
}

// What is wrong leads to its article; what is fine leads nowhere.
func TestAFaultLeadsToItsArticle(t *testing.T) {
	s := open(t, Help, "")
	snap := fault("en")
	snap.Help.Rows[1].Running, snap.Help.Rows[1].Result = false, result("speaker", report.OK, "speaker.ok", nil)
	s.win.Set(snap)
	if how := s.win.view.(*help).rows[1].how; !how.off || strings.Contains(how.says.text, "›") {
		t.Errorf("“%s” leads somewhere", how.says.text)
	}
	s.press(s.win.book().Of("mic.muted", nil).Title + " ›")
	s.did(snapshot.Verb{Do: snapshot.Touch}, snapshot.Verb{Do: snapshot.OpenArticle, Text: "mic-muted"})
}
