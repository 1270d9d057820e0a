// SPDX-License-Identifier: Apache-2.0

// gcstorm: the collector runs nearly all the time: small GOGC, assists, forced
// collections, a memory limit that is moved, sweeping on allocation.
package main

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"traceworkloads/wl"
)

type node struct {
	left, right *node
	pad         [6]uint64
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

var roots [16]*node

func churn(e *wl.Env, i int) {
	for n := 0; !e.Done(); n++ {
		roots[i%len(roots)] = tree(9)
		b := make([][]byte, 0, 8)
		for s := 1 << 10; s <= 1<<16; s <<= 1 {
			b = append(b, make([]byte, s+i))
		}
		wl.Sink += uint64(len(b[n%len(b)]))
	}
}

func body(e *wl.Env) {
	debug.SetGCPercent(10)
	var wg sync.WaitGroup
	for i := 0; i < e.Scale; i++ {
		i := i
		wg.Add(1)
		go func() { defer wg.Done(); churn(e, i) }()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for k := 0; !e.Done(); k++ {
			time.Sleep(e.Dur / 12)
			switch k % 3 {
			case 0:
				runtime.GC()
			case 1:
				debug.SetMemoryLimit(24 << 20)
			case 2:
				debug.SetMemoryLimit(64 << 20)
				debug.FreeOSMemory()
			}
		}
	}()
	var ms runtime.MemStats
	wg.Wait()
	runtime.ReadMemStats(&ms) // one more stop of the world, of another kind
	wl.Sink += ms.Mallocs
}

func main() { wl.Run(nil, body) }
