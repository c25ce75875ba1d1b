package build

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"raisehand/assets/words"
)

// technical are the Latin words that a Chinese sentence may hold: names, and
// units that schools in China write so.
var technical = strings.Fields(`
	Raisehand Windows macOS Linux Fyne OpenGL Wayland X11 GNOME KDE Debian Ubuntu PulseAudio PipeWire ALSA
	Zoom Teams ClassIn VooV Lark Meet Google Webex Skype WeCom GoTo Jitsi Meeting Chrome Chromium Edge Firefox Safari
	QQ OBS USB HDMI CPU GPU IP DNS UDP NAT STUN TURN PAC VPN Wi-Fi WiFi Bluetooth SSH TLS TCP HTTP HTTPS http https URL ID PID QR PNG PDF ZIP JSON SSE SQLite PostgreSQL IT App
	GB MB kB KB TB ms dB dBFS Hz kHz fps P0 P1 P2 P3 Tab Enter Esc Ctrl Alt Shift F1 F5 PowerShell English root PEM S3 TLS UDP MTU kbit IPv6 off technician admin`)

// manuals are whole pages of a command's usage, which is the same in every language.
var manuals = []string{"ui cli.help", "ui deskcmd.usage"}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	en, zh := words.In("en"), words.In("zh")
	same := func(kind string, a, b []string) {
		slices.Sort(a)
		slices.Sort(b)
		for _, k := range a {
			if !slices.Contains(b, k) {
				t.Errorf("%s %q is in English only", kind, k)
			}
		}
		for _, k := range b {
			if !slices.Contains(a, k) {
				t.Errorf("%s %q is in Chinese only", kind, k)
			}
		}
	}
	same("code", slices.Collect(maps.Keys(en.Codes)), slices.Collect(maps.Keys(zh.Codes)))
	same("name", slices.Collect(maps.Keys(en.Names)), slices.Collect(maps.Keys(zh.Names)))
	same("ui", slices.Collect(maps.Keys(en.UI)), slices.Collect(maps.Keys(zh.UI)))

	place := regexp.MustCompile(`\{[^}]*\}`)
	english, chinese := sentences(t, "en"), sentences(t, "zh")
	for key, e := range english {
		z := chinese[key]
		a, b := place.FindAllString(e, -1), place.FindAllString(z, -1)
		slices.Sort(a)
		slices.Sort(b)
		if z != "" && !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s takes %v in English, %v in Chinese", key, a, b)
		}
		if (e == "") != (z == "") {
			t.Errorf("%s is empty in one language: %q, %q", key, e, z)
		}
	}
}

func TestEveryCodeSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	for _, lang := range words.Langs {
		for code, s := range words.In(lang).Codes {
			if s.Title == "" || s.Says == "" || s.Do == "" {
				t.Errorf("%s: %s lacks its title, what is wrong or what to do: %+v", lang, code, s)
			}
		}
	}
}

func TestEachLanguageIsWrittenAsItself(t *testing.T) {
	place := regexp.MustCompile(`\{[^}]*\}|https?://\S+|raisehand(-desk)?( [a-z.-]+)*|--[a-z-]+`) // places, addresses, commands
	latin := regexp.MustCompile(`[A-Za-z][A-Za-z0-9-]*`)
	halfWidth := regexp.MustCompile(`[\p{Han}”》] ?[,;?!:()]|[,;?!:()] ?[\p{Han}“《]|\p{Han} ?\.(\s|$)`)
	for key, s := range sentences(t, "zh") {
		bare := place.ReplaceAllString(s, "")
		for _, w := range latin.FindAllString(bare, -1) {
			if !slices.Contains(technical, w) && !strings.HasPrefix(key, "names app.") && !slices.Contains(manuals, key) && key != "ui consent.version" {
				t.Errorf("zh: %s holds the English word %q: %s", key, w, s)
			}
		}
		if halfWidth.MatchString(bare) {
			t.Errorf("zh: %s has European punctuation: %s", key, s)
		}
	}
	for key, s := range sentences(t, "en") {
		for _, r := range s {
			if unicode.Is(unicode.Han, r) && s != "中文" {
				t.Errorf("en: %s holds Chinese: %s", key, s)
				break
			}
			if strings.ContainsRune("，。；：？！", r) {
				t.Errorf("en: %s has Chinese punctuation: %s", key, s)
				break
			}
		}
	}
}

// The people who receive requests have one name in each language, whoever
// speaks of them to a teacher: the name that they gave themselves, otherwise
// the help team, 信息中心. The desk is what technicians and those who run it
// see, in the console, its own commands and the pages for IT.
func TestTheHelpTeamHasOneName(t *testing.T) {
	other := map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\b(support|help|service|IT) ?desk\b|\bsupport team\b|\bIT (department|team|desk)\b|\bschool's IT\b|\btechnicians?\b|\bpeople who help\b|\bdesk\b`),
		"zh": regexp.MustCompile(`技术支持|技术老师|技术人员|技术团队|服务台|对方|信息技术部门|网管`),
	}
	address := regexp.MustCompile(`https?://\S+|raisehand-desk|--[a-z-]+|\{[^}]*\}`)
	for _, lang := range words.Langs {
		for key, s := range sentences(t, lang) {
			if strings.HasPrefix(key, "ui console.") || strings.HasPrefix(key, "ui deskcmd.") {
				continue
			}
			if name := other[lang].FindString(address.ReplaceAllString(s, "")); name != "" {
				t.Errorf("%s: %s says %q: %s", lang, key, name, s)
			}
		}
		articles, err := filepath.Glob(filepath.Join(root(t), "assets", "help", lang, "*.md"))
		if err != nil || len(articles) == 0 {
			t.Fatalf("no articles: %v", err)
		}
		for _, a := range articles {
			if strings.HasPrefix(filepath.Base(a), "it-") {
				continue
			}
			raw, err := os.ReadFile(a)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(string(raw), "\n") {
				if name := other[lang].FindString(line); name != "" {
					t.Errorf("%s/%s says %q: %s", lang, filepath.Base(a), name, line)
				}
			}
		}
	}
}

// sentences are all words of a language, by "kind key" and, for codes, the part.
func sentences(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root(t), "assets", "words", lang+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var b words.Book
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatalf("%s.json: %v", lang, err)
	}
	all := map[string]string{}
	for k, s := range b.Codes {
		all["codes "+k+" title"], all["codes "+k+" says"], all["codes "+k+" do"] = s.Title, s.Says, s.Do
		all["codes "+k+" title.student"], all["codes "+k+" says.student"], all["codes "+k+" do.student"] = s.TitleStudent, s.SaysStudent, s.DoStudent
	}
	for k, s := range b.Names {
		all["names "+k] = s
	}
	for k, s := range b.UI {
		all["ui "+k] = s
	}
	return all
}

// TestEveryCodeInTheProgramsHasWords reads the sources for what will one day
// stand before a person: Code: "mic.muted", capture.Name("app.zoom"),
// book.T("help.send"), and every other text in the form of a code whose first
// part is that of a known one.
func TestEveryCodeInTheProgramsHasWords(t *testing.T) {
	book := words.In("en")
	known := func(key string) bool {
		_, code := book.Codes[key]
		_, name := book.Names[key]
		_, ui := book.UI[key]
		return code || name || ui
	}
	families := map[string]bool{}
	for code := range book.Codes {
		family, _, _ := strings.Cut(code, ".")
		families[family] = true
	}
	found := 0
	for _, f := range goFiles(t) {
		if f.test || within(f.dir, "build") {
			continue
		}
		files := fileNames(f.File)
		look := func(lit ast.Expr, sure bool) {
			s, ok := text(lit)
			if !ok || !codeShape.MatchString(s) {
				return
			}
			family, _, _ := strings.Cut(s, ".")
			if known(s) {
				found++
			} else if sure || families[family] && !files[s] {
				t.Errorf("%s: %q has no words", f.at(lit.Pos()), s)
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					look(n.Value, true)
					return false
				}
			case *ast.CallExpr:
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && (sel.Sel.Name == "T" || sel.Sel.Name == "Name") {
					look(n.Args[0], true)
				}
			case *ast.BasicLit:
				look(n, false)
			}
			return true
		})
	}
	if found == 0 {
		t.Error("not one code was found: this test no longer sees them")
	}
}

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.[a-z]([a-z0-9_]*[a-z0-9])?$`)

// fileNames are the texts in f that name a file, which look like codes.
func fileNames(f *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := text(n); ok {
			switch filepath.Ext(s) {
			case ".png", ".json", ".jsonl", ".txt", ".log", ".zip", ".gz", ".sock", ".db", ".exe", ".dll", ".lock", ".html", ".js", ".css", ".sql", ".ttf", ".ico", ".key", ".conf", ".plist", ".desktop", ".framework":
				names[s] = true
			}
		}
		return true
	})
	return names
}

func text(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return strings.TrimPrefix(s, "@"), err == nil
}
