package desk

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"raisehand/uploader/desk/echo"
	"raisehand/uploader/deskapi"
)

type (
	echoIn  struct{}
	echoOut struct{ Body deskapi.Echo }

	countIn struct {
		Token string `header:"Raisehand-Echo" doc:"The token from POST /v1/echo."`
	}
	countOut struct{ Body deskapi.EchoCount }
)

// transferTime is how long one transfer may take: it is a measurement, and who
// measures gives up within three seconds.
const transferTime = 10 * time.Second

// echoes registers the desk's end of a measurement. It needs no computer's
// token: whoever cannot enrol may want to know why. What it gives and takes is
// bounded by the leave.
func (d *Desk) echoes(mux *http.ServeMux) {
	if d.Echo == nil {
		d.Echo = &echo.Server{Now: d.Now}
	}
	op := func(method, path, summary, about string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Description: about, Tags: []string{"measurement"}}
	}
	leave := op("POST", "/v1/echo", "Leave to measure the way to the desk",
		"For 30 seconds. `udp_port` answers packets of 24 to `packet_bytes` bytes: the token (16 bytes), the packet's number from 0 (4 bytes, big endian), "+
			"4 bytes of zero, anything. The answer is the same packet; the last 4 bytes of its head then say how many different packets had arrived. "+
			"No token, no answer; never more bytes than came.")
	leave.DefaultStatus, leave.MaxBodyBytes = http.StatusCreated, 1<<10
	route(d, leave, func(ctx context.Context, _ *echoIn) (*echoOut, error) {
		from, _ := ctx.Value(fromKey{}).(string)
		e, err := d.Echo.Open(from)
		return &echoOut{e}, echoProblem(err)
	})
	route(d, op("GET", "/v1/echo", "What has arrived at the desk", ""), func(_ context.Context, in *countIn) (*countOut, error) {
		token, err := echoTokenOf(in.Token)
		if err != nil {
			return nil, err
		}
		n, err := d.Echo.Count(token)
		return &countOut{n}, echoProblem(err)
	})
	token := param("header", deskapi.EchoHeader, "The token from POST /v1/echo.")
	up := op("POST", "/v1/echo/up", "Send bytes, to see how long they take", "Answered when all have arrived. What is more than `transfer_bytes` for the token is not read.")
	up.Parameters = []*huma.Param{token}
	up.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
	up.Responses = answers("200", "`{\"bytes\":…}`: what has arrived", "application/json")
	d.plain(mux, up, d.echoUp)
	down := op("GET", "/v1/echo/down", "Fetch bytes, to see how long they take", "At most what is left of `transfer_bytes` for the token.")
	down.Parameters = []*huma.Param{token, param("query", "bytes", "How many.")}
	down.Responses = answers("200", "As many bytes, of no meaning", "application/octet-stream")
	d.plain(mux, down, d.echoDown)
}

var noLeave = refusal{Code: "desk.token_unknown", Status: http.StatusUnauthorized}

func echoProblem(err error) error {
	switch {
	case errors.Is(err, echo.ErrSlowDown):
		return refusal{Code: "desk.slow_down", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}}
	case errors.Is(err, echo.ErrUnknown):
		return noLeave
	}
	return err
}

func echoTokenOf(text string) (token [16]byte, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(token) {
		return token, noLeave
	}
	copy(token[:], raw)
	return token, nil
}

// transfer begins one, or answers why not.
func (d *Desk) transfer(w http.ResponseWriter, r *http.Request, n int, toDesk bool) (allowed int, done func(), ok bool) {
	token, err := echoTokenOf(r.Header.Get(deskapi.EchoHeader))
	if err == nil {
		allowed, done, err = d.Echo.Transfer(token, n, toDesk)
		err = echoProblem(err)
	}
	if err != nil {
		d.refuse(w, r, err)
		return 0, nil, false
	}
	c := http.NewResponseController(w)
	c.SetReadDeadline(time.Now().Add(transferTime))
	c.SetWriteDeadline(time.Now().Add(transferTime))
	return allowed, done, true
}

func (d *Desk) echoUp(w http.ResponseWriter, r *http.Request) {
	n := deskapi.EchoTransfer
	if r.ContentLength >= 0 {
		n = int(min(r.ContentLength, deskapi.EchoTransfer))
	}
	allowed, done, ok := d.transfer(w, r, n, true)
	if !ok {
		return
	}
	defer done()
	got, err := io.Copy(io.Discard, io.LimitReader(r.Body, int64(allowed)))
	if err != nil {
		return // whoever sent it has gone
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(deskapi.EchoCount{Bytes: int(got)})
}

// chaff is what nothing on the way can make smaller.
var chaff = sync.OnceValue(func() []byte {
	b := make([]byte, 64<<10)
	rand.Read(b)
	return b
})

func (d *Desk) echoDown(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	allowed, done, ok := d.transfer(w, r, n, false)
	if !ok {
		return
	}
	defer done()
	if err != nil || n < 1 {
		d.refuse(w, r, bad("bytes is a number from 1"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(allowed))
	for allowed > 0 {
		part := chaff()[:min(allowed, len(chaff()))]
		if _, err := w.Write(part); err != nil {
			return
		}
		allowed -= len(part)
	}
}
