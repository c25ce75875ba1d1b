package apps

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"raisehand/assets/words"
	"raisehand/capture"
)

func TestReadVersion(t *testing.T) {
	for text, want := range map[string]string{
		"156.0.8078.79-1~deb12u1": "156.0.8078",
		"1:115.6.0esr-1":          "115.6.0",
		"6.0.2 (4680)":            "6.0.2",
		"v2.7":                    "2.7",
		"7.0.40-Release.4091":     "7.0.40",
		"no number":               "",
		"":                        "",
		"120.":                    "120",
	} {
		if got := readVersion(text).String(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"109.0.5414", "110", true},
		{"110", "110.0", false},
		{"110.0.1", "110", false},
		{"9.9", "10", true},
		{"5.17.5", "5.17.11", true},
	} {
		if got := readVersion(c.a).older(readVersion(c.b)); got != c.want {
			t.Errorf("%s before %s: %v", c.a, c.b, got)
		}
	}
	if v := ownNumbers("brave", readVersion("131.1.73.89")); v.String() != "1.73.89" {
		t.Errorf("Brave counts %v", v)
	}
	if v := ownNumbers("chrome", readVersion("131.1.73.89")); v.String() != "131.1.73" {
		t.Errorf("Chrome counts %v", v)
	}
}

func TestTable(t *testing.T) {
	seen := map[string]string{}
	named := func(key string) {
		for _, lang := range words.Langs {
			if words.In(lang).Name("app."+key) == "app."+key {
				t.Errorf("%s has no name in %s", key, lang)
			}
		}
	}
	for program, key := range others {
		named(key)
		if innocent(program) || byProgram(program) != nil {
			t.Errorf("%s stands elsewhere too", program)
		}
	}
	for _, p := range table {
		named(p.key)
		for _, names := range [][]string{p.programs, p.ids} {
			for _, n := range names {
				n = strings.ToLower(n)
				if other := seen[n]; other != "" && other != p.key {
					t.Errorf("%q stands for %s and %s", n, other, p.key)
				}
				seen[n] = p.key
			}
		}
	}
}

func TestNamesOfOtherSystems(t *testing.T) {
	for name, want := range map[string]string{
		"Google Chrome": "chrome", "Microsoft Edge": "edge", "Microsoft Edge WebView2 Runtime": "", "Microsoft Edge Update": "",
		"Mozilla Firefox (x64 zh-CN)": "firefox", "Mozilla Maintenance Service": "", "Zoom Workplace (64-bit)": "zoom", "Zoom(64bit)": "zoom",
		"Zoom Outlook Plugin": "", "ZoomInfo": "", "Microsoft Teams classic": "teams", "Teams Machine-Wide Installer": "",
		"腾讯会议": "tencent_meeting", "钉钉": "dingtalk", "Opera Stable 117.0.5408.32": "opera", "360安全浏览器": "browser_360", "Larkin": "",
	} {
		got := ""
		if p := byListedName(name); p != nil {
			got = p.key
		}
		if got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	for class, want := range map[string]string{"ChromeHTML": "chrome", "MSEdgeHTM": "edge", "FirefoxURL-308046B0AF4A39CB": "firefox", "AppX123": ""} {
		got := ""
		if p := byClass(class); p != nil {
			got = p.key
		}
		if got != want {
			t.Errorf("%q is %q, want %q", class, got, want)
		}
	}
	if p := byProgram(`C:\Program Files\Zoom\bin\Zoom.exe`); p == nil || p.key != "zoom" {
		t.Errorf("Zoom's file is %v", p)
	}
}

func TestPropertyList(t *testing.T) {
	const info = `<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleName</key><string>zoom.us</string>
		<key>LSRequiresCarbon</key><true/><key>CFBundleShortVersionString</key><string>6.0.2 (33403)</string></dict></plist>`
	if got := readVersion(plistText([]byte(info), "CFBundleShortVersionString")).String(); got != "6.0.2" {
		t.Errorf("version %q", got)
	}
	const handlers = `<plist><dict><key>LSHandlers</key><array>
		<dict><key>LSHandlerContentType</key><string>public.html</string><key>LSHandlerRoleAll</key><string>com.wrong</string></dict>
		<dict><key>LSHandlerPreferredVersions</key><dict><key>LSHandlerRoleAll</key><string>-</string></dict>
			<key>LSHandlerRoleAll</key><string>org.mozilla.firefox</string><key>LSHandlerURLScheme</key><string>http</string></dict>
		<dict><key>LSHandlerPreferredVersions</key><dict><key>LSHandlerRoleAll</key><string>-</string></dict>
			<key>LSHandlerRoleAll</key><string>com.google.chrome</string><key>LSHandlerURLScheme</key><string>https</string></dict>
		</array></dict></plist>`
	if got := handlerOf([]byte(handlers), "https"); got != "com.google.chrome" {
		t.Errorf("https is opened by %q", got)
	}
	if got := handlerOf([]byte("<plist>"), "https"); got != "" {
		t.Errorf("a torn list gives %q", got)
	}
}

func class(key string) holder           { return holder{key, true, capture.Name("app." + key)} }
func foreign(n string) holder           { return holder{program: n} }
func runs(key string) running           { return running{key: key, class: !known(key).browser} }
func v(text string) version             { return readVersion(text) }
func at(r running, text string) running { r.versions = []version{v(text)}; return r }

// TestJudge is the table of verdicts.
func TestJudge(t *testing.T) {
	least := map[string]string{"chromium": "110", "firefox": "115", "zoom": "6.0.2"}
	chromium := install{key: "chromium", version: v("156")}
	for _, c := range []struct {
		name   string
		view   view
		code   string
		params map[string]any
		also   []string
	}{
		{"nothing installed", view{}, "ok apps.none", nil, nil},
		{"nothing could be seen", view{missing: map[string]any{"installed": "denied"}}, "unknown apps.not_measured", nil, nil},
		{"a good browser", view{installs: []install{chromium}, byDefault: "chromium"}, "ok apps.ok", nil, nil},
		{"an old default browser", view{installs: []install{{key: "chromium", version: v("90.0.4430.212")}}, byDefault: "chromium"},
			"warn apps.browser_old", map[string]any{"browser": "@app.chromium", "version": "90.0.4430", "wanted": "110"}, nil},
		{"an old browser that nobody uses", view{installs: []install{chromium, {key: "firefox", version: v("52")}}, byDefault: "chromium"}, "ok apps.ok", nil, nil},
		{"an old browser that runs", view{installs: []install{chromium}, byDefault: "chromium", running: []running{at(runs("firefox"), "52.9")}},
			"warn apps.browser_old", map[string]any{"browser": "@app.firefox", "version": "52.9", "wanted": "115"}, nil},
		{"a browser of unknown age", view{byDefault: "firefox", running: []running{runs("firefox")}}, "ok apps.ok", nil, nil},
		{"a browser that nobody has judged", view{installs: []install{{key: "browser_360", version: v("1")}}, byDefault: "browser_360"}, "ok apps.ok", nil, nil},
		{"an old and a new one of the same", view{installs: []install{chromium, {key: "chromium", version: v("90"), id: "org.chromium.Chromium"}}, byDefault: "chromium"}, "ok apps.ok", nil, nil},
		{"the flatpak is meant", view{installs: []install{chromium, {key: "chromium", version: v("90"), id: "org.chromium.Chromium"}}, byDefault: "chromium", defaultID: "org.chromium.Chromium"},
			"warn apps.browser_old", map[string]any{"browser": "@app.chromium", "version": "90", "wanted": "110"}, nil},
		{"an old class app", view{running: []running{at(runs("zoom"), "5.10.0")}}, "warn apps.class_old", map[string]any{"app": "@app.zoom", "version": "5.10.0", "wanted": "6.0.2"}, nil},
		{"an old class app at rest", view{installs: []install{chromium, {key: "zoom", version: v("5.10")}}}, "ok apps.ok", nil, nil},

		{"a class", view{running: []running{runs("zoom")}, mic: []holder{class("zoom")}, cam: []holder{class("zoom")}}, "ok apps.ok", nil, nil},
		{"two classes", view{mic: []holder{class("zoom"), class("dingtalk")}}, "warn apps.two_classes", map[string]any{"app": "@app.zoom", "other": "@app.dingtalk"}, nil},
		{"a class in a browser and one in an app", view{mic: []holder{class("google_meet"), class("zoom")}}, "warn apps.two_classes", map[string]any{"app": "@app.google_meet", "other": "@app.zoom"}, nil},
		{"another class app has the camera", view{mic: []holder{class("tencent_meeting")}, cam: []holder{class("zoom")}},
			"warn apps.held", map[string]any{"program": "@app.zoom", "app": "@app.tencent_meeting", "device": "@apps.camera"}, nil},
		{"a recorder has the camera", view{mic: []holder{class("zoom")}, cam: []holder{foreign("obs")}},
			"warn apps.held", map[string]any{"program": "obs", "app": "@app.zoom", "device": "@apps.camera"}, nil},
		{"a recorder has the camera and gives it on", view{running: []running{runs("zoom")}, mic: []holder{class("zoom")}, cam: []holder{foreign("obs"), class("zoom")}}, "ok apps.ok", nil, nil},
		{"a recorder listens too", view{running: []running{runs("zoom")}, mic: []holder{foreign("obs"), class("zoom")}}, "ok apps.ok", nil, nil},
		{"a recorder listens, the class does not", view{running: []running{runs("zoom")}, mic: []holder{foreign("audacity")}},
			"warn apps.held", map[string]any{"program": "audacity", "app": "@app.zoom", "device": "@apps.microphone"}, nil},
		{"a recorder listens, the class only sees", view{running: []running{runs("zoom")}, mic: []holder{foreign("audacity")}, cam: []holder{class("zoom")}},
			"warn apps.held", map[string]any{"program": "audacity", "app": "@app.zoom", "device": "@apps.microphone"}, nil},
		{"a recorder has both", view{running: []running{runs("zoom")}, mic: []holder{foreign("obs")}, cam: []holder{foreign("obs")}},
			"warn apps.held", map[string]any{"program": "obs", "app": "@app.zoom", "device": "@apps.microphone_camera"}, nil},
		{"two others have one each", view{running: []running{runs("zoom")}, mic: []holder{foreign("audacity")}, cam: []holder{foreign("cheese")}},
			"warn apps.held", map[string]any{"program": "audacity", "app": "@app.zoom", "device": "@apps.microphone"}, []string{"apps.held"}},
		{"a recorder, and no class", view{mic: []holder{foreign("audacity")}, cam: []holder{foreign("cheese")}}, "ok apps.none", nil, nil},
		{"a recorder, and messages in the tray", view{running: []running{runs("dingtalk"), runs("wecom")}, mic: []holder{foreign("audacity")}}, "ok apps.ok", nil, nil},
		{"a class app in the tray, a class in another", view{running: []running{runs("zoom"), runs("classin")}, mic: []holder{class("classin")}}, "ok apps.ok", nil, nil},
		{"a class app in the tray", view{running: []running{runs("zoom")}}, "ok apps.ok", nil, nil},
		{"several at once", view{running: []running{at(runs("zoom"), "5"), at(runs("chromium"), "90")}, mic: []holder{class("zoom"), class("teams")}},
			"warn apps.two_classes", map[string]any{"app": "@app.zoom", "other": "@app.teams"}, []string{"apps.class_old", "apps.browser_old"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Check{Least: least}.judge(&c.view)
			if got := string(r.Verdict) + " " + r.Code; got != c.code {
				t.Errorf("said %s, want %s", got, c.code)
			}
			if len(c.params)+len(r.Params) > 0 && !reflect.DeepEqual(r.Params, c.params) {
				t.Errorf("with %v, want %v", r.Params, c.params)
			}
			var also []string
			for _, f := range r.Also {
				also = append(also, f.Code)
			}
			if !slices.Equal(also, c.also) {
				t.Errorf("also %v, want %v", also, c.also)
			}
			for _, lang := range words.Langs {
				says := words.In(lang).Of(r.Code, r.Params)
				for _, s := range []string{says.Title, says.Says, says.Do} {
					if s == "" || strings.ContainsAny(s, "…@{") {
						t.Errorf("%s: %q", lang, s)
					}
				}
			}
		})
	}
}

// TestFacts: a technician's list has names and versions, not more.
func TestFacts(t *testing.T) {
	seen := &view{byDefault: "firefox", running: []running{at(runs("zoom"), "6.1"), runs("firefox")},
		installs: []install{{key: "firefox", version: v("115.6")}, {key: "zoom", version: v("6.1")}, {key: "firefox", version: v("91"), id: "org.mozilla.firefox"}},
		mic:      []holder{class("zoom"), foreign("obs")}}
	want := map[string]any{
		"apps":            []any{map[string]any{"name": "@app.zoom", "version": "6.1"}, map[string]any{"name": "@app.firefox", "version": "115.6, 91"}},
		"apps_running":    []string{"@app.zoom", "@app.firefox"},
		"apps_microphone": []string{"@app.zoom", "obs"},
		"browser_default": "@app.firefox",
	}
	if got := seen.facts(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v, want\n%v", got, want)
	}
	for range 3 * most {
		seen.mic = append(seen.mic, foreign("x"))
	}
	if n := len(seen.facts()["apps_microphone"].([]string)); n != most {
		t.Errorf("%d programs hold the microphone, want %d", n, most)
	}
}

// TestNotMeasured: what nobody handed in, or nobody can tell, is named as not
// measured and is no fault.
func TestNotMeasured(t *testing.T) {
	hang := func(context.Context) ([]Hold, error) { select {} }
	refuse := func(context.Context) ([]Hold, error) { return nil, errors.New("refused") }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := Check{Microphone: hang, Camera: refuse}.Run(ctx)
	missing, _ := r.Detail["not_measured"].(map[string]any)
	if r.Fault() || missing["microphone"] == nil {
		t.Errorf("got %s %s %v", r.Verdict, r.Code, r.Detail)
	}
}

func TestSandboxNumbersAreNobody(t *testing.T) {
	if who, ok := (Check{}).who(Hold{PID: 2}); ok { // a flatpak counts its processes from 1
		t.Errorf("process 2 is %v", who)
	}
	if who, ok := (Check{}).who(Hold{PID: 1 << 30}); ok {
		t.Errorf("a process that there is not is %v", who)
	}
	if _, ok := (Check{}).who(Hold{Program: "/usr/bin/pavucontrol"}); ok {
		t.Error("the volume sliders take the microphone from nobody")
	}
	if who, _ := (Check{}).who(Hold{Program: `C:\Tools\obs64.exe`}); who != foreign("@app.obs") {
		t.Errorf("OBS is %v", who)
	}
	if who, ok := (Check{Recorders: []string{"LectureCapture.exe"}}).who(Hold{Program: `D:\School\lecturecapture.exe`}); ok {
		t.Errorf("the recorder that the school knows is %v", who)
	}
	teams := Check{Situation: capture.Situation{Class: []capture.App{{Key: "teams", PIDs: []int{50, 51}}}}}
	if who, _ := teams.who(Hold{Program: `C:\Program Files (x86)\Microsoft\EdgeWebView\msedgewebview2.exe`, likely: []int{40, 51}}); who != class("teams") {
		t.Errorf("the pages of Teams are shown by %v", who)
	}
	meet := Check{Situation: capture.Situation{
		Class:    []capture.App{{Key: "google_meet", PIDs: []int{77}}},
		Browsers: []capture.App{{Key: "chrome", PIDs: []int{77}}}}}
	if who, _ := meet.who(Hold{Program: `C:\Program Files\Google\Chrome\Application\chrome.exe`}); who != class("google_meet") {
		t.Errorf("a class in Chrome is %v", who)
	}
}
