//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "The fault corpus needs Linux: its labs are made of namespaces.")
	os.Exit(2)
}
