package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sort"
	"strconv"
	"time"
)

// route is a way to everywhere else.
type route struct {
	gateway netip.Addr // not valid: the link itself, as with a modem
	link    string
	metric  int
}

// What the neighbour table says about the router.
const (
	present = "present"
	absent  = "absent" // asked for by ARP, and nobody answered
)

// router is the first step of the way out.
type router struct {
	known     bool // the table of routes could be read
	route     route
	six       bool // there is a way out for IPv6
	answered  bool
	rtt       time.Duration
	neighbour string // present, absent, or empty: not known
}

// silent says that the router is proven to be away. One that keeps its ports
// shut and answers no ping is still present in the neighbour table.
func (r router) silent() bool { return !r.answered && r.neighbour == absent }

func findGateway(ctx context.Context) (func(*picture), error) {
	routes, err := defaultRoutes(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the routes: %w", err)
	}
	sort.SliceStable(routes, func(i, j int) bool { return routes[i].metric < routes[j].metric })
	r := router{known: true}
	for _, x := range routes {
		v6 := x.gateway.Is6()
		r.six = r.six || v6
		if !v6 && r.route.link == "" || v6 && r.route.link == "" && !has4(routes) {
			r.route = x
		}
	}
	if r.route.gateway.IsValid() {
		r.answered, r.rtt, r.neighbour = knock(ctx, r.route.gateway.WithZone(zone(r.route)))
	}
	return func(p *picture) { p.router = r }, nil
}

func has4(routes []route) bool {
	for _, r := range routes {
		if !r.gateway.Is6() {
			return true
		}
	}
	return false
}

func zone(r route) string {
	if r.gateway.Is6() && r.gateway.IsLinkLocalUnicast() {
		return r.link
	}
	return ""
}

// knock asks for any sign of life: a refused port is as good an answer as an
// open one. When none comes, the neighbour table tells absent from reserved.
func knock(ctx context.Context, ip netip.Addr) (answered bool, rtt time.Duration, neighbour string) {
	ctx, cancel := context.WithTimeout(ctx, gatewayLimit)
	defer cancel()
	start := time.Now()
	answers := make(chan bool)
	tries := []func(context.Context, netip.Addr) bool{tcpKnock(53), tcpKnock(80), tcpKnock(443), udpKnock, echo}
	for _, try := range tries {
		go func() {
			select {
			case answers <- try(ctx, ip):
			case <-ctx.Done():
			}
		}()
	}
	for range tries {
		select {
		case ok := <-answers:
			if ok {
				return true, time.Since(start), present
			}
		case <-ctx.Done():
			return false, 0, neighbourState(ip)
		}
	}
	// All ended early without an answer: the system gave up by itself.
	return false, 0, neighbourState(ip)
}

func tcpKnock(port int) func(context.Context, netip.Addr) bool {
	return func(ctx context.Context, ip netip.Addr) bool {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(ip.String(), strconv.Itoa(port)))
		if err == nil {
			c.Close()
			return true
		}
		return refused(err)
	}
}

// udpKnock sends one empty datagram to a port nobody serves; a living
// computer says so by ICMP, which arrives here as "refused".
func udpKnock(ctx context.Context, ip netip.Addr) bool {
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", net.JoinHostPort(ip.String(), "33434"))
	if err != nil {
		return false
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if _, err := c.Write(nil); err != nil {
		return refused(err)
	}
	_, err = c.Read(make([]byte, 1))
	return err == nil || refused(err)
}

// refused says that the other end answered, if only with a no.
func refused(err error) bool {
	return errors.Is(err, connRefused) || errors.Is(err, connReset)
}
