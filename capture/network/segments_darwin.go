package network

import "syscall"

func canLimitSegments() error { return nil }

// limitSegments bounds the packets of a connection that is not open yet. The
// kernel takes no more than its own beginning, 512 bytes.
func limitSegments(fd uintptr, bytes int) error {
	return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, min(bytes, 512))
}
