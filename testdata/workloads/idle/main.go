// SPDX-License-Identifier: Apache-2.0

// idle: next to nothing happens. -x empty: nothing at all between start and
// stop.
package main

import (
	"time"

	"traceworkloads/wl"
)

func body(e *wl.Env) {
	if e.Extra == "empty" {
		return
	}
	for !e.Done() {
		time.Sleep(e.Dur / 4)
	}
}

func main() { wl.Run(nil, body) }
