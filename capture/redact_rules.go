package capture

import (
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// secretWords name a value that is secret, as the end of a key.
const secretWords = `pass(?:word|wd|phrase|code)s?|pwd|secret(?:[_-]?key)?|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|signing[_-]?key|enrol?l?(?:ment)?[_-]?key|auth[_-]?key|session[_-]?(?:id|key)|sessid|jsessionid|phpsessid|credentials?|client[_-]?secret|密码|口令|令牌|密钥|验证码`

var secretKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^a-z]|[a-z])(?:` + secretWords + `|authorization|cookie)$`)
})

// harmless says whether a value that stands where a secret would stand only
// speaks of one: "token: expired", "the password is wrong".
func harmless(v string) bool {
	v = strings.ToLower(strings.Trim(v, `"'.,;:!?()`))
	return v == "" || notSecrets[v] || v == hidSecret || strings.HasPrefix(v, "[secret")
}

var notSecrets = wordSet(`true false none null nil yes no on off ok set unset not missing empty required needed expired
	invalid valid wrong incorrect correct rejected refused denied unknown unchanged changed disabled enabled absent present
	too must should has have was is are will can cannot could may being for in of or and the a an by at with only never
	stored sent read found failed error bad weak hidden protected managed redacted lost forgotten bearer basic
	<nil> <none> <empty> * ** *** **** ***** ****** ******** 0 1 -`)

// deviceWords are what people's own names stand before.
const deviceWords = `AirPods?|iPhone|iPad|iMac|Mac(?:Book)?|Mac[ -]mini|HomePod|Apple[ -]Watch|Beats|Galaxy|Pixel|FreeBuds|Redmi|Xiaomi|Huawei|Honor|OPPO|vivo|Surface|ThinkPad|Bose|Sony|Jabra|` +
	`[Ee]ar(?:buds|phones?)|[Bb]uds|[Hh]ead(?:phones?|set)|[Mm]ic(?:rophone)?|[Cc]amera|[Ww]ebcam|[Ss]peakers?|[Pp]hone|[Ww]atch|[Tt]ablet|PC|[Ll]aptop|[Nn]otebook|[Cc]omputer|[Dd]esktop|` +
	`耳机|手机|电脑|笔记本|平板|手表|音箱|音响|麦克风|话筒|摄像头|相机|蓝牙|小米|华为|荣耀`

// notOwners are words that own a device in a sentence without being anyone.
var notOwners = wordSet(`the this that it its let what there here he she who computer system device desktop laptop windows microsoft apple
	intel google zoom today user teacher student school program app application driver kernel camera microphone speaker
	machine process server desk room class wireless business students teachers guests users macos linux 老师 教师 班级 讲台 家长`)

// notOwnersZH end what stands before 的 when it is no person.
var notOwnersZH = []string{"您", "你", "我", "他", "她", "们", "系统", "电脑", "设备", "默认", "内置", "外置", "可用", "其他", "当前", "本机", "软件",
	"会议", "新", "旧", "蓝牙", "无线", "有线", "使用", "选择", "选中", "连接", "占用", "禁用", "断开", "静音", "这台", "此", "该", "所有", "任何",
	"之前", "现在", "不同", "上面", "下面", "学校", "教室", "应用", "程序", "打开", "关闭", "找到", "支持", "允许", "唯一", "正常", "学生"}

var privateKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)
})

// rules is the table of what is hidden, in the order in which it is done:
// whole secrets first, so that no later rule takes them apart.
var rules = sync.OnceValue(func() []rule {
	secret := func(match) string { return hidSecret }
	return []rule{
		{"name and password in an address", []string{"://"},
			regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/@"'<>]+(?:/[^\s/@"'<>]*)?@`),
			func(m match) string {
				if strings.Contains(strings.TrimPrefix(m.g[0], m.g[1]), "/") && !strings.Contains(strings.TrimPrefix(m.g[0], m.g[1]), ":") {
					return m.g[0] // "https://host/@name": a path, not a password
				}
				return m.g[1] + hidSecret + "@"
			}},
		{"signed tokens", []string{"eyj"},
			regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}`), secret},
		{"tokens known by their form", []string{"gh", "glpat", "sk-", "sk_", "xox", "akia", "asia", "aiza", "ltai", "akid"},
			regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|sk[-_](?:[a-z]+[-_])?[A-Za-z0-9]{16,}|xox[abposr]-[A-Za-z0-9-]{10,}|A[KS]IA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{13,})`), secret},
		{"sign-in headers", []string{"authorization"},
			regexp.MustCompile(`(?i)\b((?:proxy-)?authorization)(["']?\s*[:=]\s*["']?)(?:(basic|bearer|digest|negotiate|ntlm|token|apikey)\s+)?([^\r\n"']+)`),
			func(m match) string {
				if m.g[3] == "" && harmless(strings.Fields(m.g[4] + " -")[0]) {
					return m.g[0]
				}
				return m.g[1] + m.g[2] + hidSecret
			}},
		{"bearer and basic tokens", []string{"bearer", "basic", "negotiate", "ntlm"},
			regexp.MustCompile(`(?i)\b(bearer|basic|negotiate|ntlm)\s+([A-Za-z0-9._~+/=-]{8,})`),
			func(m match) string {
				if !random(m.g[2]) {
					return m.g[0] // "Bearer authentication failed"
				}
				return m.g[1] + " " + hidSecret
			}},
		{"cookies", []string{"cookie"},
			regexp.MustCompile(`(?i)\b((?:set-)?cookie2?)(["']?\s*:\s*)([^\r\n]*=[^\r\n]*)`),
			func(m match) string { return m.g[1] + m.g[2] + hidSecret }},
		{"values named as secrets", []string{"pass", "pwd", "secret", "token", "key", "sess", "credential", "密码", "口令", "令牌", "密钥", "验证码"},
			regexp.MustCompile(`(?i)((?:` + secretWords + `))(["']?\s*(?:[:=:]|=>)\s*|\s+is:?\s+|(?:是|为)[::]?\s*)("[^"\r\n]*"|'[^'\r\n]*'|[^\s"'&;,、,。}\])]+)`),
			namedSecret},
		{"secrets on a command line", []string{"--", "/p"},
			regexp.MustCompile(`(?i)(--?[a-z-]*(?:` + secretWords + `))(\s+)("[^"\r\n]*"|'[^'\r\n]*'|[^\s"'-]\S*)`),
			func(m match) string {
				if harmless(m.g[3]) {
					return m.g[0]
				}
				return m.g[1] + m.g[2] + hidSecret
			}},
		{"keys and signatures in an address", []string{"=", "?", "&"},
			regexp.MustCompile(`(?i)([?&#](?:x-amz-|x-goog-|x-oss-)?(?:sig|signature|sign|key|auth|code|sid|ticket|st|security-token|credential|pass|pw|k|t|state|nonce)=)([^\s&#"'<>]+)`),
			func(m match) string {
				if len(m.g[2]) < 8 {
					return m.g[0]
				}
				return m.g[1] + hidSecret
			}},
		{"long random values after a key", []string{"key"},
			regexp.MustCompile(`(?i)(key[\w-]*["']?\s*[:=]\s*["']?)([A-Za-z0-9+/_=-]{16,})`),
			func(m match) string {
				if !random(m.g[2]) {
					return m.g[0]
				}
				return m.g[1] + hidSecret
			}},
		{"mail addresses", []string{"@", "@", "%40"},
			regexp.MustCompile(`[\p{Latin}0-9._%+'-]*[\p{Latin}0-9_+-](?:@|@|%40)((?:[\p{Latin}0-9-]+\.)+([A-Za-z]{2,24}))`),
			func(m match) string {
				if notMail[strings.ToLower(m.g[2])] {
					return m.g[0]
				}
				return hidMail
			}},
		{"mail addresses in Chinese", []string{"@", "@"},
			regexp.MustCompile(`[\p{Han}\p{Latin}0-9._-]+[@@](?:[\p{Han}\p{Latin}0-9-]+\.)+(?:中国|公司|网络|网址|教育|在线|[A-Za-z]{2,24})`),
			func(m match) string {
				if strings.Contains(m.g[0], "[") || !strings.ContainsFunc(m.g[0], func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					return m.g[0]
				}
				return hidMail
			}},
		{"logins in Windows paths, which may hold spaces", []string{`\`},
			regexp.MustCompile(`(?i)(\\+(?:users|home|homes|profiles|documents and settings)\\+)([^\\/:*?"<>|\r\n]{1,64})(\\)`), pathUser},
		{"logins in paths", []string{"home", "users", "settings", "media"},
			regexp.MustCompile(`((?:[\\/]|%2F)+(?:home|homes|Users|users|USERS|Documents and Settings|run/media)(?:[\\/]|%2F)+)([^\\/\s:*?"'<>|,;)\]}]+)()`), pathUser},
		{"logins after a tilde", []string{"~"},
			regexp.MustCompile(`(^|[\s"'=:])~([A-Za-z][A-Za-z0-9._-]*)/`),
			func(m match) string { return m.g[1] + "~" + hidUser + "/" }},
		{"logins by name", []string{"user", "logname", "uid=", "login"},
			regexp.MustCompile(`\b((?:SUDO_|PG)?USER(?:NAME)?|LOGNAME|username|user_name|login_name)(=|["']\s*:\s*["'])([^\s"'&;,]+)|(\buid=\d+\()([^)]+)`),
			func(m match) string {
				if m.g[4] != "" {
					return m.g[4] + hidUser
				}
				if generic[strings.ToLower(m.g[3])] || harmless(m.g[3]) {
					return m.g[0]
				}
				return m.g[1] + m.g[2] + hidUser
			}},
		{"identity card numbers", nil,
			regexp.MustCompile(`[1-9]\d{5}[ -]?(?:19|20)\d{2}[01]\d[0-3]\d[ -]?\d{3}[\dXx]`),
			func(m match) string {
				if digitBefore(m.before) || digitAfter(m.after) || !identity(m.g[0]) {
					return m.g[0]
				}
				return hidID
			}},
		{"mobile phone numbers", nil,
			regexp.MustCompile(`(?:(?:\+|00)?86[ -]?|\(\+?86\) ?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}`), mobile},
		{"owners of devices", []string{"'s ", "’s "},
			regexp.MustCompile(`([\p{L}][\p{L}.-]*(?: \p{Lu}[\p{L}.-]*){0,2})(['’]s )((?:[\p{L}\p{N}-]+ ){0,3}?(?:` + deviceWords + `))`), possessive},
		{"owners of devices whose kind we do not know", []string{"'s ", "’s "},
			regexp.MustCompile(`^(\p{Lu}[\p{L}.-]*(?: \p{Lu}[\p{L}.-]*){0,2})(['’]s )(\p{Lu}[^.!?:;\r\n]{0,40})$`), possessive},
		{"owners of devices, in Chinese", []string{"的"},
			regexp.MustCompile(`([“"「]?[\p{Han}A-Za-z][\p{Han}A-Za-z0-9·._-]{0,15}[”"」]?)( ?的 ?)((?:[\p{L}\p{N}]{1,8} ){0,2}?(?:` + deviceWords + `))`),
			func(m match) string {
				bare := strings.Trim(m.g[1], `“”"「」`)
				for _, w := range notOwnersZH {
					if strings.HasSuffix(bare, w) {
						return m.g[0]
					}
				}
				if notOwners[strings.ToLower(bare)] {
					return m.g[0]
				}
				return hidName + m.g[2] + m.g[3]
			}},
		{"owners in a computer's name", []string{"macbook", "iphone", "ipad", "imac", "mac-", "airpods"},
			regexp.MustCompile(`\b(\p{L}[\p{L}-]*)s([- ])((?:MacBook|iPhone|iPad|iMac|Mac-mini|Mac-Studio|AirPods)\b)`),
			func(m match) string {
				if notOwners[strings.ToLower(m.g[1])] || notOwners[strings.ToLower(m.g[1])+"s"] {
					return m.g[0]
				}
				return hidName + m.g[2] + m.g[3]
			}},
		{"owners behind a device", []string{"macbook", "iphone", "ipad", "imac", "airpods", "watch", "mac"},
			regexp.MustCompile(`\b((?:MacBook|iPhone|iPad|iMac|Mac|AirPods|Apple Watch)(?:[ -](?:Pro|Air|Max|mini|Ultra|\d{1,2}))*[ -](?:von|de|di|van|of|af|od))([ -])(\p{Lu}[\p{L}-]*(?: \p{Lu}[\p{L}-]*)?)`),
			func(m match) string { return m.g[1] + m.g[2] + hidName }},
	}
})

// notMail end a word with an @ that is a file or a service.
var notMail = wordSet("service socket timer slice mount target scope path device png jpg jpeg gif svg webp ico icns so dll exe js ts css go py json yaml conf")

func namedSecret(m match) string {
	key, between, value := m.g[1], m.g[2], m.g[3]
	switch {
	case harmless(value):
		return m.g[0]
	case strings.HasSuffix(strings.ToLower(key), "pwd") && strings.HasPrefix(value, "/"):
		return m.g[0] // PWD is where a shell stands
	case strings.ContainsAny(between, "是为") && value[0] >= utf8.RuneSelf:
		return m.g[0] // a sentence: 密码是必填的
	case len(value) > 1 && (value[0] == '"' || value[0] == '\''):
		return key + between + value[:1] + hidSecret + value[:1]
	}
	return key + between + hidSecret
}

// keptUsers are folders beside people's own that belong to nobody.
var keptUsers = map[string]bool{
	"public": true, "default": true, "default user": true, "all users": true, "shared": true, "guest": true, "desktop.ini": true,
	".": true, "..": true, "*": true, "%username%": true, "$user": true, "${user}": true, "{user}": true,
}

func pathUser(m match) string {
	login, rest := m.g[2], m.g[3]
	if i := strings.Index(strings.ToUpper(login), "%2F"); i > 0 {
		login, rest = login[:i], login[i:]+rest
	}
	name := strings.ToLower(login)
	if keptUsers[name] || strings.HasPrefix(name, "[user") || inWebAddress(m.before) {
		return m.g[0]
	}
	return m.g[1] + hidUser + rest
}

// inWebAddress says whether the text ends within an http or ws address, where
// "/home/" is a page and not a folder.
func inWebAddress(before string) bool {
	token := before[strings.LastIndexAny(before, " \t\r\n\"'<>(")+1:]
	for _, scheme := range []string{"http://", "https://", "ws://", "wss://"} {
		if strings.Contains(token, scheme) {
			return true
		}
	}
	return false
}

func digitBefore(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }
func digitAfter(s string) bool  { return s != "" && s[0] >= '0' && s[0] <= '9' }

// identity says whether the 18 characters are a mainland identity number: a
// date of birth and the check digit of ISO 7064 MOD 11-2 (GB 11643).
func identity(s string) bool {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	if len(s) != 18 {
		return false
	}
	if _, err := time.Parse("20060102", s[6:14]); err != nil {
		return false
	}
	sum, weights := 0, [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return "10X98765432"[sum%11] == strings.ToUpper(s)[17]
}

// amount follows a number of eleven digits that counts something.
var amount = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^ ?(?:bytes?|[kKMG]i?B|B|ns|us|µs|ms|s|Hz|kHz|bps|ticks|frames|samples|packets|字节|毫秒|个)\b`)
})

func mobile(m match) string {
	if digitBefore(m.before) || digitAfter(m.after) || amount().MatchString(m.after) {
		return m.g[0]
	}
	// Part of a longer name or fraction: a serial number, a hash, 0.13812345678.
	if r, _ := utf8.DecodeLastRuneInString(m.before); r == '.' || r == '_' || r < utf8.RuneSelf && unicode.IsLetter(r) && hexBefore(m.before) {
		return m.g[0]
	}
	if r, _ := utf8.DecodeRuneInString(m.after); r == '_' || r < utf8.RuneSelf && unicode.IsLetter(r) {
		return m.g[0]
	}
	if strings.HasPrefix(m.after, ".") && digitAfter(m.after[1:]) {
		return m.g[0]
	}
	if strings.HasSuffix(m.before, "-") && len(m.before) > 1 && isHex(m.before[len(m.before)-2]) && !strings.ContainsAny(m.g[0], " ") && strings.Count(m.before, "-") > 2 {
		return m.g[0] // the end of a UUID
	}
	return hidPhone
}

// hexBefore says whether the word that the text ends with is one of hex
// digits with a digit among them, as a hash is: "f3a9", but not "tel".
func hexBefore(s string) bool {
	word := s[strings.LastIndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || !isHex(byte(r)) })+1:]
	return word != "" && strings.ContainsAny(word, "0123456789")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// possessive hides whose device it is, unless the owner is a thing.
func possessive(m match) string {
	owner := strings.Fields(m.g[1])
	if notOwners[strings.ToLower(owner[len(owner)-1])] {
		return m.g[0]
	}
	return hidName + m.g[2] + m.g[3]
}

// random says whether a value looks drawn by lot: letters and digits mixed, or
// long with capitals in its midst.
func random(s string) bool {
	digits, letters, capitals := 0, 0, 0
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsUpper(r):
			letters++
			if i > 0 {
				capitals++
			}
		case unicode.IsLetter(r):
			letters++
		}
	}
	return digits >= 2 && letters >= 2 || digits >= 8 || len(s) >= 12 && capitals >= 3 && letters-capitals >= 3 || strings.HasSuffix(s, "=")
}
