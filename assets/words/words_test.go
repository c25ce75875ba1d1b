package words

import (
	"strings"
	"testing"
)

func TestAStudentIsNotSpokenToAsATeacher(t *testing.T) {
	b := In("zh")
	student := b.For("student")
	params := map[string]any{"device": "Headset"}
	if says := b.For("teacher").Of("mic.muted", params).Says; !strings.Contains(says, "学生听不到您") {
		t.Errorf("a teacher reads %q", says)
	}
	if says := student.Of("mic.muted", params).Says; strings.Contains(says, "学生") || !strings.Contains(says, "Headset") {
		t.Errorf("a student reads %q", says)
	}
	if a, b := student.Of("mic.muted", params), b.Of("mic.muted", params); a.Title != b.Title || a.Do != b.Do {
		t.Errorf("what is right for both differs: %+v, %+v", a, b)
	}
	if got := In("en").For("student").T("help.p0"); got != "I cannot join in" {
		t.Errorf("the choice says %q", got)
	}
	if got := student.Name("check.mic"); got != b.Name("check.mic") {
		t.Errorf("the microphone is called %q", got)
	}
	for _, lang := range Langs {
		book := In(lang).For("student")
		for code := range book.Codes {
			s := book.Of(code, nil)
			all := strings.ToLower(s.Title + s.Says + s.Do)
			for _, teacher := range []string{"学生", "your students", "cannot teach"} {
				if strings.Contains(all, teacher) {
					t.Errorf("%s: %s tells a student %q: %s", lang, code, teacher, all)
				}
			}
		}
		for key := range book.Names {
			if s := book.Name(key); strings.HasPrefix(key, "symptom.") && !strings.HasSuffix(key, ".student") && (strings.Contains(s, "学生") || strings.Contains(s, "tudents")) {
				t.Errorf("%s: %s tells a student %q", lang, key, s)
			}
		}
	}
}
