package capture

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"raisehand/capture/report"
)

// The test's own computer belongs to somebody else than the real one.
var annas = hider{owner{login: "aschmidt", name: "Anna Schmidt"}, rules()}

// secrets: a line, what must not be in it afterwards, what must still be.
var secretLines = []struct{ line, gone, stays string }{
	// people in paths
	{"open /home/wangfang/.config/zoomus.conf: no such file", "wangfang", "/.config/zoomus.conf: no such file"},
	{"/home/wang.fang", "wang", "/home/"},
	{"/Users/annas/Library/Logs/zoom.log", "annas", "/Library/Logs/zoom.log"},
	{`C:\Users\Anna\AppData\Local\Temp`, "Anna", `\AppData\Local\Temp`},
	{`C:\Users\Anna Schmidt\AppData\Roaming\Zoom`, "Schmidt", `\AppData\Roaming\Zoom`},
	{`c:\users\王芳\Desktop\教案.docx`, "王芳", `\Desktop\教案.docx`},
	{`{"path":"C:\\Users\\wangfang\\x.log"}`, "wangfang", `x.log`},
	{"C:/Users/wangfang/x.log", "wangfang", "/x.log"},
	{`C:\Documents and Settings\Anna Schmidt\x`, "Anna", `\x`},
	{"file:///home/wangfang/a.html", "wangfang", "a.html"},
	{"file:///C:/Users/Anna%20S/a.html", "Anna", "a.html"},
	{"/mnt/c/Users/wangfang/code", "wangfang", "/code"},
	{"/var/home/wangfang/.cache", "wangfang", "/.cache"},
	{"/run/media/wangfang/USB", "wangfang", "/USB"},
	{"/media/aschmidt/USB", "aschmidt", "/USB"},
	{"/var/mail/aschmidt", "aschmidt", "/var/mail/"},
	{"/data/profiles/aschmidt/x", "aschmidt", "/x"},
	{"cd ~wangfang/docs", "wangfang", "/docs"},
	{`\\server\home\wangfang\x`, "wangfang", `\\server\home\`},
	{"copied %2Fhome%2Fwangfang%2Fx", "home%2Fwangfang", "copied"},
	{"USER=wangfang LANG=zh_CN.UTF-8", "wangfang", "LANG=zh_CN.UTF-8"},
	{"USERNAME=wangfang", "wangfang", "USERNAME="},
	{`{"username": "wangfang"}`, "wangfang", "username"},
	{"uid=1000(wangfang) gid=1000", "wangfang", "uid=1000"},
	{"window title: Lesson 3 – Anna Schmidt", "Anna", "Lesson 3"},
	// mail
	{"signed in as wang.fang@school.edu.cn", "wang", "signed in as"},
	{"anna+class@example.com is taken", "anna", "is taken"},
	{"用户wangfang@example.com登录失败", "wangfang", "登录失败"},
	{"<mailto:o'brien@example.org>", "brien", "<mailto:"},
	{"?login=anna%40example.com&x=1", "anna%40", "x=1"},
	{"王芳@学校.中国", "王芳", ""},
	// secrets in addresses
	{"proxy http://anna:hunter2@proxy.school.cn:8080", "hunter2", "proxy.school.cn:8080"},
	{"https://ghtoken@github.com/x/y.git", "ghtoken", "github.com/x/y.git"},
	{"postgres://desk:p%40ss@db/desk", "p%40ss", "@db/desk"},
	{"smb://anna:pa/ss@nas/share", "pa/ss", "nas/share"},
	{"GET /cb?code=4Xf83kd0Lz91&state=ok", "4Xf83kd0Lz91", "GET /cb?code="},
	{"https://x.blob.example/a?sig=Zm9vYmFyYmF6", "Zm9vYmFy", "https://x.blob.example/a"},
	{"https://s3.example/a?X-Amz-Signature=abcdef0123456789", "abcdef0123456789", "s3.example"},
	{"wss://desk.example/v1?access_token=abc123", "abc123", "wss://desk.example/v1"},
	// secrets by name
	{"password=hunter2", "hunter2", "password="},
	{"Password: battery-horse", "battery", "Password:"},
	{`"password":"two words here"`, "words", `"password":`},
	{"db_passwd = 'x y z'", "x y z", "db_passwd"},
	{"the password is hunter2", "hunter2", "the password is"},
	{"密码:abc123!", "abc123", "密码"},
	{"密码是 hunter2", "hunter2", "密码"},
	{"会议密码: 482913", "482913", "会议密码"},
	{"验证码为 482913,请勿泄露", "482913", "请勿泄露"},
	{"passcode: 482913", "482913", "passcode"},
	{"ZOOM_JWT_SECRET=s3cr3tvalue", "s3cr3tvalue", "ZOOM_JWT_SECRET="},
	{"client_secret=abcDEF", "abcDEF", "client_secret"},
	{"RAISEHAND_ENROLL_KEY=rh-7Q2M", "7Q2M", "RAISEHAND_ENROLL_KEY"},
	{"api_key: 9f8e7d", "9f8e7d", "api_key"},
	{"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalr", "aws_secret_access_key"},
	{"mysql --password hunter2 -h db", "hunter2", "-h db"},
	{"tool --api-key=abc123 run", "abc123", "run"},
	{"sessionid=38afes7a8; path=/", "38afes7a8", "path=/"},
	{"wifi key: 4f5e6d7c8b9a0f1e2d3c", "4f5e6d7c", "wifi key:"},
	{"encryption_key=QmFzZTY0U2VjcmV0VmFsdWU=", "QmFzZTY0", "encryption_key="},
	// secrets by form
	{"Authorization: Bearer abc.def.ghi", "abc.def", "Authorization:"},
	{"authorization: Basic YW5uYTpodW50ZXIy", "YW5uYTpo", "authorization:"},
	{"sent Bearer 8f7d6a5b4c3e2f10", "8f7d6a5b", "sent Bearer"},
	{"Cookie: sid=abc; theme=dark", "abc", "Cookie:"},
	{"Set-Cookie: session=abc123; HttpOnly", "abc123", "Set-Cookie:"},
	{"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end", "eyJ", "end"},
	{"ghp_abcdefghijklmnopqrstuvwxyz012345 leaked", "ghp_", "leaked"},
	{"key AKIAIOSFODNN7EXAMPLE used", "AKIA", "used"},
	{"sk-proj-abcdefghijklmnop1234", "abcdefgh", ""},
	{"xoxb-123456789012-abcdef", "xoxb", ""},
	{"-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nafter", "MIIE", "after"},
	{"-----BEGIN PRIVATE KEY-----\nMIIEow (cut off)", "MIIE", ""},
	// numbers of people
	{"身份证 11010519491231002X", "1949", "身份证"},
	{"id 110101199003077758.", "19900307", "id "},
	{"证件号110105 19491231 002x有误", "19491231", "有误"},
	{"440308199901012333", "1999", ""},
	{"tel 13812345678", "1381234", "tel "},
	{"请拨打+86 138-1234-5678。", "1234", "请拨打"},
	{"(+86) 138 1234 5678", "1234", ""},
	{"0086-15912345678 busy", "159123", "busy"},
	{"手机8613812345678", "1381234", "手机"},
	{"phone:19912345678,", "199123", "phone:"},
	// people in the names of devices
	{"Anna's AirPods", "Anna", "AirPods"},
	{"Anna’s AirPods Pro", "Anna", "AirPods Pro"},
	{"anna's iPhone Microphone", "anna", "iPhone Microphone"},
	{"Anna Schmidt's MacBook Pro Microphone", "Schmidt", "MacBook Pro Microphone"},
	{"bluez: Maria's WH-1000XM4 Headset", "Maria", "Headset"},
	{"Maria's Blaster 3000", "Maria", "Blaster 3000"},
	{"张老师的 AirPods", "张老师", "AirPods"},
	{"张三的MacBook Pro麦克风", "张三", "MacBook Pro麦克风"},
	{"“Anna”的 iPhone", "Anna", "iPhone"},
	{"Anna的iPhone", "Anna", "iPhone"},
	{"小明的蓝牙耳机", "小明", "蓝牙耳机"},
	{"Annas-MacBook-Pro.local", "Annas", "MacBook-Pro.local"},
	{"Annas iPhone", "Annas", "iPhone"},
	{"AirPods Pro von Anna", "Anna", "AirPods Pro von"},
	{"iPhone de María", "María", "iPhone de"},
	{"MacBook-Air-van-Jan", "Jan", "MacBook-Air"},
}

// harmlessLines stay as they are, to the letter.
var harmlessLines = []string{
	"", "mic.muted", "@app.zoom", "raisehand 0.1.0", "Zoom 5.17.11 (3835)", "6.1.0-28-amd64", "10.0.22631.4460 Build 22631.4460",
	"1920×1080", "3840x2160@60Hz", "-43.2 dBFS", "48000 Hz, 2 channels", "rtt_ms=38 loss=0.4%", "2026-11-22T08:15:30Z", "1732264000123",
	"1732264000", "20261122081530", "uptime 13812345678 ms", "13812345678 bytes free", "15032385536 B", "0.13812345678", "took 13812345678ns",
	"f3a913812345678bc", "550e8400-e29b-41d4-a716-446655440000", "018f2c3d-1111-7abc-8def-138123456789", "019b3c4d-5e6f-7a8b-9c0d-13812345678a",
	"sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "AA:BB:CC:DD:EE:FF", "192.168.1.20", "fe80::1c2d:3e4f", "desk.school.edu.cn:8443",
	"https://desk.school.edu.cn/v1/tickets?limit=20&sort=due", "https://school.edu/home/index.html", "http://example.com/Users/list", "https://example.com/@news/today",
	"/usr/share/zoneinfo/Asia/Shanghai", "/dev/video0", "/proc/1234/stat", "/run/user/1000/pulse/native", "/root/.Xauthority", "/home", "/home/",
	`C:\Program Files\Zoom\bin\Zoom.exe`, `C:\Users\Public\Desktop`, `C:\Users\Default\NTUSER.DAT`, `C:\Windows\System32\drivers`, "/Users/Shared/x",
	"HD Pro Webcam C920", "alsa_input.usb-046d_HD_Pro_Webcam_C920_ABCDEF12-02.analog-stereo", "bluez_source.AA_BB_CC_DD_EE_FF.handsfree", "@DEFAULT_SOURCE@",
	"alsa_output.pci-0000_00_1f.3.analog-stereo.monitor", "Microphone Array (Realtek(R) Audio)", "FaceTime HD Camera", "AirPods Pro", "罗技 C270 摄像头", "内置麦克风",
	"您的麦克风被静音了", "系统的麦克风音量太低", "正在使用的摄像头", "默认的麦克风", "这台电脑的摄像头", "学校的电脑", "老师的电脑", "Jabra Evolve2 65", "HDA Intel PCH: ALC295 Analog", "Built-in Audio Analog Stereo", "麦克风阵列(适用于数字麦克风的英特尔智音技术)", "the computer's microphone is muted",
	"The system's camera is busy", "it's a Computer", "Windows's Camera app", "Microsoft's Camera", "the teacher's laptop", "Windows PC", "Students iPad",
	"can't open the device's camera", "Today's class", "getty@tty1.service", "user@1000.service", "icon@2x.png", "fyne.io/fyne/v2@v2.8.0", "github.com/x/y@v0.11.24/z.go:12",
	"token: expired", "token expired", "the password is wrong", "password: required", "password is required", "密码为空", "密码是必填项", "no password set", "Bearer authentication failed",
	"basic authentication required", "cookies: enabled", "Cookie: none", "authorization: denied", "Authorization required", "PWD=/usr/bin", "monkey=banana", "keyboard: us",
	"registry key: not found", "key=F5", "hotkey: Ctrl+Alt+H", "?page=2&code=404", "exit code=1", "GET /v1/blobs/abc?state=ok", "--timeout 6s --json", "USER=root", "uid=0",
	"AMD Ryzen 7 5800H with Radeon Graphics", "Intel(R) Core(TM) i5-1135G7 @ 2.40GHz", "LENOVO ThinkPad X1 Carbon Gen 9 (20XWCTO1WW)", "110101199003077750", "123456789012345678",
	"电脑的时间差了 6 分钟", "腾讯会议正在使用", "EBUSY: device or resource busy", "exit status 2", "DISPLAY=:0", "zh_CN.UTF-8", "+08:00", "meeting 123 456 7890",
}

func TestRedactHides(t *testing.T) {
	if len(secretLines) < 60 {
		t.Fatalf("only %d lines", len(secretLines))
	}
	for _, c := range secretLines {
		got := annas.text(c.line)
		if strings.Contains(got, c.gone) {
			t.Errorf("%q → %q still holds %q", c.line, got, c.gone)
		}
		if !strings.Contains(got, c.stays) {
			t.Errorf("%q → %q has lost %q", c.line, got, c.stays)
		}
		if again := annas.text(got); again != got {
			t.Errorf("%q changes again: %q", got, again)
		}
	}
}

// A rule without which nothing more is seen is not needed, or not tested.
func TestEveryRuleHides(t *testing.T) {
	for i, r := range rules() {
		less := hider{annas.owner, append(append([]rule{}, rules()[:i]...), rules()[i+1:]...)}
		seen := 0
		for _, c := range secretLines {
			if strings.Contains(less.text(c.line), c.gone) {
				seen++
			}
		}
		if seen == 0 {
			t.Errorf("without the rule for %s nothing is seen", r.hides)
		}
	}
}

func TestRedactLeaves(t *testing.T) {
	if len(harmlessLines) < 60 {
		t.Fatalf("only %d lines", len(harmlessLines))
	}
	for _, line := range harmlessLines {
		if got := annas.text(line); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
}

func TestIdentity(t *testing.T) {
	for s, want := range map[string]bool{
		"11010519491231002X": true, "11010519491231002x": true, "110105194912310021": false,
		"110101199013077758": false, // month 13
		"1101051949123100":   false,
	} {
		if identity(s) != want {
			t.Errorf("identity(%s) = %v", s, !want)
		}
	}
}

type driver struct {
	Path  string            `json:"path"`
	Extra map[string]string `json:"extra"`
	Size  int               `json:"size"`
}

func TestRedactReport(t *testing.T) {
	taken := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	before := func() report.Report {
		return report.Report{
			Schema: 1, TakenAt: taken, Proposed: report.P0, Reason: "reason.class_no_sound",
			Results: []report.Result{{Check: "mic", Verdict: report.Fail, Code: "mic.muted", TookMS: 13812345678,
				Params: map[string]any{"device": "Anna's AirPods", "app": "@app.zoom", "db": -43.5},
				Detail: map[string]any{
					"names": []string{"/home/wangfang/a", "fine"}, "deep": []any{map[string]any{"mail": "a@b.cn", "n": 3}, nil, true},
					"/home/wangfang/x": 1, "/home/annika/x": 2, "password": "short", "tokens": map[string]any{"token": "abc"},
					"struct": driver{"/home/wangfang/d.ko", map[string]string{"api_key": "abc"}, 7}, "pids": []int{13, 14}, "levels": map[string]int{"a": 1},
				}}},
			Findings: []report.Finding{{Code: "mic.muted", Weight: 95, Because: []string{"mic.muted"}, Params: map[string]any{"device": "张老师的 AirPods"}}},
			Facts: map[string]any{"host_name": "Annas-MacBook-Pro", "top_cpu": []any{map[string]any{"name": "zoom", "pct": 31.5}},
				"mem_total_mb": int64(8192), "on_battery": true},
		}
	}
	in := before()
	got := Redact(in)
	if !reflect.DeepEqual(in, before()) {
		t.Fatalf("the report handed in was changed: %+v", in)
	}
	want := report.Report{
		Schema: 1, TakenAt: taken, Proposed: report.P0, Reason: "reason.class_no_sound",
		Results: []report.Result{{Check: "mic", Verdict: report.Fail, Code: "mic.muted", TookMS: 13812345678,
			Params: map[string]any{"device": "[name]'s AirPods", "app": "@app.zoom", "db": -43.5},
			Detail: map[string]any{
				"names": []string{"/home/[user]/a", "fine"}, "deep": []any{map[string]any{"mail": "[mail]", "n": 3}, nil, true},
				"/home/[user]/x": 2, "/home/[user]/x #2": 1, "password": "[secret]", "tokens": map[string]any{"token": "[secret]"},
				"struct": map[string]any{"path": "/home/[user]/d.ko", "extra": map[string]any{"api_key": "[secret]"}, "size": 7.0},
				"pids":   []any{13.0, 14.0}, "levels": map[string]any{"a": 1.0},
			}}},
		Findings: []report.Finding{{Code: "mic.muted", Weight: 95, Because: []string{"mic.muted"}, Params: map[string]any{"device": "[name]的 AirPods"}}},
		Facts: map[string]any{"host_name": "[name]-MacBook-Pro", "top_cpu": []any{map[string]any{"name": "zoom", "pct": 31.5}},
			"mem_total_mb": int64(8192), "on_battery": true},
	}
	if !reflect.DeepEqual(got, want) {
		a, _ := json.MarshalIndent(got, "", " ")
		b, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("got %s\nwant %s", a, b)
	}
	if again := Redact(got); !reflect.DeepEqual(again, got) {
		t.Errorf("twice is not once: %+v", again)
	}
	got.Results[0].Params["device"] = "x"
	got.Findings[0].Because[0] = "x"
	if !reflect.DeepEqual(in, before()) {
		t.Error("the copy shares memory with the report")
	}
}

func FuzzRedactText(f *testing.F) {
	for _, c := range secretLines {
		f.Add(c.line)
	}
	for _, l := range harmlessLines {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, s string) { annas.text(s) }) // whatever it is handed, it returns
}

func BenchmarkRedactText(b *testing.B) {
	var log strings.Builder
	for log.Len() < 64<<10 {
		for i, l := range harmlessLines {
			log.WriteString("2026-11-22T08:15:30Z info ")
			log.WriteString(l)
			log.WriteByte('\n')
			if i%20 == 0 {
				log.WriteString(secretLines[i%len(secretLines)].line + "\n")
			}
		}
	}
	s := log.String()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		annas.text(s)
	}
}
