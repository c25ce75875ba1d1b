package mic

import (
	"math"
	"testing"
)

// buzz is a mains hum with odd and even overtones, its level in dBFS.
func buzz(hz, dbfs float64) func(float64) float64 {
	a := amplitude(dbfs) * math.Sqrt2 / math.Sqrt(1+.25+.16+.04)
	return func(t float64) float64 {
		w := 2 * math.Pi * hz * t
		return a * (math.Sin(w) + 0.5*math.Sin(2*w+1) + 0.4*math.Sin(3*w+2) + 0.2*math.Sin(5*w))
	}
}

func sum(all ...func(float64) float64) func(float64) float64 {
	return func(t float64) float64 {
		x := 0.0
		for _, f := range all {
			x += f(t)
		}
		return max(-1, min(1, x)) // as every converter does
	}
}

func gained(db float64, f func(float64) float64) func(float64) float64 {
	return func(t float64) float64 { return amplitude(db) * f(t) }
}

func constant(x float64) func(float64) float64 { return func(float64) float64 { return x } }

// chord is held tones, each swelling slowly as instruments do not quite avoid.
func chord(dbfs float64, hz ...float64) func(float64) float64 {
	return func(t float64) float64 {
		x := 0.0
		for _, f := range hz {
			x += math.Sin(2 * math.Pi * f * t)
		}
		return amplitude(dbfs) * math.Sqrt2 / math.Sqrt(float64(len(hz))) * x
	}
}

// TestEachFlawHasItsName, and what is no flaw has none.
func TestEachFlawHasItsName(t *testing.T) {
	quietly, room := gained(-20, chatter), noise(-60)
	once := func(t float64) float64 { // a knock: a tenth of a second at the rail
		if t > 1.3 && t < 1.4 {
			return 5
		}
		return 0
	}
	gust := func(t float64) float64 { return 0.2 * math.Sin(2*math.Pi*1.3*t) }
	for _, c := range []struct {
		name  string
		sound func(float64) float64
		want  string
	}{
		{"a good voice", sum(chatter, room), ""},
		{"a soft voice in a quiet room", sum(gained(-14, chatter), noise(-70)), ""},
		{"a fan behind the voice", sum(chatter, noise(-42)), ""},
		{"a loud voice", sum(gained(3, chatter), room), ""},
		{"a very soft voice", sum(gained(-25, chatter), noise(-75)), "mic.quiet"},
		{"a storm", noise(-25), "mic.noisy"},
		{"an overdriven voice", sum(gained(26, chatter), room), "mic.clipped"},
		{"a knock", sum(chatter, room, once), ""},
		{"a hum of 50 Hz", sum(chatter, room, buzz(50, -30)), "mic.hum"},
		{"a hum of 60 Hz", sum(chatter, room, buzz(60, -30)), "mic.hum"},
		{"a hum of 50.2 Hz", sum(chatter, room, buzz(50.2, -30)), "mic.hum"},
		{"100 Hz from a rectifier", sum(room, chord(-35, 100, 200)), "mic.hum"},
		{"a hum and nobody speaks", sum(room, buzz(50, -30)), "mic.hum"},
		{"a hum nobody notices", sum(chatter, room, buzz(50, -55)), ""},
		{"a hum far below a loud voice", sum(gained(3, chatter), room, buzz(50, -46)), ""},
		{"a hum under a soft voice", sum(quietly, noise(-75), buzz(60, -46)), "mic.hum"},
		{"an offset", sum(chatter, room, constant(0.03)), "mic.dc"},
		{"an offset and nobody speaks", sum(room, constant(-0.03)), "mic.dc"},
		{"an offset that makes it clip", sum(gained(12, chatter), constant(0.6)), "mic.dc"},
		{"a little offset", sum(chatter, room, constant(0.004)), ""},
		{"wind", sum(chatter, room, gust), ""},
		{"a bass: G and D", sum(chatter, room, chord(-25, 49, 73.4, 98)), ""},
		{"an organ: B, and B above", sum(chatter, room, chord(-25, 61.7, 123.5, 185)), ""},
		{"a rumble", sum(chatter, room, rumble(-30)), ""},
		{"a room, nobody speaks", room, ""},
		{"digital silence", constant(0), ""},
	} {
		v := &voice{}
		hear(v, seconds(3, c.sound))
		hum, hz := v.flaws.hum()
		if got := v.flaw(); got != c.want {
			t.Errorf("%s: got %q, want %q; proven %v, speech %.1f, floor %.1f dBFS, hum %.1f at %.0f Hz, clipped %.3f %%, dc %.4f",
				c.name, got, c.want, v.proven(), v.speech(), v.floor(), hum, hz, v.flaws.clippedPct(), v.flaws.dc())
		}
	}
}

// rumble is noise of the lowest frequencies, as of a lorry or an air conditioner.
func rumble(dbfs float64) func(float64) float64 {
	source, y := noise(dbfs+14), 0.0
	return func(t float64) float64 {
		y += 0.04 * (source(t) - y)
		return y
	}
}
