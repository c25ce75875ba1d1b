// Command probe is the camera check alone, without the sound and screen
// libraries of the whole program, so that it runs in a machine that has nothing.
// It takes the situation as JSON and prints lines of JSON, the result last.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"raisehand/capture"
	"raisehand/capture/camera"
)

func main() {
	var s capture.Situation
	out := json.NewEncoder(os.Stdout)
	if len(os.Args) > 1 {
		if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
			_, _ = os.Stderr.WriteString("probe: read situation: " + err.Error() + "\n")
			os.Exit(2)
		}
	}
	emit := func(l capture.Line) { _ = out.Encode(l) }
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	r := camera.Check{Situation: s, Emit: emit}.Run(ctx)
	emit(capture.Line{Result: &r})
}
