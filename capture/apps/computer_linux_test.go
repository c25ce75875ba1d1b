package apps

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"raisehand/build/sound"
	"raisehand/capture"
	"raisehand/capture/report"
)

// tree writes files under a folder that stands for / or for a home.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func found(t *testing.T, c Check) []string {
	t.Helper()
	all, err := c.installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range all {
		list = append(list, i.key+" "+i.version.String())
	}
	slices.Sort(list)
	return list
}

func TestEveryKindOfPackage(t *testing.T) {
	root := tree(t, map[string]string{
		"var/lib/dpkg/status": "Package: chromium\nStatus: install ok installed\nVersion: 90.0.4430.212-1\nDescription: web browser\n Package: firefox\n\n" +
			"Package: firefox-esr\nStatus: deinstall ok config-files\nVersion: 78.0esr-1\n\n" +
			"Package: chromium-browser\nStatus: install ok installed\nVersion: 1:85.0.4183.83-0ubuntu0.snap\n\n" +
			"Package: zoom\nVersion: 5.17.5.2543\nStatus: install ok installed\n",
		"var/lib/pacman/local/brave-bin-1:1.73.89-1/desc": "",
		"var/lib/pacman/local/zlib-1.3-1/desc":            "",
		"snap/firefox/current/meta/snap.yaml":             "name: firefox\nversion: '121.0.1-1'\n",
		"var/lib/flatpak/app/com.microsoft.Edge/current/active/files/share/metainfo/com.microsoft.Edge.metainfo.xml": `<component><releases><release version="118.0" date="x"/><release version="120.0.2210.91"/></releases></component>`,
		"opt/apps/com.qq.weixin.work.deepin/info": `{"appid": "com.qq.weixin.work.deepin", "version":"4.0.8.6027"}`,
		"opt/zoom/zoom":        "",
		"opt/zoom/version.txt": "6.0.2 (4680)\n",
	})
	home := tree(t, map[string]string{
		"firefox/firefox":         "",
		"firefox/application.ini": "[App]\nVendor=Mozilla\nName=Firefox\nVersion=102.9.0\n[Gecko]\nMinVersion=1\n",
		".local/share/flatpak/app/us.zoom.Zoom/current/active/files/share/appdata/us.zoom.Zoom.appdata.xml": `<component><releases><release version="6.2.5.2440"/></releases></component>`,
	})
	want := []string{"brave 1.73.89", "chromium 90.0.4430", "edge 120.0.2210", "firefox 102.9.0", "firefox 121.0.1", "wecom 4.0.8", "zoom 5.17.5", "zoom 6.0.2", "zoom 6.2.5"}
	if got := found(t, Check{root: root, home: home}); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := found(t, Check{root: t.TempDir(), home: t.TempDir()}); len(got) != 0 {
		t.Errorf("on an empty computer: %v", got)
	}
}

// TestThisComputersChromium reads what is really installed, and compares it
// with what dpkg says.
func TestThisComputersChromium(t *testing.T) {
	out, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", "chromium").Output()
	if err != nil {
		t.Skip("Chromium is not installed from a Debian package:", err)
	}
	want := readVersion(string(out)).String()
	if got := found(t, Check{home: t.TempDir()}); want == "" || !slices.Contains(got, "chromium "+want) {
		t.Errorf("dpkg has Chromium %s, found were %v", want, got)
	}
}

func TestDefaultBrowser(t *testing.T) {
	t.Setenv("XDG_CURRENT_DESKTOP", "X-Cinnamon:GNOME")
	entry := "[Desktop Entry]\nName=Browser\nExec=env LANG=C \"/usr/bin/microsoft-edge-stable\" %U\n"
	for _, c := range []struct {
		name       string
		root, home map[string]string
		want       string
	}{
		{"nothing set", nil, nil, " "},
		{"the person's choice", map[string]string{"usr/share/applications/mimeapps.list": "[Default Applications]\nx-scheme-handler/https=chromium.desktop\n"},
			map[string]string{".config/mimeapps.list": "[Added Associations]\nx-scheme-handler/https=chromium.desktop;\n[Default Applications]\ntext/html=firefox-esr.desktop;\n"}, "firefox "},
		{"a flatpak", nil, map[string]string{".config/mimeapps.list": "[Default Applications]\nx-scheme-handler/http=org.chromium.Chromium.desktop\n"}, "chromium org.chromium.Chromium"},
		{"an entry of another name", map[string]string{"usr/share/applications/web.desktop": entry, "etc/xdg/gnome-mimeapps.list": "[Default Applications]\nx-scheme-handler/https=gone.desktop;web.desktop\n"}, nil, "edge "},
		{"a snap", nil, map[string]string{".local/share/applications/mimeapps.list": "[Default Applications]\nx-scheme-handler/https=firefox_firefox.desktop\n"}, "firefox "},
		{"something that is no browser", nil, map[string]string{".config/mimeapps.list": "[Default Applications]\nx-scheme-handler/https=zoom.desktop\n"}, " "},
	} {
		t.Run(c.name, func(t *testing.T) {
			key, id, err := Check{root: tree(t, c.root), home: tree(t, c.home)}.defaultBrowser(t.Context())
			if got := key + " " + id; err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
	root := t.TempDir()
	os.MkdirAll(root+"/etc/alternatives", 0o755)
	if err := os.Symlink("/usr/bin/chromium", root+"/etc/alternatives/x-www-browser"); err != nil {
		t.Fatal(err)
	}
	if key, _, _ := (Check{root: root, home: t.TempDir()}).defaultBrowser(t.Context()); key != "chromium" {
		t.Errorf("the system's alternative is %q", key)
	}
}

// TestARunningChromiumIsAsOldAsItsPackage starts the real one.
func TestARunningChromiumIsAsOldAsItsPackage(t *testing.T) {
	c := Check{home: t.TempDir()}
	packaged := slices.IndexFunc(found(t, c), func(s string) bool { return strings.HasPrefix(s, "chromium ") })
	if _, err := exec.LookPath("chromium"); err != nil || packaged < 0 {
		t.Skip("Chromium is not installed from a package:", err)
	}
	profile, err := os.MkdirTemp("", "chromium") // its children may still write when the test is over
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+profile, "--remote-debugging-port=0", "about:blank")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait(); os.RemoveAll(profile) })
	for lines := bufio.NewScanner(errs); lines.Scan() && !strings.Contains(lines.Text(), "DevTools listening"); {
	}
	c.Least = map[string]string{"chromium": "9999"}
	c.Situation.Browsers = []capture.App{{Key: "chromium", PIDs: []int{cmd.Process.Pid}}}
	r := c.Run(t.Context())
	if r.Code != "apps.browser_old" || "chromium "+r.Params["version"].(string) != found(t, c)[packaged] {
		t.Errorf("got %s %v, installed are %v", r.Code, r.Params, found(t, c))
	}
}

// standIn starts a real process under another program's name, with files
// beside it. It runs once it has echoed a byte.
func standIn(t *testing.T, file, beside, text string) int {
	t.Helper()
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(cat)
	if err != nil {
		t.Fatal(err)
	}
	dir := tree(t, map[string]string{file: string(raw), beside: text})
	cmd := exec.Command(filepath.Join(dir, file))
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// TestWhatRunsIsAsOldAsItsOwnFiles: a new package of the same name does not
// make a running copy new.
func TestWhatRunsIsAsOldAsItsOwnFiles(t *testing.T) {
	root := tree(t, map[string]string{"var/lib/dpkg/status": "Package: firefox\nStatus: install ok installed\nVersion: 140.0\n\nPackage: zoom\nStatus: install ok installed\nVersion: 6.9\n"})
	firefox := standIn(t, "firefox", "application.ini", "[App]\nVersion=52.9.0\n")
	zoom := standIn(t, "zoom", "version.txt", "5.4.3 (53391.1108)\n")
	feishu := standIn(t, "feishu", "resources/app/package.json", "{\n \"name\": \"feishu\",\n \"version\": \"7.1.2\"\n}\n")
	c := Check{root: root, home: t.TempDir(), Least: map[string]string{"firefox": "115", "zoom": "6.0.2"}, Situation: capture.Situation{
		Class:    []capture.App{{Key: "zoom", PIDs: []int{zoom}}, {Key: "feishu", PIDs: []int{feishu}}},
		Browsers: []capture.App{{Key: "firefox", PIDs: []int{firefox}}}}}
	r := c.Run(t.Context())
	if r.Verdict != report.Warn || r.Code != "apps.class_old" || r.Params["version"] != "5.4.3" {
		t.Errorf("got %s %s %v", r.Verdict, r.Code, r.Params)
	}
	if len(r.Also) != 1 || r.Also[0].Code != "apps.browser_old" || r.Also[0].Params["version"] != "52.9.0" {
		t.Errorf("also %v", r.Also)
	}
	if got := versionsOf("feishu", []int{feishu}); len(got) != 1 || got[0].String() != "7.1.2" {
		t.Errorf("feishu is %v", got)
	}
}

// record starts a program of that name which records from the microphone.
func record(t *testing.T, s *sound.Server, name string) int {
	t.Helper()
	pacat, err := exec.LookPath("pacat")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(pacat)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(tree(t, map[string]string{name: string(raw)}), name), "--record", "-d", sound.Mic, "--raw", "--latency-msec=20")
	cmd.Env = append(os.Environ(), s.Env()...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(name, "does not record:", err)
	}
	go io.Copy(io.Discard, out)
	return cmd.Process.Pid
}

// clients asks a real sound server, by a tool that is not ours, who records.
func clients(s *sound.Server) func(context.Context) ([]Hold, error) {
	return func(context.Context) (all []Hold, err error) {
		for line := range strings.Lines(s.Pactl("list", "source-outputs")) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && name == "application.process.id" {
				pid := 0
				for _, r := range strings.Trim(value, `"`) {
					pid = 10*pid + int(r-'0')
				}
				all = append(all, Hold{PID: pid})
			}
		}
		return all, nil
	}
}

func TestWhoReallyRecords(t *testing.T) {
	s := sound.Start(t)
	zoom, meeting := record(t, s, "zoom"), 0
	c := Check{root: t.TempDir(), home: t.TempDir(), Microphone: clients(s)}
	in := func(apps ...capture.App) report.Result {
		c.Situation.Class = apps
		return c.Run(t.Context())
	}
	if r := in(capture.App{Key: "zoom", PIDs: []int{zoom}}); r.Code != "apps.ok" || !slices.Equal(r.Detail["microphone"].([]string), []string{"@app.zoom"}) {
		t.Errorf("one class: %s %v %v", r.Code, r.Params, r.Detail)
	}
	meeting = record(t, s, "wemeetapp")
	if r := in(capture.App{Key: "zoom", PIDs: []int{zoom}}, capture.App{Key: "tencent_meeting", PIDs: []int{meeting}}); r.Code != "apps.two_classes" {
		t.Errorf("two classes: %s %v %v", r.Code, r.Params, r.Detail)
	}
}

func TestARecorderInPlaceOfTheClass(t *testing.T) {
	s := sound.Start(t)
	record(t, s, "audacity")
	record(t, s, "pavucontrol") // its meters record too
	idle := standIn(t, "classin", "readme", "")
	r := Check{root: t.TempDir(), home: t.TempDir(), Microphone: clients(s),
		Situation: capture.Situation{Class: []capture.App{{Key: "classin", PIDs: []int{idle}}}}}.Run(t.Context())
	if r.Code != "apps.held" || r.Params["program"] != "@app.audacity" || r.Params["app"] != "@app.classin" {
		t.Errorf("got %s %v %v", r.Code, r.Params, r.Detail)
	}
}

// TestASandboxNumbersItsOwnProcesses: the sound server knows a flatpak by a
// number that means another process, or none, outside.
func TestASandboxNumbersItsOwnProcesses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a sandbox can only be made as root")
	}
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(cat)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	in, _ := cmd.StdinPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	if own := inside(cmd.Process.Pid); own != 1 {
		t.Fatalf("the first process of a sandbox is number %d in it, want 1", own)
	}
	if own := inside(os.Getpid()); own != 0 {
		t.Errorf("this process is number %d in a sandbox, but it is in none", own)
	}
	c := Check{Situation: capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{cmd.Process.Pid}}}}}
	if who, ok := c.inSandbox(1); !ok || who != class("zoom") {
		t.Errorf("number 1 is %v, %v", who, ok)
	}
	if who, ok := c.inSandbox(7); ok {
		t.Errorf("number 7 is %v", who)
	}
}
