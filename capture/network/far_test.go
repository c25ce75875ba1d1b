package network

import (
	"testing"
	"time"
)

const msec = time.Millisecond

func TestSpeed(t *testing.T) {
	type moved struct {
		bytes int
		took  time.Duration
	}
	for _, c := range []struct {
		name    string
		rtt     time.Duration
		moved   []moved
		kbps    float64
		atLeast bool
		sure    bool
	}{
		{"nothing", 0, nil, 0, false, false},
		{"quick, near", msec, []moved{{4 << 10, 2 * msec}, {16 << 10, 3 * msec}, {64 << 10, 5 * msec}}, 104858, true, false},
		{"far: the time is the distance's", 120 * msec, []moved{{4 << 10, 121 * msec}, {16 << 10, 245 * msec}}, 535, true, false},
		{"narrow: 200 kbit/s", 10 * msec, []moved{{4 << 10, 174 * msec}, {16 << 10, 675 * msec}}, 200, false, true},
		{"narrow, and the first packets pass faster", msec, []moved{{4 << 10, 60 * msec}, {16 << 10, 657 * msec}}, 200, false, true},
		{"one long one is no proof", msec, []moved{{4 << 10, 700 * msec}}, 47, false, false},
		{"three of 200 kbit/s", 80 * msec, []moved{{4 << 10, 244 * msec}, {4 << 10, 250 * msec}, {4 << 10, 251 * msec}}, 200, false, true},
		{"one held up, the next is quick", msec, []moved{{4 << 10, 300 * msec}, {4 << 10, 3 * msec}}, 10923, true, false},
		{"a network that holds its breath twice", msec, []moved{{4 << 10, 350 * msec}, {4 << 10, 340 * msec}}, 97, false, false},
		{"a full queue: each transfer waits as every packet does", time.Second, []moved{{4 << 10, 1040 * msec}}, 32, true, false},
	} {
		var s speed
		for _, m := range c.moved {
			s.add(m.bytes, m.took, c.rtt)
		}
		if s.kbps != c.kbps || s.atLeast != c.atLeast || s.sure != c.sure {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestATransferThatIsNotOver(t *testing.T) {
	var s speed
	if s.over(4<<10, stuck, msec); !s.sure || !s.atMost || s.kbps != 36 {
		t.Errorf("%+v", s)
	}
	s = speed{}
	if s.over(4<<10, stuck, 700*msec); s.sure {
		t.Errorf("nothing passes sooner here, and it is called narrow: %+v", s)
	}
	s = speed{}
	s.add(4<<10, 230*msec, 10*msec)
	if s.over(16<<10, 600*msec, 10*msec); !s.sure || s.kbps != 149 {
		t.Errorf("a second one that is not over proves the first: %+v", s)
	}
	s = speed{times: 2, kbps: 5000}
	if s.over(256<<10, stuck, msec); s.kbps != 5000 {
		t.Errorf("what was known is gone: %+v", s)
	}
}

func TestExchange(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * msec) }
	// flights are sent 30 ms apart; a negative time is one without an answer.
	flights := func(times ...int) (list []flight) {
		for i, x := range times {
			f := flight{sent: at(30 * i)}
			if x >= 0 {
				f.back = f.sent.Add(time.Duration(x) * msec)
			}
			list = append(list, f)
		}
		return list
	}
	for _, c := range []struct {
		name          string
		list          []flight
		now           time.Time
		decided, lost int
		rtt, jitter   time.Duration
	}{
		{"even", flights(10, 10, 11, 10, 10, 10, 10, 10, 10, 10), at(400), 10, 0, 10 * msec, msec},
		{"one lost", flights(10, 10, -1, 10, 10, 10, 10, 10, 10, 10), at(700), 10, 1, 10 * msec, 0},
		{"still under way", flights(10, 10, 10, 10, 10, 10, 10, 10, 10, -1), at(400), 9, 0, 10 * msec, 0},
		{"in a long queue", flights(100, 300, 500, 700, 900, -1, -1), at(1500), 5, 0, 500 * msec, 800 * msec},
		{"none", flights(-1, -1, -1, -1, -1, -1, -1, -1), at(900), 8, 8, 0, 0},
	} {
		e := exchange{list: c.list}
		r := e.read(c.now)
		if r.decided != c.decided || r.lost != c.lost || r.rtt != c.rtt || r.jitter != c.jitter || r.sent != len(c.list) {
			t.Errorf("%s: %+v", c.name, r)
		}
		if r.shut() != (c.name == "none") {
			t.Errorf("%s: shut %t", c.name, r.shut())
		}
	}
}

func TestRounds(t *testing.T) {
	for bytes, want := range map[int]int{1: 1, 4 << 10: 1, 16 << 10: 2, 64 << 10: 3, 256 << 10: 5} {
		if got := rounds(bytes); got != want {
			t.Errorf("%d bytes take %d rounds, want %d", bytes, got, want)
		}
	}
}
