package network

import (
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"

	"raisehand/capture/report"
)

// Limits are the lines between good and bad. All are settings of the school.
type Limits struct {
	SlowMS     float64 // round trip; above: slow
	DeadMS     float64 // round trip; above: no conversation is possible
	JitterMS   float64 // above: unsteady
	LossPct    float64 // above: unsteady
	DeadPct    float64 // loss; above: no conversation is possible
	SlowDNSMS  float64 // every name took longer: slow to begin anything
	UpKbps     float64 // from here to the desk; below: too little
	DownKbps   float64 // from the desk to here; below: too little
	DeadKbps   float64 // either way; below: no conversation is possible
	WeakDBM    float64 // Wi-Fi signal; below: weak
	GreenRTTMS float64 // up to here nobody notices anything: for the figures only
}

// DefaultLimits are red by the makers of class programs, not merely amber:
// stricter ones call a working class broken.
var DefaultLimits = Limits{
	SlowMS:     400,  // Twilio: bad above 400 ms
	DeadMS:     2000, // BigBlueButton: critical
	JitterMS:   100,  // green is 30 (Teams); red is our own estimate
	LossPct:    5,    // Twilio and Jitsi: bad above 5 %
	DeadPct:    20,   // BigBlueButton: critical
	SlowDNSMS:  1000, // [E]
	UpKbps:     300,  // Vonage: the least for a picture
	DownKbps:   300,  //
	DeadKbps:   60,   // Jitsi: below, no picture; speech with its headers takes 50
	WeakDBM:    -75,  // below, speech over Wi-Fi drops out: −67 is the usual planning value, −75 [E]
	GreenRTTMS: 100,  // Teams
}

func (l Limits) orDefault() Limits {
	or := func(x *float64, d float64) {
		if *x == 0 {
			*x = d
		}
	}
	d := DefaultLimits
	or(&l.SlowMS, d.SlowMS)
	or(&l.DeadMS, d.DeadMS)
	or(&l.JitterMS, d.JitterMS)
	or(&l.LossPct, d.LossPct)
	or(&l.DeadPct, d.DeadPct)
	or(&l.SlowDNSMS, d.SlowDNSMS)
	or(&l.UpKbps, d.UpKbps)
	or(&l.DownKbps, d.DownKbps)
	or(&l.DeadKbps, d.DeadKbps)
	or(&l.WeakDBM, d.WeakDBM)
	or(&l.GreenRTTMS, d.GreenRTTMS)
	return l
}

// leastLost is how many answers must be late before loss is believed: one in
// 25 is as often chance as a bad line.
const leastLost = 2

// picture is all that was seen.
type picture struct {
	desk       *url.URL
	limits     Limits
	links      []link
	linksKnown bool
	radio      radio
	router     router
	dns        resolving
	proxies    []proxy
	talk       talk // with the desk
	services   []service
	pulse      pulse
	far        far
	hole       hole
	six        sixth
	outside    outside
	missing    map[string]any // by part: why it was not measured
	ways
}

// trouble is one thing that is wrong.
type trouble struct {
	code    string
	verdict report.Verdict
	params  map[string]any
}

// judge names the worst trouble; the others stand in Also.
func (p *picture) judge() report.Result {
	all := p.troubles()
	sort.SliceStable(all, func(i, j int) bool {
		return all[i].verdict == report.Fail && all[j].verdict != report.Fail
	})
	r := report.Result{Detail: p.figures()}
	switch {
	case len(all) > 0:
		r.Verdict, r.Code, r.Params = all[0].verdict, all[0].code, all[0].params
	case p.talk.ok() && p.pulse.measured:
		r.Verdict, r.Code, r.Params = report.OK, "network.ok", map[string]any{"ms": ms(p.rtt())}
	case p.talk.ok():
		r.Verdict, r.Code, r.Params = report.OK, "network.ok", map[string]any{"ms": ms(p.talk.first)}
	case p.desk == nil && p.linksKnown:
		r.Verdict, r.Code = report.OK, "network.ok_local"
	default:
		r.Verdict, r.Code = report.Unknown, "network.not_measured"
	}
	for _, t := range all[min(1, len(all)):] {
		r.Also = append(r.Also, report.Fault{Verdict: t.verdict, Code: t.code, Params: t.params})
	}
	return r
}

// reached says that something beyond this computer's own cable answered.
func (p *picture) reached() bool {
	return p.talk.ok() || p.servicesReached() > 0 || p.outside.ok()
}

// met says that somebody stands where the desk should be, if only to say no.
func (p *picture) met() bool {
	switch p.talk.how {
	case shut, elsewhere, badStatus, unproven:
		return true
	}
	return false
}

func (p *picture) servicesReached() (n int) {
	for _, s := range p.services {
		if s.talk.ok() {
			n++
		}
	}
	return n
}

// troubles lists what is wrong, the cause before what follows from it. Nothing
// on the way is a fault while what lies behind it answers.
func (p *picture) troubles() (all []trouble) {
	for _, ask := range []func(*picture) *trouble{
		(*picture).linkTrouble, (*picture).addressTrouble, (*picture).clashTrouble, (*picture).portalTrouble, (*picture).routerTrouble,
		(*picture).proxyTrouble, (*picture).pacTrouble, (*picture).lieTrouble, (*picture).nameTrouble, (*picture).clockTrouble, (*picture).certificateTrouble, (*picture).holeTrouble, (*picture).deskTrouble,
		(*picture).serviceTrouble, (*picture).lossTrouble, (*picture).upTrouble, (*picture).downTrouble, (*picture).slowTrouble, (*picture).jitterTrouble,
		(*picture).udpTrouble,
		(*picture).relayTrouble, (*picture).natTrouble, (*picture).radioTrouble, (*picture).sixTrouble, (*picture).slowNameTrouble,
	} {
		if t := ask(p); t != nil {
			t.code = "network." + t.code
			all = append(all, *t)
		}
	}
	return all
}

func (p *picture) linkTrouble() *trouble {
	if !p.linksKnown || p.reached() || p.met() {
		return nil
	}
	for _, l := range p.links {
		if l.connected && l.kind != tunnel {
			return nil
		}
	}
	if p.radio.off {
		return &trouble{"wifi_off", report.Fail, nil}
	}
	return &trouble{"no_link", report.Fail, nil}
}

func (p *picture) addressTrouble() *trouble {
	if !p.linksKnown || p.reached() || p.met() || p.linkTrouble() != nil {
		return nil
	}
	self := ""
	for _, l := range p.links {
		if l.connected && len(l.usable()) > 0 {
			return nil
		}
		if a, ok := l.selfAssigned(); ok && l.connected {
			self = a.String()
		}
	}
	if self != "" {
		return &trouble{"self_assigned", report.Fail, map[string]any{"address": self}}
	}
	return &trouble{"no_address", report.Fail, nil}
}

// offline says that no link leads anywhere: the desk may be on this very computer.
func (p *picture) offline() bool {
	if !p.linksKnown {
		return false
	}
	for _, l := range p.links {
		if l.connected && len(l.usable()) > 0 {
			return false
		}
	}
	return true
}

// cut says that the trouble lies so near that everything else follows from it.
func (p *picture) cut() bool {
	clash := p.clashTrouble()
	return p.linkTrouble() != nil || p.addressTrouble() != nil || clash != nil && clash.verdict == report.Fail
}

func (p *picture) portalTrouble() *trouble {
	shown := p.outside.portal && (!p.talk.ok() || len(p.services) > 0 && p.servicesReached() == 0)
	// The desk's own plain address led to a page, and nobody proved the way to be open.
	led := p.talk.how == elsewhere && p.desk != nil && p.desk.Scheme == "http" && p.talk.proxy == "" && !p.reached()
	if !shown && !led {
		return nil
	}
	return &trouble{"portal", report.Fail, nil}
}

func (p *picture) routerTrouble() *trouble {
	if !p.router.known || p.reached() || p.cut() {
		return nil
	}
	if p.router.route.link == "" {
		if p.met() {
			return nil // the desk is in this very network, and it was found
		}
		return &trouble{"no_route", report.Fail, nil}
	}
	if p.router.silent() {
		return &trouble{"gateway_silent", report.Fail, map[string]any{"gateway": p.router.route.gateway.String()}}
	}
	return nil
}

// near says that the fault lies before the proxy, the names and the desk.
func (p *picture) near() bool {
	return p.cut() || p.routerTrouble() != nil || p.portalTrouble() != nil
}

func (p *picture) nameTrouble() *trouble {
	if !p.dns.known || p.near() || p.named() || p.lieTrouble() != nil {
		return nil
	}
	var unknown string
	for _, l := range p.dns.lookups {
		if l.err == nil {
			unknown = ""
			break
		}
		if l.unknownName() && unknown == "" {
			unknown = l.name
		}
	}
	switch {
	case p.anyNameFound():
		return nil
	case unknown != "" && len(p.dns.answers) > 0:
		return &trouble{"name_unknown", p.asNeeded(), map[string]any{"name": unknown}}
	case p.upstreamDown():
		return nil
	case len(p.dns.lookups) > 0 && len(p.dns.answers) > 0 && p.reached(): // the first server is dead, and the next one is asked late
		return &trouble{"dns_slow", p.asNeeded(), map[string]any{"seconds": math.Round(p.dns.lookups[0].took.Seconds()*10) / 10}}
	case len(p.dns.lookups) > 0:
		return &trouble{"dns_dead", p.asNeeded(), nil}
	case p.noServerAnswers() && !p.talk.ok() && !p.offline():
		return &trouble{"dns_dead", report.Warn, nil} // nothing of ours needed a name
	}
	return nil
}

// named says that somebody was reached by name: a name that took too long
// elsewhere was lost on the way.
func (p *picture) named() bool {
	by := func(t talk) bool { return t.ok() && t.proxy == "" && t.dns > 0 }
	return by(p.talk) || slices.ContainsFunc(p.services, func(s service) bool { return by(s.talk) })
}

func (p *picture) anyNameFound() bool {
	for _, l := range p.dns.lookups {
		if l.err == nil {
			return true
		}
	}
	return false
}

// asNeeded is Fail when the desk is not reached, Warn when it is all the same.
func (p *picture) asNeeded() report.Verdict {
	if p.talk.ok() {
		return report.Warn
	}
	return report.Fail
}

func (p *picture) noServerAnswers() bool { return len(p.dns.servers) > 0 && len(p.dns.answers) == 0 }

// upstreamDown says that names are not found because nothing beyond the router
// answers: the name server is out there too, or it says itself that it cannot.
func (p *picture) upstreamDown() bool {
	if p.reached() || !p.outside.asked || len(p.dns.lookups) == 0 {
		return false
	}
	if len(p.dns.answers) > 0 {
		return true
	}
	for _, s := range p.dns.servers {
		if s.IsLoopback() || s == p.router.route.gateway || p.neighbour(s) {
			return false
		}
	}
	return len(p.dns.servers) > 0
}

// neighbour says that an address is in this computer's own network, as far as
// the usual sizes of networks tell.
func (p *picture) neighbour(a netip.Addr) bool {
	for _, l := range p.links {
		for _, own := range l.addresses {
			bits := 24
			if own.Is6() {
				bits = 64
			}
			if n, err := own.Prefix(bits); err == nil && n.Contains(a) {
				return true
			}
		}
	}
	return false
}

func (p *picture) certificateTrouble() *trouble {
	if p.near() || p.clockTrouble() != nil {
		return nil
	}
	signed := map[string]int{}
	count := func(host string, t talk) {
		if t.how == unproven && !t.expired && t.issuer != "" && !p.lied(host) {
			signed[t.issuer]++
		}
	}
	if p.desk != nil {
		count(p.desk.Hostname(), p.talk)
	}
	for _, s := range p.services {
		count(s.host, s.talk)
	}
	for issuer, n := range signed {
		if n > 1 { // the same stranger answers for several: he sits in between
			v := report.Warn
			if !p.talk.ok() || p.servicesReached() == 0 {
				v = report.Fail
			}
			return &trouble{"tls_intercepted", v, map[string]any{"issuer": issuer}}
		}
	}
	if p.talk.how != unproven || p.desk != nil && p.lied(p.desk.Hostname()) {
		return nil
	}
	v := report.Warn
	if p.talk.expired {
		return &trouble{"desk_expired", v, nil}
	}
	return &trouble{"desk_unproven", v, map[string]any{"issuer": p.talk.issuer}}
}

// deskTrouble: the desk is away. When the rest of the world is there, a class
// can go on, and that is a warning.
func (p *picture) deskTrouble() *trouble {
	if !p.talk.asked || p.talk.ok() || p.near() || p.talk.how == unproven {
		return nil
	}
	if t := p.proxyTrouble(); t != nil && t.verdict == report.Fail {
		return nil
	}
	if p.nameTrouble() != nil || p.holeTrouble() != nil || p.lied(p.desk.Hostname()) {
		return nil
	}
	if p.talk.how == silence && (p.lossTrouble() != nil || p.slowTrouble() != nil) {
		return nil // the desk is there; the line is too bad to talk
	}
	if p.reached() || p.met() {
		return &trouble{"desk_unreachable", report.Warn, nil}
	}
	if !p.outside.asked && len(p.services) == 0 { // nobody else could be asked: only the desk is known to be away
		return &trouble{"desk_unreachable", report.Warn, nil}
	}
	return &trouble{"no_internet", report.Fail, nil}
}

func (p *picture) serviceTrouble() *trouble {
	if len(p.services) == 0 || p.near() {
		return nil
	}
	away, strange := []string{}, []service{}
	for _, s := range p.services {
		if s.talk.how == unproven && !s.talk.expired && !p.lied(s.host) {
			strange = append(strange, s)
		} else if s.talk.asked && !s.talk.ok() && !p.stuck(s.talk) && !p.lied(s.host) && s.talk.ahead == 0 {
			away = append(away, s.host)
		}
	}
	between := p.certificateTrouble()
	switch {
	case len(away) == 0 && len(strange) > 0 && (between == nil || between.code != "tls_intercepted"):
		return &trouble{"service_unproven", report.Warn, map[string]any{"service": strange[0].host, "issuer": strange[0].talk.issuer}}
	case len(away) == 0:
		return nil
	case len(away) == len(p.services) && len(away) > 1:
		return &trouble{"services_unreachable", report.Warn, nil}
	}
	return &trouble{"service_unreachable", report.Warn, map[string]any{"service": away[0]}}
}

// lossTrouble: packets by UDP are counted one by one; questions over TCP only
// as late ones.
func (p *picture) lossTrouble() *trouble {
	lost, sent, pct := p.pulse.lost, p.pulse.sent, p.pulse.lossPct()
	believed := p.pulse.lossKnown() && lost >= leastLost && pct > p.limits.LossPct
	if u := p.far.udp; u.measured() {
		// Questions alone may have been held up elsewhere; with lost packets beside
		// them they count.
		counted := u.lossPct() > p.limits.LossPct && (u.lost >= leastEcho || u.lost >= leastLost && p.pulse.lost > 0)
		if believed = !p.pulse.here && (counted || believed && u.lost > 0); counted || u.lossPct() > pct {
			lost, sent, pct = u.lost, u.decided, u.lossPct()
		}
	}
	if !believed {
		return nil
	}
	v := report.Warn
	if pct > p.limits.DeadPct {
		v = report.Fail
	}
	return &trouble{"unsteady", v, map[string]any{"lost": lost, "sent": sent}}
}

// rtt is the way there and back: by UDP if it was measured, because an answer
// by HTTPS holds the desk's own time too.
func (p *picture) rtt() time.Duration {
	if p.far.udp.measured() {
		return p.far.udp.rtt
	}
	return p.pulse.rtt
}

func (p *picture) jitter() time.Duration {
	if p.far.udp.measured() {
		return p.far.udp.jitter
	}
	return p.pulse.jitter
}

func (p *picture) slowTrouble() *trouble {
	if connect := ms(p.talk.connect); p.talk.how == silence && p.talk.proxy == "" && connect > p.limits.SlowMS {
		v := report.Warn // too slow even for one answer in our time
		if connect > p.limits.DeadMS {
			v = report.Fail
		}
		return &trouble{"slow", v, map[string]any{"ms": connect}}
	}
	if !p.pulse.measured || p.pulse.here || ms(p.rtt()) <= p.limits.SlowMS {
		return nil
	}
	v := report.Warn
	if ms(p.rtt()) > p.limits.DeadMS {
		v = report.Fail
	}
	return &trouble{"slow", v, map[string]any{"ms": math.Round(ms(p.rtt()))}}
}

func (p *picture) jitterTrouble() *trouble {
	if p.pulse.here || !p.pulse.lossKnown() && !p.far.udp.measured() || ms(p.jitter()) <= p.limits.JitterMS {
		return nil
	}
	return &trouble{"jittery", report.Warn, map[string]any{"ms": math.Round(ms(p.jitter()))}}
}

// holeTrouble: connections begin and then hang, because large packets vanish.
func (p *picture) holeTrouble() *trouble {
	if p.near() || p.far.hole == "" && (p.talk.ok() || !p.hole.proven) {
		return nil
	}
	return &trouble{"mtu", report.Fail, nil}
}

func (p *picture) upTrouble() *trouble {
	return p.narrow("slow_up", p.far.up, p.limits.UpKbps)
}

func (p *picture) downTrouble() *trouble {
	return p.narrow("slow_down", p.far.down, p.limits.DownKbps)
}

// narrow: too little goes through. What was over too soon, or only once, is no
// proof.
func (p *picture) narrow(code string, s speed, need float64) *trouble {
	if !s.sure || s.atLeast || s.kbps >= need {
		return nil
	}
	v := report.Warn
	if s.kbps < p.limits.DeadKbps {
		v = report.Fail
	}
	return &trouble{code, v, map[string]any{"kbps": s.kbps, "need": need}}
}

// udpTrouble: class programs send sound and picture by UDP, and take the
// slower detour by TCP where it does not get out. The silence of the desk's
// port counts only if the port is known to be open.
func (p *picture) udpTrouble() *trouble {
	closed := p.far.udp.shut() && p.far.udp.sure && !p.pulse.here && p.pulse.measured && p.nat.answered == 0
	if !closed && p.udpOnlyFails() == "" {
		return nil
	}
	return &trouble{"udp_closed", report.Warn, nil}
}

// radioTrouble: a weak signal matters only on the link in use.
func (p *picture) radioTrouble() *trouble {
	if p.radio.signalDBM == 0 || p.radio.signalDBM >= p.limits.WeakDBM || p.router.route.link != p.radio.name {
		return nil
	}
	return &trouble{"wifi_weak", report.Warn, nil}
}

func (p *picture) sixTrouble() *trouble {
	if !p.six.measured || !p.six.hole {
		return nil
	}
	return &trouble{"ipv6_broken", report.Warn, nil}
}

// slowNameTrouble: every name that was found took long.
func (p *picture) slowNameTrouble() *trouble {
	quickest := time.Duration(0)
	for _, l := range p.dns.lookups {
		if l.err == nil && (quickest == 0 || l.took < quickest) {
			quickest = l.took
		}
	}
	if ms(quickest) <= p.limits.SlowDNSMS || p.serversQuick() {
		return nil
	}
	return &trouble{"dns_slow", report.Warn, map[string]any{"seconds": math.Round(quickest.Seconds()*10) / 10}}
}

// serversQuick says that every name server answers soon when it is asked
// directly: a name that took long was one lost packet.
func (p *picture) serversQuick() bool {
	for _, s := range p.dns.servers {
		if took, ok := p.dns.answers[s]; !ok || ms(took) > p.limits.SlowDNSMS {
			return false
		}
	}
	return len(p.dns.servers) > 0
}

// ms is a time in milliseconds, with one digit below ten.
func ms(d time.Duration) float64 {
	x := float64(d) / float64(time.Millisecond)
	if x < 10 {
		return math.Round(x*10) / 10
	}
	return math.Round(x)
}

// figures are what a technician needs.
func (p *picture) figures() map[string]any {
	d := map[string]any{}
	put := func(key string, v any, when bool) {
		if when {
			d[key] = v
		}
	}
	var links []string
	for _, l := range p.links {
		state := "off"
		if l.connected {
			state = "on"
		}
		parts := []string{l.name, l.kind, state}
		for _, a := range l.addresses {
			if !a.Is6() || !a.IsLinkLocalUnicast() {
				parts = append(parts, a.String())
			}
		}
		links = append(links, strings.Join(parts, " "))
		put("vpn", l.name, l.kind == tunnel && l.connected && len(l.usable()) > 0)
		_, self := l.selfAssigned()
		put("self_assigned", l.name, l.connected && self)
	}
	put("links", links, len(links) > 0)
	put("signal_dbm", p.radio.signalDBM, p.radio.signalDBM != 0)
	put("wifi_ghz", p.radio.bandGHz, p.radio.bandGHz != 0)
	put("wifi_mbps", p.radio.mbps, p.radio.mbps != 0)
	put("gateway", p.router.route.gateway.String(), p.router.route.gateway.IsValid())
	put("gateway_ms", ms(p.router.rtt), p.router.answered)
	put("gateway_neighbour", p.router.neighbour, p.router.neighbour != "" && !p.router.answered)
	p.nameFigures(put)
	var proxies []string
	for _, x := range p.proxies {
		proxies = append(proxies, x.String())
	}
	put("proxies", proxies, len(proxies) > 0)
	p.deskFigures(put)
	var services []string
	for _, s := range p.services {
		services = append(services, s.host+" "+s.talk.summary())
	}
	put("services", services, len(services) > 0)
	put("ipv6", map[bool]string{true: "no answer", false: "works"}[p.six.hole], p.six.measured)
	p.ways.figures(put)
	put("internet", p.outside.ok(), p.outside.asked)
	put("portal", p.outside.where, p.outside.portal)
	if len(p.missing) > 0 {
		d["not_measured"] = p.missing
	}
	return d
}

func (p *picture) nameFigures(put func(string, any, bool)) {
	var servers []string
	for _, s := range p.dns.servers {
		state := "no answer"
		if took, ok := p.dns.answers[s]; ok {
			state = fmt.Sprintf("%v ms", ms(took))
		}
		servers = append(servers, s.String()+" "+state)
	}
	put("dns_servers", servers, len(servers) > 0)
	put("dns_invents_names", true, p.dns.lying)
	var failed []string
	for _, l := range p.dns.lookups {
		put("dns_ms", ms(l.took), l.err == nil && p.desk != nil && l.name == p.desk.Hostname())
		if l.err != nil {
			failed = append(failed, l.name+": "+l.err.Error())
		}
	}
	put("names_failed", failed, len(failed) > 0)
}

func (p *picture) deskFigures(put func(string, any, bool)) {
	t := p.talk
	put("desk", t.how, t.asked)
	put("desk_address", t.remote, t.remote != "")
	put("desk_proxy", t.proxy, t.proxy != "")
	put("connect_ms", ms(t.connect), t.connect > 0)
	put("tls_ms", ms(t.tls), t.tls > 0)
	put("answer_ms", ms(t.first), t.first > 0)
	put("issuer", t.issuer, t.issuer != "")
	put("clock_ahead_h", math.Round(t.ahead.Hours()), t.ahead != 0)
	if t.asked && !t.ok() {
		put("status", t.status, t.status != 0)
		put("sent_to", t.where, t.where != "")
		if t.err != nil {
			put("error", t.err.Error(), true)
		}
	}
	q := p.pulse
	if q.measured {
		put("rtt_ms", ms(q.rtt), true)
		put("rtt_least_ms", ms(q.quickest), true)
		put("jitter_ms", ms(q.jitter), true)
		put("loss_pct", math.Round(q.lossPct()), true)
		put("questions", q.sent, true)
		put("questions_late", q.lost, true)
		p.farFigures(put)
		put("grade", map[bool]string{true: "green", false: "amber"}[ms(p.rtt()) < p.limits.GreenRTTMS && q.lost == 0 && p.far.udp.lost == 0], true)
	}
}

func (p *picture) farFigures(put func(string, any, bool)) {
	u := p.far.udp
	state := "open"
	switch {
	case u.shut() && u.sure:
		state = silence
	case u.shut():
		state = "no answer; nobody has come through yet, perhaps the desk's port is closed"
	}
	put("udp", state, u.tried)
	put("udp_packets", u.decided, u.tried)
	if u.measured() {
		put("udp_rtt_ms", ms(u.rtt), true)
		put("udp_jitter_ms", ms(u.jitter), true)
		put("udp_loss_pct", math.Round(u.lossPct()), true)
		put("udp_lost_up", u.lostUp, u.lost > 0 && u.lostUp >= 0)
		put("udp_lost_down", u.lost-u.lostUp, u.lost > 0 && u.lostUp >= 0)
	}
	for way, s := range map[string]speed{"up": p.far.up, "down": p.far.down} {
		put(way+"_kbps", s.kbps, s.kbps > 0)
		put(way+"_is", s.bound(), s.kbps > 0 && s.bound() != "")
	}
	put("large_packets_vanish", p.far.hole, p.far.hole != "")
}

// bound says what the figure is, if it is not the speed itself.
func (s speed) bound() string {
	switch {
	case s.atMost:
		return "at most"
	case s.atLeast:
		return "at least"
	}
	return ""
}

func (t talk) summary() string {
	if t.ok() {
		return fmt.Sprintf("%v ms", ms(t.dns+t.connect+t.tls+t.first))
	}
	if t.err != nil {
		return t.how + ": " + t.err.Error()
	}
	return t.how
}
