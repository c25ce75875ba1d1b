package network

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// written is a PAC file in a world of two names, on a Wednesday in summer.
func written(text string) *pacFile {
	names := map[string]string{"class.example": "203.0.113.20", "inside.school.example": "10.1.2.3"}
	return &pacFile{text: text, own: func() netip.Addr { return netip.MustParseAddr("10.77.0.2") },
		now: func() time.Time { return time.Date(2026, 7, 15, 9, 30, 20, 0, time.UTC) },
		look: func(_ context.Context, name string) []netip.Addr {
			if ip, ok := names[name]; ok {
				return []netip.Addr{netip.MustParseAddr(ip)}
			}
			return nil
		}}
}

func TestPACHelpers(t *testing.T) {
	for _, c := range []struct {
		says string
		want bool
	}{
		{`isPlainHostName("www")`, true}, {`isPlainHostName("www.school.example")`, false},
		{`dnsDomainIs("www.school.example", ".school.example")`, true}, {`dnsDomainIs("www.other.example", ".school.example")`, false},
		{`localHostOrDomainIs("www", "www.school.example")`, true}, {`localHostOrDomainIs("home.school.example", "www.school.example")`, false},
		{`isResolvable("class.example")`, true}, {`isResolvable("nowhere.example")`, false},
		{`isInNet("inside.school.example", "10.1.0.0", "255.255.0.0")`, true}, {`isInNet("class.example", "10.1.0.0", "255.255.0.0")`, false},
		{`isInNet(host, "0.0.0.0", "0.0.0.0")`, true}, {`isInNet("nowhere.example", "0.0.0.0", "0.0.0.0")`, false},
		{`isInNetEx(dnsResolve("inside.school.example"), "10.0.0.0/8")`, true},
		{`isInNet(myIpAddress(), "10.77.0.0", "255.255.255.0")`, true},
		{`dnsResolve("class.example") === "203.0.113.20"`, true}, {`dnsResolve("nowhere.example") === null`, true},
		{`dnsDomainLevels("a.b.c") === 2`, true}, {`convert_addr("1.2.3.4") === 16909060`, true},
		{`shExpMatch("http://a.example/x.gif", "*/x.???")`, true}, {`shExpMatch("abc", "a*d")`, false}, {`shExpMatch("", "*")`, true}, {`shExpMatch("aXbXc", "a*X?")`, true},
		{`weekdayRange("MON", "FRI")`, true}, {`weekdayRange("SAT", "TUE")`, false}, {`weekdayRange("TUE", "MON")`, true}, {`weekdayRange("WED", "GMT")`, true},
		{`dateRange(15)`, true}, {`dateRange(1, 14)`, false}, {`dateRange("JUN", "AUG")`, true}, {`dateRange("NOV", "FEB")`, false},
		{`dateRange(1, "JUL", 31, "AUG")`, true}, {`dateRange(2026)`, true}, {`dateRange(1, "JAN", 2020, 1, "JAN", 2021)`, false}, {`dateRange("JUL", 2026, "AUG", 2026, "GMT")`, true},
		{`timeRange(9)`, true}, {`timeRange(10, 12)`, false}, {`timeRange(8, 9)`, true}, {`timeRange(9, 30, 9, 31)`, true}, {`timeRange(22, 0, 6, 0)`, false}, {`timeRange(9, 30, 0, 9, 30, 19)`, false},
		{`host.startsWith("class") && host.endsWith(".example") && host.includes("s.e")`, true},
		{`url === "https://class.example/"`, true},
	} {
		got, err := written(`function FindProxyForURL(url, host) { return `+c.says+` ? "PROXY yes:1" : "DIRECT"; }`).ask(context.Background(), address("https://class.example/a?b"))
		if err != nil || (got[0].kind != direct) != c.want {
			t.Errorf("%s is %v, %v; want %t", c.says, got, err, c.want)
		}
	}
}

func TestWhatAPACFileSays(t *testing.T) {
	const head = "function FindProxyForURL(url, host) { "
	for _, c := range []struct {
		name, text string
		want       []way
		broken     bool // its own fault
		beyond     bool // nobody's
	}{
		{"list", head + `return "PROXY a:1; HTTPS b; SOCKS5 [fd00::1]:9; DIRECT;"; }`, []way{{"http", "a:1"}, {"https", "b:443"}, {"socks", "[fd00::1]:9"}, {kind: direct}}, false, false},
		{"nothing", head + `}`, []way{{kind: direct}}, false, false},
		{"null", head + `return null; }`, []way{{kind: direct}}, false, false},
		{"newer words", "const p = 'PROXY const.example:1';\n" + head + `for (let i = 0; i < 1; i++) { return p; } }`, []way{{"http", "const.example:1"}}, false, false},
		{"brackets in texts and patterns", head + `/* { */ if (/[(/{]/.test("{")) { return "DIRECT"; } // {` + "\n }", []way{{kind: direct}}, false, false},
		{"cut off", head + `if (isPlainHostName(host)) { return "DIRECT";`, nil, true, false},
		{"mistyped", head + `return "PROXY a:1" }}`, nil, true, false},
		{"function that is not there", head + `return isPlainHost(host) ? "DIRECT" : "PROXY a:1"; }`, nil, true, false},
		{"answer that is none", head + `return "proxy.school.example"; }`, nil, true, false},
		{"arrows", "const f = (h) => 'DIRECT';\n" + head + `return f(host); }`, nil, false, true},
		{"newer things", head + `return new Map() ? "DIRECT" : ""; }`, nil, false, true},
		{"newer methods", head + `return host.padStart(20) ? "DIRECT" : ""; }`, nil, false, true},
		{"endless", head + `while (true) {} }`, nil, false, true},
		{"endless at once", `while (true) {} ` + head + `}`, nil, false, true},
		{"grows", `var s = "xxxxxxxxxxxxxxxx"; var l = []; ` + head + `while (true) { l.push(s + l.length); } }`, nil, false, true},
		{"goes down", head + `return FindProxyForURL(url, host); }`, nil, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := written(c.text)
			got, err := p.ask(context.Background(), address("https://class.example"))
			why, _ := p.broken()
			if !reflect.DeepEqual(got, c.want) || (why == pacBroken) != c.broken || errors.Is(err, errBeyond) != c.beyond {
				t.Errorf("%v, %q, %v", got, why, err)
			}
		})
	}
}

func TestFetchPAC(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			w.Write([]byte("\ufefffunction FindProxyForURL() {}"))
		case "/page":
			w.Write([]byte("<html>Welcome</html>"))
		case "/long":
			w.Write([]byte(strings.Repeat("//", pacSize)))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	for at, want := range map[string]string{
		s.URL + "/good": "", s.URL + "/page": pacBroken, s.URL + "/long": pacBroken, s.URL + "/none": pacMissing,
		"http://127.0.0.1:1/x": pacUnreachable, "http://nowhere.invalid/x": pacUnreachable, "gopher://x": pacMissing, "file:///nowhere": pacMissing,
	} {
		p := openPAC(context.Background(), at)
		if why, err := p.broken(); why != want {
			t.Errorf("%s: %q, %v", at, why, err)
		}
		if p.lost != strings.Contains(at, "invalid") {
			t.Errorf("%s: the name is lost: %t", at, p.lost)
		}
	}
}

func TestSettingByHand(t *testing.T) {
	s := setting{http: "10.0.0.1:8080", https: "10.0.0.1:8081", bypass: []string{"*.school.example", "10.0.0.0/8"}, plainNames: true}
	for at, want := range map[string]string{
		"https://class.example": "http://10.0.0.1:8081", "http://class.example": "http://10.0.0.1:8080",
		"https://desk.school.example": "", "https://10.1.1.1": "", "https://intranet": "",
	} {
		got := ""
		if p := s.manual(address(at)); p != nil {
			got = p.String()
		}
		if got != want {
			t.Errorf("%s goes by %q, want %q", at, got, want)
		}
	}
	if p := (setting{socks: "10.0.0.1:1080"}).manual(address("https://class.example")); p == nil || p.String() != "socks5://10.0.0.1:1080" {
		t.Errorf("by SOCKS: %v", p)
	}
}

// Proxies where programs sign in by themselves demand nothing of a person.
func TestProxySignIn(t *testing.T) {
	for scheme, want := range map[string]bool{`Basic realm="school"`: true, "Negotiate": false, "NTLM": false, "": true} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if name, _, ok := strings.Cut(r.Header.Get("Proxy-Authorization"), " "); ok && name == "Basic" {
				return
			}
			if scheme != "" {
				w.Header().Add("Proxy-Authenticate", scheme)
			}
			w.WriteHeader(http.StatusProxyAuthRequired)
		}))
		t.Cleanup(s.Close)
		u, _ := url.Parse(s.URL)
		if got, said := wantsSignIn(context.Background(), u, "class.example:443"); got != want {
			t.Errorf("%q: %t, %s", scheme, got, said)
		}
		u.User = url.UserPassword("teacher", "secret")
		if got, _ := wantsSignIn(context.Background(), u, "class.example:443"); got {
			t.Errorf("%q: asks although it was told", scheme)
		}
	}
}
