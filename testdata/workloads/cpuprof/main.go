// SPDX-License-Identifier: Apache-2.0

// cpuprof: a CPU profile runs in the traced window, so the trace holds CPU
// samples: of goroutines, of the collector, of system calls, and of threads
// that hold no P.
package main

import (
	"io"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"

	"traceworkloads/wl"
)

//go:noinline
func hotLoop(n int) { wl.Sink += wl.Spin(n) & 1 }

//go:noinline
func hotSort(n int) {
	s := make([]string, n)
	for i := range s {
		s[i] = strings.Repeat(string(rune('a'+i*7%26)), 1+i%5)
	}
	sort.Strings(s)
}

func body(e *wl.Env) {
	runtime.SetCPUProfileRate(500)
	wl.Check(pprof.StartCPUProfile(io.Discard)) // says that the rate is set already; 500 Hz stays
	var wg sync.WaitGroup
	for i := 0; i < e.Scale; i++ {
		i := i
		wg.Add(1)
		go func() {
			defer wg.Done()
			pprof.SetGoroutineLabels(labelled(i))
			for !e.Done() {
				if i%2 == 0 {
					hotLoop(3_000_000)
				} else {
					hotSort(3000)
				}
				time.Sleep(300 * time.Microsecond)
			}
		}()
	}
	wg.Wait()
	pprof.StopCPUProfile()
}

func main() { wl.Run(nil, body) }
