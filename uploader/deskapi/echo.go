package deskapi

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Limits of a measurement. The desk allows no more, the app asks for less.
const (
	EchoPackets  = 128               // small packets answered for one token
	EchoTransfer = 640 << 10         // bytes each way for one token
	EchoTime     = 30 * time.Second  // a token's life
	EchoHeader   = "Raisehand-Echo"  // carries the token
	MaxPacket    = 1472              // bytes of a UDP packet, in 1500 with its headers
	MinPacket    = echoHead          // a shorter one is not answered
	echoToken    = 16                // bytes
	echoHead     = echoToken + 4 + 4 // token, number, how many had arrived
)

// Echo is leave to measure the way to the desk.
//
// A packet to UDPPort is the token, the packet's number (from 0, big endian, 4
// bytes), 4 bytes of zero, and anything else. The answer is as long as the
// packet and begins the same, but for the last 4 bytes of the head: how many
// different packets with this token had arrived by then.
type Echo struct {
	ServerTime    time.Time `json:"server_time"`
	Token         []byte    `json:"token"`          // 16 bytes, base64
	UDPPort       int       `json:"udp_port"`       // of the host that was asked; 0: no UDP here
	UDPSure       bool      `json:"udp_sure"`       // the port is open to the outside: somebody has come through, or it was promised
	Packets       int       `json:"packets"`        // so many are answered
	PacketBytes   int       `json:"packet_bytes"`   // the longest that is
	TransferBytes int       `json:"transfer_bytes"` // so many are taken, and so many given
}

// EchoCount is what has arrived at the desk.
type EchoCount struct {
	Packets int `json:"packets"` // different ones
	Bytes   int `json:"bytes"`   // by POST
}

// Packet is packet number n, size bytes long.
func (e Echo) Packet(n, size int) []byte {
	b := make([]byte, max(size, echoHead))
	copy(b, e.Token)
	binary.BigEndian.PutUint32(b[echoToken:], uint32(n))
	return b
}

// Answer reads what came back: which packet it answers, and how many had
// arrived by then. ok is false for what is no answer to this token.
func (e Echo) Answer(raw []byte) (n, arrived int, ok bool) {
	token, n, ok := ReadPacket(raw)
	if !ok || string(token[:]) != string(e.Token) {
		return 0, 0, false
	}
	return n, int(binary.BigEndian.Uint32(raw[echoToken+4:])), true
}

// ReadPacket is the desk's reading of a packet.
func ReadPacket(raw []byte) (token [echoToken]byte, n int, ok bool) {
	if len(raw) < echoHead || len(raw) > MaxPacket {
		return token, 0, false
	}
	copy(token[:], raw)
	return token, int(binary.BigEndian.Uint32(raw[echoToken:])), true
}

// AnswerPacket turns a packet into its answer, in place.
func AnswerPacket(raw []byte, arrived int) {
	binary.BigEndian.PutUint32(raw[echoToken+4:], uint32(arrived))
}

// Meeting is one leave to measure a desk, with the way there.
type Meeting struct {
	echo Echo
	base string
	desk *Client
}

// Meet asks the desk at base for leave to measure, by the client handed in.
func Meet(ctx context.Context, base string, by *http.Client) (*Meeting, error) {
	c := &Client{Base: base, HTTP: by}
	e, err := c.OpenEcho(ctx)
	if err != nil {
		return nil, err
	}
	return &Meeting{e, base, c}, nil
}

// Port is where the desk answers packets by UDP, 0 if nowhere. sure says that
// it is open to the outside.
func (m *Meeting) Port() (port int, sure bool) { return m.echo.UDPPort, m.echo.UDPSure }

// Packet is packet number n, size bytes long.
func (m *Meeting) Packet(n, size int) []byte { return m.echo.Packet(n, size) }

// Answer reads which packet was answered.
func (m *Meeting) Answer(raw []byte) (n int, ok bool) {
	n, _, ok = m.echo.Answer(raw)
	return n, ok
}

// Arrived says how many different packets have reached the desk.
func (m *Meeting) Arrived(ctx context.Context) (int, error) {
	n, err := m.desk.CountEcho(ctx, m.echo)
	return n.Packets, err
}

// Send returns when the desk has n bytes.
func (m *Meeting) Send(ctx context.Context, by *http.Client, n int) error {
	return (&Client{Base: m.base, HTTP: by}).SendEcho(ctx, m.echo, n)
}

// Fetch returns when n bytes are here.
func (m *Meeting) Fetch(ctx context.Context, by *http.Client, n int) error {
	return (&Client{Base: m.base, HTTP: by}).FetchEcho(ctx, m.echo, n)
}

// OpenEcho asks for leave to measure.
func (c *Client) OpenEcho(ctx context.Context) (Echo, error) {
	var e Echo
	if _, err := c.call(ctx, "POST", "/v1/echo", nil, nil, &e); err != nil {
		return Echo{}, fmt.Errorf("ask for an echo: %w", way(err))
	}
	if len(e.Token) != echoToken {
		return Echo{}, fmt.Errorf("ask for an echo: %w", notDesk("an answer without a token"))
	}
	return e, nil
}

// CountEcho asks what has arrived.
func (c *Client) CountEcho(ctx context.Context, e Echo) (EchoCount, error) {
	var n EchoCount
	if _, err := c.call(ctx, "GET", "/v1/echo", e.head(), nil, &n); err != nil {
		return EchoCount{}, fmt.Errorf("count the echo: %w", way(err))
	}
	return n, nil
}

// SendEcho sends n bytes and returns when the desk has them all.
func (c *Client) SendEcho(ctx context.Context, e Echo, n int) error {
	body := make([]byte, n)
	rand.Read(body) // nothing on the way can make it smaller
	resp, _, err := c.do(ctx, "POST", "/v1/echo/up", withType(e.head(), "application/octet-stream"), body)
	if err != nil {
		return fmt.Errorf("send to the echo: %w", err)
	}
	defer resp.Body.Close()
	var got EchoCount
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&got); err != nil {
		return fmt.Errorf("send to the echo: %w", transport(ctx, err))
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// FetchEcho fetches n bytes.
func (c *Client) FetchEcho(ctx context.Context, e Echo, n int) error {
	resp, _, err := c.do(ctx, "GET", "/v1/echo/down?bytes="+strconv.Itoa(n), e.head(), nil)
	if err != nil {
		return fmt.Errorf("fetch from the echo: %w", err)
	}
	defer resp.Body.Close()
	got, err := io.Copy(io.Discard, io.LimitReader(resp.Body, int64(n)))
	if err == nil && got < int64(n) {
		err = errors.New("the answer is too short")
	}
	if err != nil {
		return fmt.Errorf("fetch from the echo: %w", transport(ctx, err))
	}
	return nil
}

func (e Echo) head() http.Header {
	return http.Header{EchoHeader: {base64.StdEncoding.EncodeToString(e.Token)}}
}
