package network

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func readRadio(context.Context) (r radio, err error) {
	r.off = switchedOff()
	cards, _ := filepath.Glob(filepath.Join(netDir, "*", "phy80211"))
	if len(cards) == 0 {
		return oldSignal(r) // a driver without today's interface, or no Wi-Fi at all
	}
	if r.off {
		return r, nil
	}
	w, err := openWiphy()
	if err != nil {
		if old, fail := oldSignal(r); fail == nil && old.name != "" {
			return old, nil
		}
		return r, fmt.Errorf("read the Wi-Fi's signal: %w", err)
	}
	defer w.close()
	for _, card := range cards {
		name := filepath.Base(filepath.Dir(card))
		index, err := strconv.Atoi(oneLine(filepath.Join(netDir, name), "ifindex"))
		if err != nil {
			continue
		}
		if got, err := w.read(index); err == nil && got.signalDBM != 0 {
			got.name = name
			return got, nil
		}
	}
	return r, nil // not connected
}

// switchedOff says that every Wi-Fi of this computer is switched off.
func switchedOff() bool {
	switches, _ := filepath.Glob(filepath.Join(rfkillDir, "rfkill*"))
	on, off := false, false
	for _, dir := range switches {
		if oneLine(dir, "type") != "wlan" {
			continue
		}
		if oneLine(dir, "soft") == "1" || oneLine(dir, "hard") == "1" {
			off = true
		} else {
			on = true
		}
	}
	return off && !on
}

// oldSignal reads the table that kernels had before nl80211.
func oldSignal(r radio) (radio, error) {
	f, err := os.Open(radioTable)
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read the Wi-Fi's signal: %w", err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		name, rest, ok := strings.Cut(s.Text(), ":")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 3 {
			continue
		}
		// status, link quality, level; a driver without a scale of its own writes dBm
		if level, err := strconv.ParseFloat(strings.TrimSuffix(fields[2], "."), 64); err == nil && level < 0 {
			r.name, r.signalDBM = strings.TrimSpace(name), level
		}
	}
	return r, nil
}

// Numbers of the kernel's generic netlink and of nl80211, from genetlink.h and
// nl80211.h.
const (
	ctrlFamily, ctrlGetFamily           = 0x10, 3
	ctrlAttrFamilyID, ctrlAttrFamily    = 1, 2
	wiphyGetInterface, wiphyGetStation  = 5, 17
	attrIndex, attrStation, attrFreqMHz = 3, 21, 38
	stationSignal, stationSending       = 7, 8
	rate16, rate32                      = 1, 5 // of 100 kbit/s
)

// wiphy is a conversation with the kernel about Wi-Fi, which anybody may have.
type wiphy struct {
	fd     int
	family uint16
}

func openWiphy() (*wiphy, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
	if err != nil {
		return nil, err
	}
	w := &wiphy{fd: fd}
	wait := unix.NsecToTimeval(int64(300 * time.Millisecond))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		w.close()
		return nil, err
	}
	w.family = ctrlFamily
	answers, err := w.ask(ctrlGetFamily, 0, attribute(ctrlAttrFamily, append([]byte("nl80211"), 0)))
	if err != nil {
		w.close()
		return nil, err
	}
	for _, a := range answers {
		if id := attributes(a)[ctrlAttrFamilyID]; len(id) >= 2 {
			w.family = binary.NativeEndian.Uint16(id)
			return w, nil
		}
	}
	w.close()
	return nil, errors.ErrUnsupported
}

func (w *wiphy) close() { unix.Close(w.fd) }

// read asks what one card is connected by.
func (w *wiphy) read(index int) (r radio, err error) {
	card := attribute(attrIndex, binary.NativeEndian.AppendUint32(nil, uint32(index)))
	about, err := w.ask(wiphyGetInterface, 0, card)
	if err != nil {
		return r, err
	}
	stations, err := w.ask(wiphyGetStation, unix.NLM_F_DUMP, card)
	if err != nil {
		return r, err
	}
	return readWiphy(about, stations), nil
}

func readWiphy(about, stations [][]byte) (r radio) {
	for _, a := range about {
		if f := attributes(a)[attrFreqMHz]; len(f) >= 4 {
			r.bandGHz = band(int(binary.NativeEndian.Uint32(f)))
		}
	}
	for _, s := range stations {
		info := attributes(attributes(s)[attrStation])
		if level := info[stationSignal]; len(level) > 0 {
			r.signalDBM = float64(int8(level[0]))
		}
		rate := attributes(info[stationSending])
		if v := rate[rate32]; len(v) >= 4 {
			r.mbps = float64(binary.NativeEndian.Uint32(v)) / 10
		} else if v := rate[rate16]; len(v) >= 2 {
			r.mbps = float64(binary.NativeEndian.Uint16(v)) / 10
		}
	}
	return r
}

// ask sends one question and returns the attributes of each answer.
func (w *wiphy) ask(command byte, flags uint16, more []byte) (answers [][]byte, err error) {
	const head = unix.NLMSG_HDRLEN
	m := make([]byte, head, head+4+len(more))
	m = append(append(m, command, 1, 0, 0), more...)
	binary.NativeEndian.PutUint32(m, uint32(len(m)))
	binary.NativeEndian.PutUint16(m[4:], w.family)
	binary.NativeEndian.PutUint16(m[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	if err := unix.Sendto(w.fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	buf := make([]byte, 32<<10)
	for {
		n, _, err := unix.Recvfrom(w.fd, buf, 0)
		if err != nil {
			return nil, err
		}
		for rest := buf[:n]; len(rest) >= head; {
			size := int(binary.NativeEndian.Uint32(rest))
			if size < head || size > len(rest) {
				break
			}
			one := rest[head:size]
			switch binary.NativeEndian.Uint16(rest[4:]) {
			case unix.NLMSG_DONE:
				return answers, nil
			case unix.NLMSG_ERROR:
				if len(one) < 4 {
					return nil, errors.ErrUnsupported
				}
				if code := int32(binary.NativeEndian.Uint32(one)); code != 0 {
					return nil, unix.Errno(-code)
				}
				return answers, nil
			default:
				if len(one) >= 4 {
					answers = append(answers, append([]byte{}, one[4:]...))
				}
			}
			rest = rest[min(len(rest), (size+3)&^3):]
		}
	}
}

// attribute is length, kind and value, filled up to four bytes.
func attribute(kind uint16, value []byte) []byte {
	a := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	a = append(binary.NativeEndian.AppendUint16(a, kind), value...)
	for len(a)%4 != 0 {
		a = append(a, 0)
	}
	return a
}

func attributes(raw []byte) map[int][]byte {
	m := map[int][]byte{}
	for len(raw) >= 4 {
		size := int(binary.NativeEndian.Uint16(raw))
		if size < 4 || size > len(raw) {
			break
		}
		m[int(binary.NativeEndian.Uint16(raw[2:])&^0xc000)] = raw[4:size] // without the flags "nested" and "in network order"
		raw = raw[min(len(raw), (size+3)&^3):]
	}
	return m
}
