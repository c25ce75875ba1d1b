// Package help is what a person can read when something is wrong:
// code → article → the same article in each language.
package help

import (
	"bytes"
	"embed"
)

//go:embed en/*.md zh/*.md pictures/*.svg
var files embed.FS

// Kind is whom an article is for.
type Kind string

const (
	Guide Kind = "guide" // how to use Raisehand, how to go on teaching
	FAQ   Kind = "faq"   // begins with what a person sees, leads through the causes
	Fault Kind = "fault" // one cause that a check has named
	IT    Kind = "it"    // for those who look after the computers
)

// Entry is one article in a list.
type Entry struct {
	Name  string // "mic-muted": the same in every language
	Kind  Kind
	Title string
}

// articles are all there are, in the order in which a list shows them.
var articles = []struct {
	kind  Kind
	names []string
}{
	{Guide, []string{"first-use", "keep-teaching"}},
	{FAQ, []string{"not-heard", "bad-sound", "no-sound", "no-picture", "stutter", "out-of-step", "echo", "black-share",
		"cannot-enter", "no-network", "slow"}},
	{Fault, []string{"mic-muted", "mic-quiet", "mic-silent", "mic-none", "mic-loose", "mic-denied", "mic-busy",
		"mic-wrong", "mic-other", "mic-profile", "mic-distorted", "mic-hum", "mic-noisy", "sound-hung",
		"speaker-muted", "speaker-none", "speaker-wrong", "speaker-app", "speaker-stuck",
		"camera-none", "camera-black", "camera-denied", "camera-busy", "camera-failed",
		"net-none", "net-address", "net-router", "net-portal", "net-proxy", "net-names", "net-trust", "net-service",
		"net-unsteady", "net-weak", "net-ipv6", "net-detour", "net-large",
		"memory-low", "cpu-busy", "too-hot", "power-saving", "disk-full", "disk-read-only", "restart", "clock-wrong", "battery-low",
		"apps-held", "apps-two-classes", "apps-class-old", "apps-browser-old",
		"screenshot", "request-waiting"}},
	{IT, []string{"it-architecture", "it-network", "it-security", "it-settings", "it-desk", "it-api", "it-console"}},
}

// causes say which article explains a code. Every fault has a line; so have
// some codes that are no faults, where a person would ask all the same.
var causes = map[string]string{
	"mic.muted":        "mic-muted",
	"mic.quiet":        "mic-quiet",
	"mic.volume_low":   "mic-quiet",
	"mic.silent":       "mic-silent",
	"mic.switch":       "mic-silent",
	"mic.none":         "mic-none",
	"mic.not_plugged":  "mic-loose",
	"mic.unplugged":    "mic-loose",
	"mic.no_frames":    "mic-loose",
	"mic.denied":       "mic-denied",
	"mic.busy":         "mic-busy",
	"mic.busy_unknown": "mic-busy",
	"mic.monitor":      "mic-wrong",
	"mic.wrong_one":    "mic-other",
	"mic.profile":      "mic-profile",
	"mic.clipped":      "mic-distorted",
	"mic.dc":           "mic-distorted",
	"mic.hum":          "mic-hum",
	"mic.noisy":        "mic-noisy",
	"mic.no_manager":   "sound-hung",
	"mic.no_pulse":     "sound-hung",
	"voice.not_played": "no-sound",
	"mic.server_hung":  "sound-hung",
	"mic.no_voice":     "not-heard",
	"mic.no_server":    "not-heard",
	"mic.not_measured": "not-heard",

	"speaker.muted":         "speaker-muted",
	"speaker.volume_low":    "speaker-muted",
	"speaker.none":          "speaker-none",
	"speaker.not_plugged":   "speaker-none",
	"speaker.unplugged":     "speaker-none",
	"speaker.wrong_default": "speaker-wrong",
	"speaker.nowhere":       "speaker-wrong",
	"speaker.app_muted":     "speaker-app",
	"speaker.app_elsewhere": "speaker-app",
	"speaker.blocked":       "speaker-stuck",
	"speaker.failed":        "speaker-stuck",
	"speaker.chirp_lost":    "speaker-stuck",
	"speaker.hung":          "sound-hung",
	"speaker.denied":        "sound-hung",
	"speaker.not_heard":     "no-sound",
	"speaker.no_server":     "no-sound",
	"speaker.not_measured":  "no-sound",

	"camera.none":         "camera-none",
	"camera.gone":         "camera-none",
	"camera.black":        "camera-black",
	"camera.denied":       "camera-denied",
	"camera.busy":         "camera-busy",
	"camera.busy_unknown": "camera-busy",
	"camera.failed":       "camera-failed",
	"camera.frozen":       "camera-failed",
	"camera.no_frames":    "camera-failed",
	"camera.unplugged":    "camera-failed",
	"camera.unsupported":  "no-picture",

	"network.no_link":              "net-none",
	"network.wifi_off":             "net-none",
	"network.no_address":           "net-none",
	"network.no_route":             "net-none",
	"network.self_assigned":        "net-address",
	"network.address_conflict":     "net-address",
	"network.gateway_silent":       "net-router",
	"network.no_internet":          "net-router",
	"network.portal":               "net-portal",
	"network.proxy_sign_in":        "net-proxy",
	"network.proxy_broken":         "net-proxy",
	"network.pac":                  "net-proxy",
	"network.dns_dead":             "net-names",
	"network.dns_slow":             "net-names",
	"network.name_unknown":         "net-names",
	"network.dns_lies":             "net-names",
	"network.tls_intercepted":      "net-trust",
	"network.desk_expired":         "net-trust",
	"network.clock_wrong":          "clock-wrong",
	"network.desk_unproven":        "net-trust",
	"network.service_unproven":     "net-trust",
	"network.desk_unreachable":     "request-waiting",
	"network.service_unreachable":  "net-service",
	"network.services_unreachable": "net-service",
	"network.unsteady":             "net-unsteady",
	"network.slow":                 "net-unsteady",
	"network.jittery":              "net-unsteady",
	"network.slow_up":              "net-unsteady",
	"network.slow_down":            "net-unsteady",
	"network.udp_closed":           "net-detour",
	"network.nat_strict":           "net-detour",
	"network.turn_closed":          "net-detour",
	"network.mtu":                  "net-large",
	"network.wifi_weak":            "net-weak",
	"network.ipv6_broken":          "net-ipv6",
	"network.not_measured":         "no-network",

	"system.memory_low":      "memory-low",
	"system.memory_low_many": "memory-low",
	"system.cpu_busy":        "cpu-busy",
	"system.cpu_busy_many":   "cpu-busy",
	"system.disk_full":       "disk-full",
	"system.disk_files":      "disk-full",
	"system.disk_low":        "disk-full",
	"system.clock_wrong":     "clock-wrong",
	"system.battery_low":     "battery-low",
	"system.many_tabs":       "memory-low",
	"system.cpu_busy_system": "cpu-busy",
	"system.cpu_hot":         "too-hot",
	"system.power_saving":    "power-saving",
	"system.disk_read_only":  "disk-read-only",
	"system.restart_pending": "restart",

	"apps.held":        "apps-held",
	"apps.two_classes": "apps-two-classes",
	"apps.class_old":   "apps-class-old",
	"apps.browser_old": "apps-browser-old",

	"screen.denied":     "screenshot",
	"screen.failed":     "screenshot",
	"screen.no_display": "screenshot",
	"screen.wayland":    "screenshot",

	"desk.unreachable":         "request-waiting",
	"desk.not_a_desk":          "request-waiting",
	"desk.scheme_wrong":        "request-waiting",
	"desk.not_set":             "request-waiting",
	"desk.busy":                "request-waiting",
	"desk.key_missing":         "request-waiting",
	"desk.key_wrong":           "request-waiting",
	"desk.key_used_up":         "request-waiting",
	"desk.token_unknown":       "request-waiting",
	"desk.address_wrong":       "request-waiting",
	"desk.certificate_expired": "clock-wrong",
	"desk.certificate_foreign": "request-waiting",
	"desk.certificate_name":    "request-waiting",
	"outbox.full":              "disk-full",
}

// Article names the article that explains a code, "" if there is none.
func Article(code string) string { return causes[code] }

// Text returns an article: its title, and the whole of its Markdown, title
// included. A language that there is not is English; ok is false for a name
// that there is not.
func Text(lang, name string) (title string, markdown []byte, ok bool) {
	if lang != "zh" {
		lang = "en"
	}
	markdown, err := files.ReadFile(lang + "/" + name + ".md")
	if err != nil {
		return "", nil, false
	}
	first, _, _ := bytes.Cut(markdown, []byte("\n"))
	return string(bytes.TrimSpace(bytes.TrimPrefix(first, []byte("# ")))), markdown, true
}

// Picture returns an article's picture, an SVG without words; ok is false for a
// name that there is not.
func Picture(name string) (svg []byte, ok bool) {
	svg, err := files.ReadFile("pictures/" + name)
	return svg, err == nil
}

// List returns every article with its title in a language.
func List(lang string) []Entry {
	var all []Entry
	for _, a := range articles {
		for _, name := range a.names {
			if title, _, ok := Text(lang, name); ok {
				all = append(all, Entry{name, a.kind, title})
			}
		}
	}
	return all
}
