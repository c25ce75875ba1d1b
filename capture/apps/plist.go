package apps

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// plistText is the text behind a key of a property list in XML, "" if there
// is none.
func plistText(raw []byte, key string) string {
	for pair := range pairs(raw) {
		if pair.key == key {
			return pair.text
		}
	}
	return ""
}

// handlerOf is the program that macOS starts for a kind of address, by its
// identifier. Within one handler the keys stand in the order of the alphabet:
// the program before the kind of address.
func handlerOf(raw []byte, scheme string) string {
	program := ""
	for pair := range pairs(raw) {
		switch pair.key {
		case "LSHandlerRoleAll":
			program = pair.text
		case "LSHandlerURLScheme":
			if pair.text == scheme {
				return program
			}
			program = ""
		}
	}
	return ""
}

type pair struct{ key, text string }

// pairs are the keys of a property list with the texts behind them, in the
// order of the file, at whatever depth.
func pairs(raw []byte) func(func(pair) bool) {
	return func(yield func(pair) bool) {
		d := xml.NewDecoder(bytes.NewReader(raw))
		d.Strict = false
		key := ""
		for {
			token, err := d.Token()
			if err != nil {
				return
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			switch start.Name.Local {
			case "key", "string":
				var text string
				if d.DecodeElement(&text, &start) != nil {
					return
				}
				text = strings.TrimSpace(text)
				if start.Name.Local == "key" {
					key = text
				} else if !yield(pair{key, text}) {
					return
				}
			case "dict", "array", "plist":
			default:
				key = ""
			}
		}
	}
}
