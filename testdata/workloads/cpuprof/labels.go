// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"runtime/pprof"
	"strconv"
)

func labelled(i int) context.Context {
	return pprof.WithLabels(context.Background(), pprof.Labels("worker", strconv.Itoa(i)))
}
