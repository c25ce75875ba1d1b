package programs

import (
	"context"
	"reflect"
	"testing"

	"raisehand/assets/words"
	"raisehand/capture"
)

func TestMeetings(t *testing.T) {
	for _, m := range meetings {
		for _, lang := range words.Langs {
			if b := words.In(lang); b.Name("app."+m.key) == "app."+m.key {
				t.Errorf("%s: no name in %s", m.key, lang)
			}
		}
	}
}

func TestByTitle(t *testing.T) {
	for title, want := range map[string]string{
		"Meet - abc-defg-hij - Google Chrome":                   "google_meet",
		"Meet – 三年级数学 — Mozilla Firefox":                        "google_meet",
		"Google Meet - Google Chrome":                           "", // the page from which one enters
		"Meet the teacher - Google Chrome":                      "",
		"Zoom Meeting - Google Chrome":                          "zoom_web",
		"Zoom":                                                  "",
		"Join a Zoom Meeting":                                   "",
		"Meeting in General | Microsoft Teams - Microsoft Edge": "teams_web",
		"Calendar | Microsoft Teams - Microsoft Edge":           "",
		"class3b | Jitsi Meet - Chromium":                       "jitsi_web",
		"Jitsi Meet - Chromium":                                 "",
		"BigBlueButton - Maths":                                 "bigbluebutton",
		"BigBlueButton":                                         "",
		"":                                                      "",
	} {
		if got := byTitle(title); got != want {
			t.Errorf("%q is %q, want %q", title, got, want)
		}
	}
}

func TestByAddress(t *testing.T) {
	for page, want := range map[string]string{
		"https://meet.google.com/landing":  "google_meet",
		"https://school.zoom.us/wc/1/join": "zoom_web",
		"https://teams.microsoft.com/v2/":  "teams_web",
		"https://meeting.tencent.com/":     "tencent_meeting_web",
		"https://notzoom.us/":              "",
		"https://zoom.us.example/":         "",
		"https://mail.google.com/":         "",
		"not an address":                   "",
		"https://mail.example/?u=zoom.us":  "",
	} {
		if got := byAddress(page); got != want {
			t.Errorf("%q is %q, want %q", page, got, want)
		}
	}
}

// TestAClassInABrowser: by its address, by its window, by the microphone; not
// by another program's window of that name.
func TestAClassInABrowser(t *testing.T) {
	chrome := func(page string) []process {
		return []process{{pid: 10, parent: 1, names: []string{named(t, "chrome")}, page: page}, {pid: 11, parent: 10, names: []string{"helper"}},
			{pid: 20, parent: 1, names: []string{"editor"}}}
	}
	for _, c := range []struct {
		name string
		page string
		seen signals
		want string
	}{
		{"a browser", "", signals{}, ""},
		{"a page of its own", "https://meet.google.com/", signals{}, "google_meet"},
		{"a page of something else", "https://mail.example/", signals{}, ""},
		{"a window", "", signals{windows: []window{{20, "x"}, {10, "Meet - abc-defg-hij"}}}, "google_meet"},
		{"a text about a class", "", signals{windows: []window{{20, "Meet - abc-defg-hij"}}}, ""},
		{"it records", "", signals{recording: []int{11}}, "chrome"},
		{"something else records", "", signals{recording: []int{20}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *capture.Situation
			r := Check{Emit: func(l capture.Line) { got = l.Situation }}.judge(chrome(c.page), c.seen, nil)
			if want := []capture.App{{Key: "chrome", PIDs: []int{10, 11}}}; !reflect.DeepEqual(got.Browsers, want) {
				t.Errorf("browsers are %v", got.Browsers)
			}
			if c.want == "" {
				if len(got.Class) != 0 || r.Code != "programs.none" {
					t.Errorf("%s: a class is seen where none is: %v", r.Code, got.Class)
				}
				return
			}
			if want := []capture.App{{Key: c.want, PIDs: []int{10, 11}}}; !reflect.DeepEqual(got.Class, want) {
				t.Errorf("class is %v, want %v", got.Class, want)
			}
		})
	}
}

// TestWhoRecordsIsNotWaitedFor: a sound server that hangs does not keep the
// others from hearing who is in class.
func TestWhoRecordsIsNotWaitedFor(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	said := false
	r := Check{Emit: func(capture.Line) { said = true },
		Recording: func(context.Context) ([]int, error) { <-hang; return nil, nil }}.Run(t.Context())
	if !said || r.Code == "programs.not_measured" {
		t.Errorf("got %s, a situation: %v", r.Code, said)
	}
}
