package logs

import "context"

// journal asks the unified log for what went wrong in what a class needs:
// sound, picture, network and windows. All of it would take a minute to read.
func journal(ctx context.Context) ([]byte, error) {
	return output(ctx, "/usr/bin/log", "show", "--last", "10m", "--style", "compact", "--no-pager", "--predicate",
		`(messageType == error OR messageType == fault) AND (subsystem BEGINSWITH "com.apple.coreaudio" OR subsystem BEGINSWITH "com.apple.cmio" `+
			`OR subsystem BEGINSWITH "com.apple.avfaudio" OR subsystem BEGINSWITH "com.apple.coremedia" OR subsystem BEGINSWITH "com.apple.network" `+
			`OR subsystem BEGINSWITH "com.apple.wifi" OR subsystem BEGINSWITH "com.apple.TCC" OR process == "kernel")`)
}
