// SPDX-License-Identifier: Apache-2.0

// bursts: a long trace of many generations: goroutines, tasks, regions, locks
// and system calls that last over several of them, mostly idle, with short
// bursts of work. -scale is the number of bursts.
package main

import (
	"context"
	"runtime"
	"runtime/trace"
	"sync"
	"syscall"
	"time"

	"traceworkloads/wl"
)

func burst(ctx context.Context, n int) {
	ctx, task := trace.NewTask(ctx, "burst")
	defer task.End()
	var wg sync.WaitGroup
	ch := make(chan int)
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range ch {
				trace.WithRegion(ctx, "piece", func() { wl.Spin(20_000 + v) })
			}
		}()
	}
	for i := 0; i < 300; i++ {
		ch <- i
	}
	close(ch)
	wg.Wait()
	runtime.GC()
}

func body(e *wl.Env) {
	ctx, task := trace.NewTask(context.Background(), "wholeRun")
	defer task.End()
	defer trace.StartRegion(ctx, "wholeMain").End()
	var mu sync.Mutex
	mu.Lock()
	var wg sync.WaitGroup
	wg.Add(3)
	go func() { // waits for a lock over all generations
		defer wg.Done()
		r := trace.StartRegion(ctx, "longWait")
		mu.Lock()
		mu.Unlock()
		r.End()
	}()
	go func() { // sits in a system call over several
		defer wg.Done()
		for e.Left() > 0 {
			d := e.Left()
			if d > 3*time.Second {
				d = 3 * time.Second
			}
			ts := syscall.NsecToTimespec(int64(d))
			syscall.Nanosleep(&ts, nil)
		}
	}()
	go func() {
		defer wg.Done()
		for e.Left() > 0 {
			lctx, lt := trace.NewTask(ctx, "twoSeconds") // ends in another generation
			trace.Log(lctx, "at", time.Now().Format("15:04:05.000"))
			time.Sleep(2 * time.Second)
			lt.End()
		}
	}()
	for i := 0; i < e.Scale; i++ {
		burst(ctx, i)
		time.Sleep(e.Left() / time.Duration(e.Scale-i+1))
	}
	time.Sleep(e.Left())
	mu.Unlock()
	wg.Wait()
}

func main() { wl.Run(nil, body) }
