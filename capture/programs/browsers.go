package programs

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"raisehand/capture"
)

// look is how long the windows' titles and the sound server are waited for.
// Both take 2 to 5 ms; without their answer a browser counts as a browser.
const look = 80 * time.Millisecond

// meeting is a class that takes place in a browser.
type meeting struct {
	key   string // its word is "app." + key
	hosts []string
	title *regexp.Regexp // of a window, while one is in a class; nil: it does not tell
}

// meetings are recognised by the address of a page that was made a program of
// its own, and by the window's title. Titles are those within a class: the
// page from which one enters it has another.
var meetings = []meeting{
	{"google_meet", []string{"meet.google.com"}, regexp.MustCompile(`^Meet [-–—] \S`)},
	{"zoom_web", []string{"app.zoom.us", "zoom.us", "app.zoom.com"}, regexp.MustCompile(`^(Zoom Meeting|Zoom Webinar|Zoom 会议|Zoom 网络研讨会)\b`)},
	{"teams_web", []string{"teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft"}, regexp.MustCompile(`^(\(\d+\) )?(Meeting|Call|会议|通话)\b.*\| Microsoft Teams`)},
	{"jitsi_web", []string{"meet.jit.si"}, regexp.MustCompile(`^.+ \| Jitsi Meet\b`)},
	{"bigbluebutton", nil, regexp.MustCompile(`^BigBlueButton - \S`)},
	{"webex_web", []string{"web.webex.com"}, nil},
	{"tencent_meeting_web", []string{"meeting.tencent.com", "webmeeting.qq.com", "voovmeeting.com"}, nil},
	{"classin_web", []string{"www.eeo.cn", "live.eeo.cn", "class.eeo.cn"}, nil},
	{"dingtalk_web", []string{"meeting.dingtalk.com"}, nil},
	{"feishu_web", []string{"vc.feishu.cn"}, nil},
	{"lark_web", []string{"vc.larksuite.com"}, nil},
}

// window is a window on the screen: whose it is and what stands on it. It is
// read here, compared and forgotten.
type window struct {
	pid   int
	title string
}

// signals are what tells a class in a browser, besides the processes.
type signals struct {
	windows   []window
	recording []int
}

// signs asks for them, and gives what has come within the limit.
func (c Check) signs(ctx context.Context) <-chan signals {
	got := make(chan signals, 1)
	windows, recording := make(chan []window, 1), make(chan []int, 1)
	go func() { windows <- titles() }()
	go func() {
		var pids []int
		if c.Recording != nil {
			ctx, cancel := context.WithTimeout(ctx, look)
			defer cancel()
			pids, _ = c.Recording(ctx) // a system that does not tell shows no recording browser
		}
		recording <- pids
	}()
	go func() {
		late := time.NewTimer(look)
		defer late.Stop()
		var s signals
		for range 2 {
			select {
			case s.windows = <-windows:
			case s.recording = <-recording:
			case <-late.C:
				got <- s
				return
			}
		}
		got <- s
	}()
	return got
}

// inBrowsers are the classes that take place in browsers, one for each. A
// browser that records is in a class, whichever it is: then the class is
// called by the browser's name.
func inBrowsers(browsers []capture.App, all []process, seen signals) (class []capture.App) {
	for _, b := range browsers {
		switch key := meetingIn(b, all, seen.windows); {
		case key != "":
			class = append(class, capture.App{Key: key, PIDs: b.PIDs})
		case records(b, seen.recording):
			class = append(class, capture.App{Key: b.Key, PIDs: b.PIDs})
		}
	}
	return class
}

func records(b capture.App, recording []int) bool {
	if len(recording) == 0 {
		return false
	}
	return slices.ContainsFunc(b.PIDs, func(pid int) bool {
		own := inside(pid)
		return slices.Contains(recording, pid) || own > 0 && slices.Contains(recording, own)
	})
}

func meetingIn(b capture.App, all []process, windows []window) string {
	for _, p := range all {
		if p.page == "" || !slices.Contains(b.PIDs, p.pid) {
			continue
		}
		if key := byAddress(p.page); key != "" {
			return key
		}
	}
	for _, w := range windows {
		if slices.Contains(b.PIDs, w.pid) {
			if key := byTitle(w.title); key != "" {
				return key
			}
		}
	}
	return ""
}

func byAddress(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, m := range meetings {
		for _, h := range m.hosts {
			if host == h || strings.HasSuffix(host, "."+h) {
				return m.key
			}
		}
	}
	return ""
}

func byTitle(title string) string {
	for _, m := range meetings {
		if m.title != nil && m.title.MatchString(title) {
			return m.key
		}
	}
	return ""
}

func keys(apps []capture.App) (all []string) {
	for _, a := range apps {
		all = append(all, a.Key)
	}
	return all
}
