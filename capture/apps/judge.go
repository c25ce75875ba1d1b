package apps

import (
	"slices"
	"strings"

	"raisehand/capture"
	"raisehand/capture/report"
)

// trouble is one thing that is wrong.
type trouble struct {
	code    string
	verdict report.Verdict
	params  map[string]any
}

// judge names the worst trouble; the others stand in Also.
func (c Check) judge(v *view) report.Result {
	all := append(v.inTheWay(), c.tooOld(v)...)
	r := report.Result{Verdict: report.OK, Code: "apps.ok", Detail: v.detail()}
	switch {
	case len(all) > 0:
		r.Verdict, r.Code, r.Params = all[0].verdict, all[0].code, all[0].params
		for _, t := range all[1:] {
			r.Also = append(r.Also, report.Fault{Verdict: t.verdict, Code: t.code, Params: t.params})
		}
	case len(v.installs) == 0 && len(v.running) == 0 && v.missing["installed"] != nil:
		r.Verdict, r.Code = report.Unknown, "apps.not_measured"
	case len(v.installs) == 0 && len(v.running) == 0:
		r.Code = "apps.none"
	}
	return r
}

// inTheWay are the programs that keep microphone or camera from the class.
func (v *view) inTheWay() (all []trouble) {
	mic, cam := classes(v.mic), classes(v.cam)
	if len(mic) > 1 {
		all = append(all, trouble{"apps.two_classes", report.Warn,
			map[string]any{"app": mic[0].program, "other": mic[1].program}})
	}
	// The class is where a device is held, the microphone before the camera.
	if len(mic) > 0 && len(cam) == 0 {
		all = append(all, held(v.cam, mic[0], theCamera)...)
	}
	if len(mic) > 0 && len(cam) > 0 && !common(mic, cam) {
		all = append(all, held(cam, mic[0], theCamera)...)
	}
	if len(mic) == 0 && len(cam) > 0 {
		all = append(all, held(v.mic, cam[0], theMicrophone)...)
	}
	if idle, ok := v.idleClass(); ok && len(mic) == 0 && len(cam) == 0 {
		all = append(all, both(held(v.mic, idle, theMicrophone), held(v.cam, idle, theCamera))...)
	}
	return all
}

// These stand in the sentence for what is held.
var theMicrophone, theCamera, theTwo = capture.Name("apps.microphone"), capture.Name("apps.camera"), capture.Name("apps.microphone_camera")

// both says in one sentence that one program holds both.
func both(mic, cam []trouble) []trouble {
	if len(mic) > 0 && len(cam) > 0 && mic[0].params["program"] == cam[0].params["program"] {
		mic[0].params["device"] = theTwo
		return mic
	}
	return append(mic, cam...)
}

// held is the first of the holders that is not the class.
func held(by []holder, class holder, what string) []trouble {
	for _, h := range by {
		if h.key == "" || h.key != class.key {
			return []trouble{{"apps.held", report.Warn,
				map[string]any{"program": h.program, "app": class.program, "device": what}}}
		}
	}
	return nil
}

// classes are those among the holders in which a class takes place, one each.
func classes(of []holder) (all []holder) {
	for _, h := range of {
		if h.class && !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

func common(a, b []holder) bool {
	return slices.ContainsFunc(a, func(h holder) bool { return slices.Contains(b, h) })
}

// idleClass is a class app that runs without holding anything. Programs that
// are there all day for messages do not count, nor does a browser.
func (v *view) idleClass() (holder, bool) {
	for _, r := range v.running {
		if p := known(r.key); r.class && p != nil && !p.resident && !p.browser {
			return holder{r.key, true, capture.Name("app." + r.key)}, true
		}
	}
	return holder{}, false
}

// tooOld are the running class apps, the running browsers and the default
// browser, where they are older than they should be. What is installed and
// not in use disturbs nobody.
func (c Check) tooOld(v *view) (all []trouble) {
	var browsers []trouble
	seen := map[string]bool{}
	add := func(key string, has version) {
		wanted := readVersion(c.Least[key])
		p := known(key)
		if p == nil || seen[key] || has == nil || wanted == nil || !has.older(wanted) {
			return
		}
		seen[key] = true
		params := map[string]any{"version": has.String(), "wanted": wanted.String()}
		if p.browser {
			params["browser"] = capture.Name("app." + key)
			browsers = append(browsers, trouble{"apps.browser_old", report.Warn, params})
			return
		}
		params["app"] = capture.Name("app." + key)
		all = append(all, trouble{"apps.class_old", report.Warn, params})
	}
	for _, r := range v.running {
		for _, has := range r.versions {
			add(r.key, has)
		}
	}
	add(v.byDefault, v.defaultVersion())
	return append(all, browsers...)
}

// most bounds the lists in a report.
const most = 24

// facts are what a technician wants to know: names and versions, no paths, no
// window's title, no address.
func (v *view) facts() map[string]any {
	facts := map[string]any{}
	if list := v.named(); len(list) > 0 {
		facts["apps"] = list
	}
	put := func(key string, list []string) {
		if len(list) > 0 {
			facts[key] = list[:min(len(list), most)]
		}
	}
	var runs []string
	for _, r := range v.running {
		if name := capture.Name("app." + r.key); !slices.Contains(runs, name) {
			runs = append(runs, name)
		}
	}
	put("apps_running", runs)
	put("apps_microphone", programs(v.mic))
	put("apps_camera", programs(v.cam))
	if v.byDefault != "" {
		facts["browser_default"] = capture.Name("app." + v.byDefault)
	}
	return facts
}

// named are the installed and the running programs with their versions, in
// the table's order.
func (v *view) named() (list []any) {
	versions := map[string][]string{}
	note := func(key string, has version) {
		if s := has.String(); !slices.Contains(versions[key], s) {
			versions[key] = append(versions[key], s)
		}
	}
	for _, i := range v.installs {
		note(i.key, i.version)
	}
	for _, r := range v.running {
		for _, has := range r.versions {
			note(r.key, has)
		}
	}
	for i := range table {
		if got, ok := versions[table[i].key]; ok && len(list) < most {
			got = slices.DeleteFunc(got, func(s string) bool { return s == "" })
			list = append(list, map[string]any{"name": capture.Name("app." + table[i].key), "version": strings.Join(got, ", ")})
		}
	}
	return list
}

func programs(of []holder) (list []string) {
	for _, h := range of {
		list = append(list, h.program)
	}
	return list
}

// detail is what explains the verdict.
func (v *view) detail() map[string]any {
	detail := map[string]any{}
	if v.byDefault != "" {
		detail["browser_default"] = capture.Name("app." + v.byDefault)
		if has := v.defaultVersion(); has != nil {
			detail["browser_version"] = has.String()
		}
	}
	if list := programs(v.mic); len(list) > 0 {
		detail["microphone"] = list[:min(len(list), most)]
	}
	if list := programs(v.cam); len(list) > 0 {
		detail["camera"] = list[:min(len(list), most)]
	}
	if len(v.missing) > 0 {
		detail["not_measured"] = v.missing
	}
	return detail
}

// innocents keep a microphone or camera open without taking it from anybody:
// the sound system, its sliders and meters, and what cleans or forwards sound
// and picture for other programs.
var innocents = []string{
	"raisehand", "raisehandw", "raisehand-window",
	"pulseaudio", "pipewire", "pipewire-pulse", "wireplumber", "pipewire-media-session", "xdg-desktop-portal",
	"pavucontrol", "pavucontrol-qt", "pwvucontrol", "kmix", "helvum", "qpwgraph", "pasystray", "volumeicon",
	"gnome-control-center", "gnome-shell", "plasmashell", "systemsettings", "systemsettings5", "kded5", "kded6",
	"cinnamon-settings", "mate-volume-control", "xfce4-panel", "dde-control-center", "dde-dock", "ukui-control-center", "ukui-volume-control",
	"easyeffects", "noisetorch", "jamesdsp", "krisp", "nvidia broadcast", "rtx voice", "voicemeeter", "voicemeeterpro", "voicemeeter8",
	"steelseriessonar", "equalizerapo", "svchost", "audiodg", "systemsettings.exe", "shellexperiencehost", "explorer",
	"coreaudiod", "rtkauduservice64", "applicationframehost", "msedgewebview2", // the last holds for whichever program shows pages with it
}

func innocent(program string) bool {
	return slices.Contains(innocents, strings.ToLower(program))
}

// others are programs in which no class takes place, but that are met often
// enough to be called by the name that people know.
var others = map[string]string{
	"obs": "obs", "obs64": "obs", "obs32": "obs", "com.obsproject.studio": "obs",
	"audacity": "audacity", "cheese": "cheese", "discord": "discord",
	"wechat": "wechat", "weixin": "wechat", "wechatappex": "wechat", "qq": "qq",
	"windowscamera": "camera", "microsoft.windowscamera": "camera", "photo booth": "camera", "snapshot": "camera", "kamoso": "camera",
	"soundrec": "sound_recorder", "microsoft.windowssoundrecorder": "sound_recorder", "voicerecorder": "sound_recorder",
	"voicememos": "sound_recorder", "gnome-sound-recorder": "sound_recorder", "krecorder": "sound_recorder",
}

// called is a program's name for people.
func called(program string) string {
	if key := others[strings.ToLower(program)]; key != "" {
		return capture.Name("app." + key)
	}
	return program
}
