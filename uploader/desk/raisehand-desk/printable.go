package main

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unseen says whether a character steers a terminal or a page rather than
// being read: controls, line ends, and the format characters that turn the
// writing direction or show nothing. The joiners stay, some scripts need them.
func unseen(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != nonJoiner && r != joiner
}

// plain says whether all of a text can be read.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unseen)
}

// printable is a text as a terminal may have it: what cannot be seen is spelled
// out. Line ends and tabs stay, the program's own words have them.
func printable(text string) string {
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if r == '\n' || r == '\t' || !unseen(r) {
			out.WriteRune(r)
			continue
		}
		spelled := strconv.QuoteRuneToASCII(r)
		out.WriteString(spelled[1 : len(spelled)-1])
	}
	return out.String()
}
