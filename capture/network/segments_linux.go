package network

import "syscall"

func canLimitSegments() error { return nil }

// limitSegments bounds the packets of a connection that is not open yet, both
// ways: the other end is told.
func limitSegments(fd uintptr, bytes int) error {
	return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, bytes)
}
