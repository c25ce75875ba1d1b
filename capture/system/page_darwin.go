package system

import "strings"

// page says to which program a process belongs that is only a part of one, and
// whether it draws web pages.
func page(pid int32, name string) (whole string, tab bool) {
	switch {
	case strings.Contains(name, " Helper"):
		whole, _, _ = strings.Cut(name, " Helper")
		return whole, strings.Contains(name, "(Renderer)") && browsers[strings.ToLower(whole)]
	case strings.HasPrefix(name, "com.apple.WebKit.WebContent"):
		return "Safari", true
	case name == "plugin-container":
		return "firefox", true
	}
	return name, false
}
