package apps

import (
	"strconv"
	"strings"
)

// version is a program's version as its numbers, the weightiest first. What
// follows the numbers ("-1~deb12u1", " (4680)", "esr") does not count.
type version []int

// readVersion finds the first run of numbers with dots between in text, nil
// if there is none. A Debian epoch ("1:115.6.0") is left out.
func readVersion(text string) version {
	if epoch, rest, ok := strings.Cut(text, ":"); ok {
		if _, err := strconv.Atoi(strings.TrimSpace(epoch)); err == nil {
			text = rest
		}
	}
	from := strings.IndexFunc(text, digit)
	if from < 0 {
		return nil
	}
	text = text[from:]
	if end := strings.IndexFunc(text, func(r rune) bool { return !digit(r) && r != '.' }); end >= 0 {
		text = text[:end]
	}
	var v version
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break // "1..2", or a number that no program has
		}
		v = append(v, n)
	}
	return v
}

func digit(r rune) bool { return '0' <= r && r <= '9' }

// older says whether v comes before w; missing numbers are zeros.
func (v version) older(w version) bool {
	for i := range max(len(v), len(w)) {
		a, b := 0, 0
		if i < len(v) {
			a = v[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return a < b
		}
	}
	return false
}

// shown is how many numbers of a version people are told: a fourth helps
// nobody, and four look like an address on the network.
const shown = 3

func (v version) String() string {
	var parts []string
	for _, n := range v[:min(len(v), shown)] {
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ".")
}

// ownNumbers turns the version of product key into the numbers that its maker
// counts by: on some systems Brave puts Chromium's first.
func ownNumbers(key string, v version) version {
	const chromium = 60 // Chromium was far beyond it when Brave began with 0.5x, and Brave counts 1.x
	if key == "brave" && len(v) > 1 && v[0] >= chromium {
		return v[1:]
	}
	return v
}
