// SPDX-License-Identifier: Apache-2.0

// reader: how fast Go's own reader alone goes through a trace: decodes, orders and checks every
// event, and keeps none. Built by scripts/go-env.sh inside Go's source tree.
package main

import (
	"fmt"
	"internal/trace"
	"io"
	"os"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	events := 0
	for {
		_, err := r.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		events++
	}
	fmt.Printf("%d events\n", events)
}
