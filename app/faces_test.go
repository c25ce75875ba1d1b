package app

import (
	"slices"
	"testing"
)

func TestAWindowIsGivenALanguageWhereThereIsNone(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool // a language is added
	}{
		{[]string{"LANG=C.UTF-8"}, true},
		{[]string{"LANG=zh_CN.UTF-8", "LC_ALL=C.UTF-8"}, true},
		{[]string{"LANG=C.UTF-8", "LC_MESSAGES=zh_CN.UTF-8"}, false},
		{[]string{"LANG=C.UTF-8", "LANGUAGE=zh"}, false},
		{[]string{"LANG=C"}, false}, // this much Fyne knows
		{nil, false},
	} {
		if got := slices.Contains(speaking(slices.Clone(c.env)), "LANGUAGE=en"); got != c.want {
			t.Errorf("%v: a language added: %v", c.env, got)
		}
	}
}
