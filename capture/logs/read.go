package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var (
	errBinary  = errors.New("it is not text")
	errNoFile  = errors.New("it is not a plain file")
	errForeign = errors.New("it belongs to somebody else")
)

// read returns the newest part of a log as UTF-8, cut at the beginning of a
// line, and how long the whole is. A link, a pipe or a file of another person
// is not opened; nothing outside of its base can be.
func read(f file, limit int) (text []byte, size int64, err error) {
	root, err := os.OpenRoot(f.base)
	if err != nil {
		return nil, 0, fmt.Errorf("open the folder: %w", err)
	}
	defer root.Close()
	rel := filepath.FromSlash(f.rel)
	seen, err := root.Lstat(rel)
	if err != nil {
		return nil, 0, fmt.Errorf("look at it: %w", err)
	}
	if !seen.Mode().IsRegular() {
		return nil, 0, errNoFile
	}
	in, err := root.OpenFile(rel, os.O_RDONLY|noWait, 0)
	if err != nil {
		return nil, 0, fmt.Errorf("open it: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("look at it: %w", err)
	case !info.Mode().IsRegular() || !os.SameFile(seen, info): // exchanged meanwhile
		return nil, 0, errNoFile
	case !ours(info):
		return nil, 0, errForeign
	}
	raw, err := newest(in, info.Size(), int64(limit))
	if err != nil {
		return nil, 0, fmt.Errorf("read it: %w", err)
	}
	text, err = decode(raw)
	return text, info.Size(), err
}

// newest reads the last limit bytes, or the whole. The mark at its beginning,
// which says how it is written, stays with it.
func newest(in io.ReaderAt, size, limit int64) ([]byte, error) {
	mark := make([]byte, 2)
	if n, err := in.ReadAt(mark, 0); n < 2 && err != nil && err != io.EOF {
		return nil, err
	}
	from := max(0, size-limit) &^ 1
	raw := make([]byte, min(size-from, limit+1))
	n, err := in.ReadAt(raw, from)
	if err != nil && err != io.EOF {
		return nil, err
	}
	raw = raw[:n]
	if from == 0 {
		return raw, nil
	}
	wide := bytes.Equal(mark, []byte{0xFF, 0xFE})
	if wide {
		if at := bytes.Index(raw, []byte{'\n', 0}); at >= 0 {
			raw = raw[at+2:]
		}
		return append(mark, raw...), nil
	}
	if at := bytes.IndexByte(raw, '\n'); at >= 0 {
		raw = raw[at+1:]
	}
	return raw, nil
}

// decode makes UTF-8 of what programs write: UTF-8, UTF-16 as Windows has it,
// or GB 18030 as Chinese programs on Windows do. Many class programs encrypt
// their logs; those are not text.
func decode(raw []byte) ([]byte, error) {
	if bytes.HasPrefix(raw, []byte{0xFF, 0xFE}) {
		raw = narrow(raw[2:])
	}
	if bytes.IndexByte(raw, 0) >= 0 || !printable(raw) {
		return nil, errBinary
	}
	if !utf8.Valid(raw) {
		chinese, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil || 50*bytes.Count(chinese, []byte("\uFFFD")) > len(chinese) {
			return nil, errBinary
		}
		raw = chinese
	}
	return clean(raw), nil
}

// narrow turns UTF-16, little end first, into UTF-8.
func narrow(raw []byte) []byte {
	wide := make([]uint16, len(raw)/2)
	for i := range wide {
		wide[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
	}
	return []byte(string(utf16.Decode(wide)))
}

// printable says whether at most one byte in fifty is a control character: of
// encrypted bytes every ninth is.
func printable(raw []byte) bool {
	odd := 0
	for _, b := range raw {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != 0x1b || b == 0x7f {
			odd++
		}
	}
	return 50*odd <= len(raw)
}

// clean leaves what can be shown: valid UTF-8 with line ends and tabs, no
// other control characters.
func clean(raw []byte) []byte {
	raw = bytes.ToValidUTF8(raw, []byte("?"))
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")))
}
