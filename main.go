// Raisehand is the hand a teacher raises when a class breaks.
package main

import (
	"os"

	"raisehand/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
