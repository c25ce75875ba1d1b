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
	path := "/v1/blobs/" + sha
	at, err := c.blobOffset(ctx, path, size)
	buf := make([]byte, min(size, chunk))
	for again := 0; err == nil && at < size; {
		if more != nil && !more() {
			return ErrYield
		}
		piece := buf[:min(size-at, chunk)]
		if _, err = data.ReadAt(piece, at); err != nil && !(err == io.EOF && at+int64(len(piece)) == size) {
			return fmt.Errorf("upload: read: %w", err)
		}
		if at == 0 && size <= chunk {
			_, err = c.blob(ctx, "PUT", path, http.Header{"Content-Type": {"application/octet-stream"}}, piece)
			at = size
			break
		}
		var resp *http.Response
		resp, err = c.blob(ctx, "PATCH", path, http.Header{
			"Content-Type":  {"application/offset+octet-stream"},
			"Upload-Offset": {strconv.FormatInt(at, 10)},
			"Upload-Length": {strconv.FormatInt(size, 10)},
		}, piece)
		var no ErrRefused
		if errors.As(err, &no) && no.Problem.Status == http.StatusConflict && again < 3 {
			again++ // somebody else, or our own lost request, has moved it on
			at, err = c.blobOffset(ctx, path, size)
			continue
		}
		if err == nil {
			at, err = offsetOf(resp, at+int64(len(piece)))
		}
	}
	if err == nil && size == 0 && at == 0 {
		_, err = c.blob(ctx, "PUT", path, http.Header{"Content-Type": {"application/octet-stream"}}, []byte{})
	}
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}

// blobOffset asks how much of a blob the desk has; -1 means all of an empty
// one.
func (c *Client) blobOffset(ctx context.Context, path string, size int64) (int64, error) {
	resp, err := c.blob(ctx, "HEAD", path, nil, nil)
	if resp != nil && resp.StatusCode == http.StatusNotFound {
		return 0, nil // a HEAD has no body to tell whose 404 this is; the PATCH that follows will
	}
	if err != nil {
		return 0, err
	}
	at, err := offsetOf(resp, -1)
	if err == nil && (at < 0 || at > size) {
		err = notDesk("Upload-Offset %d of %d", at, size)
	}
	if err == nil && size == 0 {
		at = -1
	}
	return at, err
}

func (c *Client) blob(ctx context.Context, method, path string, h http.Header, body []byte) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, chunkTime, errSlow)
	defer cancel()
	resp, _, err := c.do(ctx, method, path, h, body)
	if err != nil {
		return resp, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return resp, transport(ctx, err)
	}
	return resp, nil
}

// offsetOf reads Upload-Offset, def if there is none.
func offsetOf(resp *http.Response, def int64) (int64, error) {
	h := resp.Header.Get("Upload-Offset")
	if h == "" {
		if def < 0 {
			return 0, notDesk("no Upload-Offset")
		}
		return def, nil
	}
	n, err := strconv.ParseInt(h, 10, 64)
	if err != nil || n < 0 {
		return 0, notDesk("Upload-Offset %q", h)
	}
	return n, nil
}
