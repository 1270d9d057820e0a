// SPDX-License-Identifier: Apache-2.0

// allocfree: for GODEBUG=traceallocfree=1 (Go 1.23 and later): spans, heap
// objects and goroutine stacks that come and go, few enough to keep the trace
// small.
package main

import (
	"runtime"
	"sync"
	"time"

	"traceworkloads/wl"
)

type small struct{ a, b int }
type linked struct {
	next *linked
	data [4]uint64
}

var keep []interface{}

func body(e *wl.Env) {
	for round := 0; !e.Done() && round < 6; round++ {
		var wg sync.WaitGroup
		for i := 0; i < e.Scale; i++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				wl.Deep(200, func() { time.Sleep(50 * time.Microsecond) }) // the stack grows and shrinks
			}()
		}
		var head *linked
		for i := 0; i < 40; i++ {
			head = &linked{next: head}
			keep = append(keep, &small{i, round}, make([]byte, 100<<(i%6)))
		}
		keep = append(keep, head, make([]byte, 1<<17), map[string]int{"x": round}, string(make([]byte, 33)))
		wg.Wait()
		if round%2 == 1 {
			keep = keep[: len(keep)/2 : len(keep)/2]
			runtime.GC()
		}
		time.Sleep(e.Dur / 8)
	}
}

func main() { wl.Run(nil, body) }
