package deskapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// ErrYield ends an upload that was asked to make way.
var ErrYield = errors.New("made way for something more urgent")

// Upload brings a blob to the desk: it asks how much is there already, and
// sends the rest a mebibyte at a time, so that a cut costs one piece. sha is
// its SHA-256 in lower-case hex. more, if not nil, is asked before each piece:
// false ends the upload with ErrYield, what has arrived stays there.
func (c *Client) Upload(ctx context.Context, sha string, data io.ReaderAt, size int64, more func() bool) error {
	if size > MaxFileBytes {
		return fmt.Errorf("upload: %w: %d bytes", ErrTooLarge, size)
	}
	b := blob{c: c, path: "/v1/blobs/" + sha, data: data, size: size}
	err := b.ask(ctx)
	for moved := 0; err == nil && !b.whole; {
		if more != nil && !more() {
			return ErrYield
		}
		if b.at == 0 && size <= chunk || b.at == size { // all there, but not what was meant: once more from the start
			err = b.put(ctx)
			break
		}
		err = b.patch(ctx)
		var no ErrRefused
		if errors.As(err, &no) && no.Problem.Status == http.StatusConflict && moved < 3 {
			moved++ // our own lost request, or another one, has moved it on
			err = b.ask(ctx)
		}
	}
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}

// blob is one upload on its way.
type blob struct {
	c     *Client
	path  string
	data  io.ReaderAt
	size  int64
	at    int64 // how much the desk has
	whole bool  // … and it says that the hash is right
}

// ask reads how much is there.
func (b *blob) ask(ctx context.Context) error {
	resp, err := b.send(ctx, "HEAD", nil, nil)
	if resp != nil && resp.StatusCode == http.StatusNotFound {
		// A HEAD has no body to tell whose 404 this is; what follows will.
		err := b.read(resp, 0)
		b.whole = false
		return err
	}
	if err != nil {
		return err
	}
	return b.read(resp, -1)
}

func (b *blob) put(ctx context.Context) error {
	all := make([]byte, b.size)
	if err := b.piece(all, 0); err != nil {
		return err
	}
	_, err := b.send(ctx, "PUT", http.Header{"Content-Type": {"application/octet-stream"}}, all)
	b.whole = err == nil
	return err
}

func (b *blob) patch(ctx context.Context) error {
	piece := make([]byte, min(b.size-b.at, chunk))
	if err := b.piece(piece, b.at); err != nil {
		return err
	}
	resp, err := b.send(ctx, "PATCH", http.Header{
		"Content-Type":  {"application/octet-stream"},
		"Upload-Offset": {strconv.FormatInt(b.at, 10)},
	}, piece)
	if err != nil {
		return err
	}
	was := b.at
	if err := b.read(resp, was+int64(len(piece))); err != nil {
		return err
	}
	if b.at <= was {
		return notDesk("Upload-Offset %d after %d", b.at, was)
	}
	return nil
}

// piece reads our own bytes.
func (b *blob) piece(into []byte, at int64) error {
	if n, err := b.data.ReadAt(into, at); n < len(into) {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// read takes the desk's word for how far it is; otherwise what to believe if
// it does not say, -1: nothing.
func (b *blob) read(resp *http.Response, otherwise int64) error {
	h := resp.Header.Get("Upload-Offset")
	at, err := strconv.ParseInt(h, 10, 64)
	if h == "" {
		at, err = otherwise, nil
	}
	if err != nil || at < 0 || at > b.size {
		return notDesk("Upload-Offset %q of %d", h, b.size)
	}
	b.at = at
	switch resp.Header.Get("Upload-Complete") {
	case "?1":
		b.whole = true
	case "?0":
		b.whole = false
	default:
		b.whole = at == b.size && b.size > 0
	}
	return nil
}

func (b *blob) send(ctx context.Context, method string, h http.Header, body []byte) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, chunkTime, errSlow)
	defer cancel()
	resp, _, err := b.c.do(ctx, method, b.path, h, body)
	if err != nil {
		return resp, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return resp, transport(ctx, err)
	}
	return resp, nil
}
