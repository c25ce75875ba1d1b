package apps

import (
	"path"
	"strings"
)

// product is one line of the table: a program, and the names by which each
// system keeps it. The keys are those of the scout and of assets/words.
type product struct {
	key     string
	browser bool

	// resident programs are there all day for messages: that one runs says
	// nothing about a class.
	resident bool

	programs []string // the names of its files, without ".exe"
	packages []string // Linux: Debian's, Red Hat's and Arch's package names, snaps too
	ids      []string // Linux: flatpaks, and folders of /opt/apps
	listed   []string // Windows: how its name in the list of programs begins
	progIDs  []string // Windows: how the default browser's class name begins
	bundles  []string // macOS: its folder in Applications, without ".app"
	bundleID string   // macOS: its identifier, in lower case, for browsers
}

// table holds what is looked for. Names come from the makers' own packages.
var table = []product{
	{key: "tencent_meeting", programs: []string{"wemeetapp", "wemeet", "TencentMeeting"},
		packages: []string{"wemeet"}, ids: []string{"com.tencent.wemeet", "com.tencent.meeting"},
		listed: []string{"腾讯会议", "Tencent Meeting", "WeMeet"}, bundles: []string{"TencentMeeting", "腾讯会议"}},
	{key: "voov", programs: []string{"voovmeetingapp", "voov", "VooV Meeting"},
		packages: []string{"voov"}, ids: []string{"com.tencent.voov"},
		listed: []string{"VooV Meeting", "VooVMeeting"}, bundles: []string{"VooV Meeting", "VooVMeeting"}},
	{key: "dingtalk", resident: true, programs: []string{"com.alibabainc.dingtalk", "dingtalk"},
		packages: []string{"com.alibabainc.dingtalk", "dingtalk"}, ids: []string{"com.alibabainc.dingtalk", "com.dingtalk.DingTalk"},
		listed: []string{"钉钉", "DingTalk"}, bundles: []string{"DingTalk", "钉钉"}},
	{key: "feishu", resident: true, programs: []string{"feishu", "bytedance-feishu"},
		packages: []string{"bytedance-feishu-stable", "bytedance-feishu"}, ids: []string{"com.feishu.feishu", "cn.feishu.Feishu"},
		listed: []string{"飞书", "Feishu"}, bundles: []string{"Feishu", "飞书", "Lark飞书"}},
	{key: "lark", resident: true, programs: []string{"lark", "bytedance-lark", "LarkSuite"},
		packages: []string{"bytedance-lark-stable", "bytedance-lark"}, ids: []string{"com.larksuite.Larksuite"},
		listed: []string{"Lark"}, bundles: []string{"Lark", "LarkSuite"}},
	{key: "classin", programs: []string{"classin"},
		packages: []string{"classin"}, ids: []string{"com.eeo.classin", "cn.eeo.classin"},
		listed: []string{"ClassIn"}, bundles: []string{"ClassIn"}},
	{key: "wecom", resident: true, programs: []string{"wxwork", "wecom", "WeWorkMac"},
		packages: []string{"wecom", "com.qq.weixin.work.deepin", "deepin.com.weixin.work"}, ids: []string{"com.qq.weixin.work.deepin", "com.qq.weixin.work"},
		listed: []string{"企业微信", "WeCom", "WXWork"}, bundles: []string{"企业微信", "WeCom"}},
	{key: "zoom", programs: []string{"zoom", "CptHost", "zoom.us"},
		packages: []string{"zoom", "zoom-client"}, ids: []string{"us.zoom.Zoom"},
		listed: []string{"Zoom Workplace", "Zoom (", "Zoom"}, bundles: []string{"zoom.us"}},
	{key: "teams", resident: true, programs: []string{"ms-teams", "teams", "teams-for-linux", "teams-insiders", "MSTeams"},
		packages: []string{"teams", "teams-for-linux", "teams-insiders"}, ids: []string{"com.microsoft.Teams", "com.github.IsmaelMartinez.teams_for_linux"},
		listed: []string{"Microsoft Teams"}, bundles: []string{"Microsoft Teams", "Microsoft Teams classic"}},
	{key: "webex", programs: []string{"CiscoCollabHost", "webex", "atmgr"},
		packages: []string{"webex"}, ids: []string{"com.cisco.webex"},
		listed: []string{"Webex", "Cisco Webex"}, bundles: []string{"Webex", "Cisco Webex Meetings"}},
	{key: "skype", resident: true, programs: []string{"skypeforlinux", "skype", "lync"},
		packages: []string{"skypeforlinux", "skype"}, ids: []string{"com.skype.Client"},
		listed: []string{"Skype"}, bundles: []string{"Skype", "Skype for Business"}},
	{key: "jitsi", programs: []string{"jitsi-meet", "jitsi-meet-electron", "Jitsi Meet"},
		packages: []string{"jitsi-meet-electron"}, ids: []string{"org.jitsi.jitsi-meet"},
		listed: []string{"Jitsi Meet"}, bundles: []string{"Jitsi Meet"}},
	{key: "goto_meeting", programs: []string{"goto", "gotomeeting", "g2mcomm"},
		packages: []string{"goto-meeting"}, listed: []string{"GoToMeeting", "GoTo "}, bundles: []string{"GoToMeeting", "GoTo"}},

	{key: "chrome", browser: true, programs: []string{"chrome", "google-chrome", "google-chrome-stable"},
		packages: []string{"google-chrome-stable", "google-chrome-beta", "google-chrome"}, ids: []string{"com.google.Chrome"},
		listed: []string{"Google Chrome"}, progIDs: []string{"ChromeHTML"}, bundles: []string{"Google Chrome"}, bundleID: "com.google.chrome"},
	{key: "chromium", browser: true, programs: []string{"chromium", "chromium-browser"},
		packages: []string{"chromium", "chromium-browser"}, ids: []string{"org.chromium.Chromium", "io.github.ungoogled_software.ungoogled_chromium"},
		listed: []string{"Chromium"}, progIDs: []string{"ChromiumHTM"}, bundles: []string{"Chromium"}, bundleID: "org.chromium.chromium"},
	{key: "edge", browser: true, programs: []string{"msedge", "microsoft-edge", "microsoft-edge-stable"},
		packages: []string{"microsoft-edge-stable", "microsoft-edge-beta"}, ids: []string{"com.microsoft.Edge"},
		listed: []string{"Microsoft Edge"}, progIDs: []string{"MSEdgeHTM"}, bundles: []string{"Microsoft Edge"}, bundleID: "com.microsoft.edgemac"},
	{key: "firefox", browser: true, programs: []string{"firefox", "firefox-esr", "firefox-bin"},
		packages: []string{"firefox", "firefox-esr"}, ids: []string{"org.mozilla.firefox"},
		listed: []string{"Mozilla Firefox"}, progIDs: []string{"FirefoxURL", "FirefoxHTML"}, bundles: []string{"Firefox"}, bundleID: "org.mozilla.firefox"},
	{key: "safari", browser: true, programs: []string{"Safari"},
		bundles: []string{"Safari"}, bundleID: "com.apple.safari"},
	{key: "browser_360", browser: true, programs: []string{"browser360-cn", "browser360", "360se", "360chrome", "360ChromeX"},
		packages: []string{"browser360-cn-stable", "browser360-cn", "browser360"}, ids: []string{"com.360.browser-stable", "com.360.browser"},
		listed: []string{"360安全浏览器", "360极速浏览器"}, progIDs: []string{"360SeSES", "360se", "360ChromeX", "360Chrome"}, bundles: []string{"360极速浏览器", "360Chrome"}, bundleID: "com.qihoo.360browser"},
	{key: "browser_qq", browser: true, programs: []string{"qqbrowser"},
		packages: []string{"qqbrowser-stable", "qqbrowser"}, ids: []string{"com.tencent.qqbrowser", "com.qq.browser"},
		listed: []string{"QQ浏览器", "QQBrowser"}, progIDs: []string{"QQBrowser"}, bundles: []string{"QQBrowser", "QQ浏览器"}, bundleID: "com.tencent.mtt"},
	{key: "opera", browser: true, programs: []string{"opera", "opera-stable"},
		packages: []string{"opera-stable", "opera"}, ids: []string{"com.opera.Opera"},
		listed: []string{"Opera Stable", "Opera "}, progIDs: []string{"OperaStable"}, bundles: []string{"Opera"}, bundleID: "com.operasoftware.opera"},
	{key: "brave", browser: true, programs: []string{"brave", "brave-browser"},
		packages: []string{"brave-browser", "brave"}, ids: []string{"com.brave.Browser"},
		listed: []string{"Brave"}, progIDs: []string{"BraveHTML"}, bundles: []string{"Brave Browser"}, bundleID: "com.brave.browser"},
	{key: "vivaldi", browser: true, programs: []string{"vivaldi", "vivaldi-bin", "vivaldi-stable"},
		packages: []string{"vivaldi-stable", "vivaldi"}, ids: []string{"com.vivaldi.Vivaldi"},
		listed: []string{"Vivaldi"}, progIDs: []string{"VivaldiHTM"}, bundles: []string{"Vivaldi"}, bundleID: "com.vivaldi.vivaldi"},
	{key: "yandex", browser: true, programs: []string{"yandex_browser", "yandex-browser"},
		packages: []string{"yandex-browser-stable"}, ids: []string{"ru.yandex.Browser"},
		listed: []string{"Yandex"}, progIDs: []string{"YandexHTML"}, bundles: []string{"Yandex"}, bundleID: "ru.yandex.desktop.yandex-browser"},
}

// known finds a product by its key, nil if there is none.
func known(key string) *product {
	for i := range table {
		if table[i].key == key {
			return &table[i]
		}
	}
	return nil
}

// which finds the first product of which one of the names is the given one;
// upper and lower case do not count.
func which(name string, names func(*product) []string) *product {
	if name == "" {
		return nil
	}
	for i := range table {
		for _, n := range names(&table[i]) {
			if strings.EqualFold(n, name) {
				return &table[i]
			}
		}
	}
	return nil
}

// byProgram finds a product by the path of its file, on whatever system.
func byProgram(file string) *product {
	return which(plain(file), func(p *product) []string { return p.programs })
}

// plain is the file's name alone, without ".exe".
func plain(file string) string {
	name := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if strings.EqualFold(path.Ext(name), ".exe") {
		name = name[:len(name)-len(".exe")]
	}
	return name
}

// byListedName finds a product by its name in Windows' list of programs. What
// only comes with a program ("Microsoft Edge WebView2 Runtime", "Teams
// Meeting Add-in") is none.
func byListedName(name string) *product {
	for _, part := range []string{"WebView", "Update", "Add-in", "Addin", "Plugin", "Outlook", "Maintenance Service", "Language Pack", "Helper", "Rooms"} {
		if strings.Contains(name, part) {
			return nil
		}
	}
	for i := range table {
		for _, start := range table[i].listed {
			rest, ok := strings.CutPrefix(name, start)
			if ok && (rest == "" || !letter(rest[0]) || !letter(start[len(start)-1])) {
				return &table[i]
			}
		}
	}
	return nil
}

func letter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// byClass finds a browser by the class name under which Windows opens a page
// with it: "ChromeHTML", "FirefoxURL-308046B0AF4A39CB".
func byClass(class string) *product {
	for i := range table {
		for _, start := range table[i].progIDs {
			if strings.HasPrefix(strings.ToLower(class), strings.ToLower(start)) {
				return &table[i]
			}
		}
	}
	return nil
}
