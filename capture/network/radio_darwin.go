package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// readRadio asks whether Wi-Fi is switched on, and the system's own report for
// the signal, which takes a second or two: what is late is not known.
func readRadio(ctx context.Context) (r radio, err error) {
	card := ""
	for name, port := range ports() {
		if port == "Wi-Fi" {
			card = name
		}
	}
	if card == "" {
		return r, nil
	}
	if out, err := exec.CommandContext(ctx, "/usr/sbin/networksetup", "-getairportpower", card).Output(); err == nil && strings.HasSuffix(strings.TrimSpace(string(out)), ": Off") {
		return radio{off: true}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2500*time.Millisecond)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/sbin/system_profiler", "-json", "-detailLevel", "basic", "SPAirPortDataType").Output()
	if err != nil {
		return r, fmt.Errorf("read the Wi-Fi's signal: %w", errors.Join(errors.ErrUnsupported, err))
	}
	var said struct {
		Kind []struct {
			Cards []struct {
				Name string `json:"_name"`
				Now  struct {
					Channel string  `json:"spairport_network_channel"` // "36 (5GHz, 80MHz)"
					Signal  string  `json:"spairport_signal_noise"`    // "-55 dBm / -92 dBm"
					Rate    float64 `json:"spairport_network_rate"`
				} `json:"spairport_current_network_information"`
			} `json:"spairport_airport_interfaces"`
		} `json:"SPAirPortDataType"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return r, fmt.Errorf("read the Wi-Fi's signal: %w", err)
	}
	for _, k := range said.Kind {
		for _, c := range k.Cards {
			level, _, _ := strings.Cut(c.Now.Signal, " ")
			if n, err := strconv.ParseFloat(level, 64); err == nil && c.Name == card {
				r = radio{name: card, signalDBM: n, mbps: c.Now.Rate}
				for text, ghz := range map[string]float64{"2GHz": 2.4, "5GHz": 5, "6GHz": 6} {
					if strings.Contains(c.Now.Channel, text) {
						r.bandGHz = ghz
					}
				}
			}
		}
	}
	return r, nil
}
