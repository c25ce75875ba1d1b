package network

import "errors"

func canLimitSegments() error { return errors.ErrUnsupported }

func limitSegments(uintptr, int) error { return errors.ErrUnsupported }
