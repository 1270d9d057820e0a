// SPDX-License-Identifier: Apache-2.0

// mutex: work that could be parallel but goes through one lock and one serial
// producer, so that most Ps have nothing to do.
package main

import (
	"context"
	"runtime/trace"
	"sync"

	"traceworkloads/wl"
)

type account struct {
	mu  sync.Mutex
	bal uint64
}

func (a *account) deposit(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bal += wl.Spin(n)
}

func (a *account) peek() uint64 {
	a.mu.Lock()
	v := a.bal
	a.mu.Unlock()
	return v
}

func producer(e *wl.Env, jobs chan<- int) {
	defer close(jobs)
	for i := 0; !e.Done(); i++ {
		wl.Sink += wl.Spin(30_000) // the serial part
		jobs <- i
	}
}

func consumer(jobs <-chan int, a *account) {
	for j := range jobs {
		trace.WithRegion(context.Background(), "job", func() {
			wl.Sink += wl.Spin(2000) & 1
			a.deposit(10_000 + j%7*1000)
		})
	}
}

func body(e *wl.Env) {
	var a account
	jobs := make(chan int)
	var wg sync.WaitGroup
	go producer(e, jobs)
	for i := 0; i < e.Scale; i++ {
		wg.Add(2)
		go func() { defer wg.Done(); consumer(jobs, &a) }()
		go func() {
			defer wg.Done()
			for !e.Done() {
				a.deposit(20_000)
				_ = a.peek()
			}
		}()
	}
	wg.Wait()
}

func main() { wl.Run(nil, body) }
