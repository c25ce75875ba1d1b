package network

import (
	"context"
	"errors"
	"net/netip"
	"sort"
	"strings"
	"time"

	"github.com/robertkrimen/otto"
)

// later are methods of texts and lists that came after 2009 and that PAC
// files use all the same.
const later = `
String.prototype.startsWith = function (s, at) { at = at || 0; return this.substr(at, s.length) === s; };
String.prototype.endsWith = function (s) { return this.length >= s.length && this.substr(this.length - s.length) === s; };
String.prototype.includes = function (s) { return this.indexOf(s) !== -1; };
Array.prototype.includes = function (x) { return this.indexOf(x) !== -1; };
Array.prototype.find = function (f) { for (var i = 0; i < this.length; i++) { if (f(this[i], i, this)) { return this[i]; } } };
`

// helpers are the functions that every browser gives to a PAC file, by their
// names of 1996, and Microsoft's for IPv6.
func (p *pacFile) helpers(ctx context.Context, vm *otto.Otto) error {
	find := func(host string) []netip.Addr {
		if a, err := netip.ParseAddr(host); err == nil {
			return []netip.Addr{a}
		}
		var list []netip.Addr
		for _, a := range p.look(ctx, host) {
			list = append(list, a.Unmap())
		}
		return list
	}
	four := func(host string) (string, bool) {
		for _, a := range find(host) {
			if a.Is4() {
				return a.String(), true
			}
		}
		return "", false
	}
	give := func(f func(arg []string) any) func(otto.FunctionCall) otto.Value {
		return func(call otto.FunctionCall) otto.Value {
			arg := make([]string, 8)
			for i := range arg {
				if v := call.Argument(i); v.IsDefined() {
					arg[i] = v.String()
				}
			}
			v, err := otto.ToValue(f(arg[:max(len(call.ArgumentList), 4)]))
			if err != nil {
				return otto.UndefinedValue()
			}
			return v
		}
	}
	functions := map[string]func([]string) any{
		"isPlainHostName":     func(a []string) any { return !strings.Contains(a[0], ".") },
		"dnsDomainIs":         func(a []string) any { return strings.HasSuffix(strings.ToLower(a[0]), strings.ToLower(a[1])) },
		"localHostOrDomainIs": func(a []string) any { return a[0] == a[1] || strings.HasPrefix(a[1], a[0]+".") },
		"isResolvable":        func(a []string) any { _, ok := four(a[0]); return ok },
		"isResolvableEx":      func(a []string) any { return len(find(a[0])) > 0 },
		"dnsResolve": func(a []string) any {
			if s, ok := four(a[0]); ok {
				return s
			}
			return otto.NullValue()
		},
		"dnsResolveEx": func(a []string) any { return joined(find(a[0])) },
		"isInNet": func(a []string) any {
			s, _ := four(a[0])
			return inNet(s, a[1], a[2])
		},
		"isInNetEx": func(a []string) any {
			n, err := netip.ParsePrefix(a[1])
			at, err2 := netip.ParseAddr(a[0])
			return err == nil && err2 == nil && n.Contains(at)
		},
		"myIpAddress": func([]string) any {
			if own := p.own(); own.IsValid() {
				return own.String()
			}
			return "127.0.0.1"
		},
		"myIpAddressEx":     func([]string) any { return joined([]netip.Addr{p.own()}) },
		"sortIpAddressList": func(a []string) any { return sorted(a[0]) },
		"dnsDomainLevels":   func(a []string) any { return strings.Count(a[0], ".") },
		"convert_addr": func(a []string) any {
			if at, err := netip.ParseAddr(a[0]); err == nil && at.Is4() {
				b := at.As4()
				return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
			}
			return 0
		},
		"shExpMatch":   func(a []string) any { return shellMatch(a[0], a[1]) },
		"weekdayRange": func(a []string) any { return weekdays(p.now(), a) },
		"dateRange":    func(a []string) any { return dates(p.now(), a) },
		"timeRange":    func(a []string) any { return times(p.now(), a) },
		"alert":        func([]string) any { return nil },
	}
	var errs []error
	for name, f := range functions {
		errs = append(errs, vm.Set(name, give(f)))
	}
	_, err := vm.Run(later)
	return errors.Join(append(errs, err)...)
}

func joined(list []netip.Addr) string {
	var texts []string
	for _, a := range list {
		if a.IsValid() {
			texts = append(texts, a.String())
		}
	}
	return strings.Join(texts, ";")
}

func sorted(text string) string {
	var list []netip.Addr
	for _, s := range strings.Split(text, ";") {
		if a, err := netip.ParseAddr(strings.TrimSpace(s)); err == nil {
			list = append(list, a)
		}
	}
	sort.Slice(list, func(i, j int) bool { // IPv6 first
		if list[i].Is4() != list[j].Is4() {
			return list[j].Is4()
		}
		return list[i].Less(list[j])
	})
	return joined(list)
}

func inNet(host, net, mask string) bool {
	h, err := netip.ParseAddr(host)
	n, err2 := netip.ParseAddr(net)
	m, err3 := netip.ParseAddr(mask)
	if err != nil || err2 != nil || err3 != nil || !h.Is4() || !n.Is4() || !m.Is4() {
		return false
	}
	a, b, c := h.As4(), n.As4(), m.As4()
	for i := range a {
		if a[i]&c[i] != b[i]&c[i] {
			return false
		}
	}
	return true
}

// shellMatch knows * and ?.
func shellMatch(s, pattern string) bool {
	at, star, mark := 0, -1, 0
	i := 0
	for i < len(s) {
		switch {
		case at < len(pattern) && (pattern[at] == '?' || pattern[at] == s[i]) && pattern[at] != '*':
			i++
			at++
		case at < len(pattern) && pattern[at] == '*':
			star, mark = at, i
			at++
		case star >= 0:
			mark++
			at, i = star+1, mark
		default:
			return false
		}
	}
	for at < len(pattern) && pattern[at] == '*' {
		at++
	}
	return at == len(pattern)
}

// zoned takes a last argument "GMT" away.
func zoned(now time.Time, a []string) (time.Time, []string) {
	for len(a) > 0 && a[len(a)-1] == "" {
		a = a[:len(a)-1]
	}
	if len(a) > 0 && strings.EqualFold(a[len(a)-1], "GMT") {
		return now.UTC(), a[:len(a)-1]
	}
	return now, a
}

// between says whether x lies in a range that may go over its end, as
// Friday to Monday does.
func between(x, from, to int) bool {
	if from <= to {
		return x >= from && x <= to
	}
	return x >= from || x <= to
}

func index(list, name string) int {
	i := strings.Index(list, strings.ToUpper(name))
	if len(name) != 3 || i < 0 || i%3 != 0 {
		return -1
	}
	return i / 3
}

const (
	dayNames   = "SUNMONTUEWEDTHUFRISAT"
	monthNames = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
)

func weekdays(now time.Time, a []string) bool {
	now, a = zoned(now, a)
	if len(a) == 0 || index(dayNames, a[0]) < 0 {
		return false
	}
	from, to := index(dayNames, a[0]), index(dayNames, a[0])
	if len(a) > 1 {
		if to = index(dayNames, a[1]); to < 0 {
			return false
		}
	}
	return between(int(now.Weekday()), from, to)
}

// dates knows days, months and years, one of each or a range of each.
func dates(now time.Time, a []string) bool {
	now, a = zoned(now, a)
	if len(a) == 0 {
		return false
	}
	half := len(a) / 2
	from, to := a, a
	if len(a) > 1 && len(a)%2 == 0 && unit(a[0]) == unit(a[half]) {
		from, to = a[:half], a[half:]
	}
	low, okLow := stamp(now, from)
	high, okHigh := stamp(now, to)
	return okLow && okHigh && between(stampNow(now, from), low, high)
}

func unit(s string) string {
	n, isNumber := number(s)
	switch {
	case !isNumber:
		return "month"
	case n > 31:
		return "year"
	}
	return "day"
}

// stamp makes one comparable number of the units that are named.
func stamp(now time.Time, a []string) (int, bool) {
	year, month, day := 0, 0, 0
	for _, s := range a {
		n, _ := number(s)
		switch unit(s) {
		case "day":
			day = n
		case "month":
			if month = index(monthNames, s) + 1; month == 0 {
				return 0, false
			}
		case "year":
			year = n
		}
	}
	return year*10000 + month*100 + day, true
}

// stampNow is the same of now, with no more units than are named.
func stampNow(now time.Time, a []string) (n int) {
	for _, s := range a {
		switch unit(s) {
		case "day":
			n += now.Day()
		case "month":
			n += int(now.Month()) * 100
		case "year":
			n += now.Year() * 10000
		}
	}
	return n
}

func number(s string) (n int, ok bool) {
	if s == "" {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// times knows an hour, hours, hours with minutes, and those with seconds.
func times(now time.Time, a []string) bool {
	now, a = zoned(now, a)
	var n []int
	for _, s := range a {
		x, ok := number(s)
		if !ok {
			return false
		}
		n = append(n, x)
	}
	seconds := now.Hour()*3600 + now.Minute()*60 + now.Second()
	switch len(n) {
	case 1:
		return now.Hour() == n[0]
	case 2: // the last hour, or minute, is part of it
		return between(now.Hour(), n[0], n[1])
	case 4:
		return between(seconds, n[0]*3600+n[1]*60, n[2]*3600+n[3]*60+59)
	case 6:
		return between(seconds, n[0]*3600+n[1]*60+n[2], n[3]*3600+n[4]*60+n[5])
	}
	return false
}
