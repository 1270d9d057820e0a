// SPDX-License-Identifier: Apache-2.0

// coro: what the scheduler does to running code: coroutines (iter.Pull, from
// Go 1.23 on), GOMAXPROCS changes, Gosched, tight loops that must be preempted,
// goroutines that exit by Goexit or a recovered panic, deep stacks.
package main

import (
	"runtime"
	"sync"
	"time"

	"traceworkloads/wl"
)

func tight(e *wl.Env, wg *sync.WaitGroup) {
	defer wg.Done()
	for !e.Done() {
		wl.Spin(25_000_000) // over two time slices
	}
}

func yielder(e *wl.Env, wg *sync.WaitGroup) {
	defer wg.Done()
	for i := 0; !e.Done(); i++ {
		runtime.Gosched()
		if i%64 == 63 {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

func exits(e *wl.Env, wg *sync.WaitGroup) {
	defer wg.Done()
	for i := 0; !e.Done(); i++ {
		done := make(chan bool)
		go func(kind int) {
			defer close(done)
			switch kind {
			case 0:
				runtime.Goexit()
			case 1:
				defer func() { _ = recover() }()
				panic("on purpose")
			case 2:
				wl.Deep(300, runtime.Gosched)
			}
		}(i % 3)
		<-done
		time.Sleep(time.Millisecond)
	}
}

func body(e *wl.Env) {
	var wg sync.WaitGroup
	wg.Add(4)
	go tight(e, &wg)
	go tight(e, &wg)
	go yielder(e, &wg)
	go exits(e, &wg)
	coroutines(e, &wg)
	n := runtime.GOMAXPROCS(0)
	for i := 0; !e.Done(); i++ {
		time.Sleep(e.Dur / 8)
		runtime.GOMAXPROCS(1 + (n+i)%6)
	}
	wg.Wait()
	runtime.GOMAXPROCS(n)
}

func main() { wl.Run(nil, body) }
