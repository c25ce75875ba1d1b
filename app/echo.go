package app

import (
	"context"
	"net/http"

	"raisehand/capture/network"
	"raisehand/uploader/deskapi"
)

// deskEcho is the desk's end of a measurement; nil without a desk.
func deskEcho(base string) network.Far {
	if base == "" {
		return nil
	}
	return func(ctx context.Context, by *http.Client) (network.Meeting, error) {
		return deskapi.Meet(ctx, base, by)
	}
}
