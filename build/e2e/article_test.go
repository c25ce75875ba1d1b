//go:build linux

package e2e

import (
	"testing"

	"raisehand/app/snapshot"
	"raisehand/assets/help"
	"raisehand/assets/words"
)

// A teacher mends it alone: what is wrong leads to its article, the article
// says what to do, and trying again says that it is done.
func TestAnArticleAndTryAgain(t *testing.T) {
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) {
			l, f := office(t, lang)
			l.sound.Mute(true)
			l.tray.click(l.ui("menu.get_help"))
			l.title(l.ui("help.title"))
			f.do(snapshot.Verb{Do: snapshot.Touch}) // read on without being sent meanwhile
			s := f.wait("the verdicts", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Done })
			muted := words.In(lang).Of("mic.muted", nil).Title
			l.press(s, "help", "", muted+" ›")
			title, _, _ := help.Text(lang, "mic-muted")
			l.title(l.ui("article.title", "title", title))
			l.picture("article")

			l.sound.Mute(false)
			talk := l.sound.Speak("good morning class, please open your books")
			l.press(s, "article", "mic-muted", l.ui("help.retry"))
			s = f.wait("the new verdict", func(s snapshot.Snapshot) bool {
				return s.Help != nil && !s.Help.Rows[0].Running && s.Help.Rows[0].Result != nil && s.Help.Rows[0].Result.Code != "mic.muted"
			})
			talk()
			if got := s.Help.Rows[0].Result.Code; got != "mic.ok" {
				t.Errorf("tried again, the microphone is %s", got)
			}
			for _, x := range s.Help.Findings {
				if x.Code == "mic.muted" {
					t.Error("mended, and still a finding")
				}
			}
			l.picture("article-fine")
		})
	}
}
