// SPDX-License-Identifier: Apache-2.0

// chans: everything that blocks and wakes goroutines without leaving the
// process: channels, select, sync.Cond, WaitGroup, RWMutex, Once, timers,
// tickers, contexts.
//
// -x pipe: pipelines only (for large traces).
package main

import (
	"context"
	"sync"
	"time"

	"traceworkloads/wl"
)

func stage(in <-chan int, out chan<- int) {
	for v := range in {
		out <- v + 1
	}
	close(out)
}

func pipeline(e *wl.Env, wg *sync.WaitGroup, stages, buf int) {
	first := make(chan int, buf)
	in := first
	for i := 0; i < stages; i++ {
		out := make(chan int, buf)
		go stage(in, out)
		in = out
	}
	wg.Add(2)
	go func() {
		defer wg.Done()
		for i := 0; !e.Done(); i++ {
			first <- i
		}
		close(first)
	}()
	go func() {
		defer wg.Done()
		for range in {
		}
	}()
}

func selector(e *wl.Env, wg *sync.WaitGroup, a, b <-chan int, stop <-chan struct{}) {
	defer wg.Done()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case v, ok := <-a:
			if !ok {
				a = nil
			}
			wl.Spin(v)
		case v := <-b:
			wl.Spin(v)
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

func conds(e *wl.Env, wg *sync.WaitGroup, n int) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	gen, over := 0, false
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			for !over {
				g := gen
				for gen == g && !over {
					c.Wait()
				}
			}
			mu.Unlock()
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := 0; !e.Done(); i++ {
			time.Sleep(500 * time.Microsecond)
			mu.Lock()
			gen++
			mu.Unlock()
			if i%2 == 0 {
				c.Broadcast()
			} else {
				c.Signal()
			}
		}
		mu.Lock()
		over = true
		mu.Unlock()
		c.Broadcast()
	}()
}

func rwlocks(e *wl.Env, wg *sync.WaitGroup, n int) {
	var rw sync.RWMutex
	m := map[int]int{}
	for i := 0; i < n; i++ {
		i := i
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; !e.Done(); k++ {
				if i == 0 || k%8 == 7 {
					rw.Lock()
					m[k%100] = wl.Sinkable(k)
					rw.Unlock()
				} else {
					rw.RLock()
					_ = m[k%100]
					wl.Spin(2000)
					rw.RUnlock()
				}
				time.Sleep(100 * time.Microsecond)
			}
		}()
	}
}

func timers(e *wl.Env, wg *sync.WaitGroup) {
	wg.Add(2)
	go func() {
		defer wg.Done()
		for !e.Done() {
			var fired sync.WaitGroup
			fired.Add(3)
			for i := 1; i <= 3; i++ {
				time.AfterFunc(time.Duration(i)*200*time.Microsecond, fired.Done)
			}
			fired.Wait()
		}
	}()
	go func() {
		defer wg.Done()
		for !e.Done() {
			ctx, cancel := context.WithTimeout(context.Background(), 700*time.Microsecond)
			done := make(chan struct{})
			go func() { <-ctx.Done(); close(done) }()
			select {
			case <-done:
			case <-time.After(300 * time.Microsecond):
				cancel()
				<-done
			}
			cancel()
		}
	}()
}

func fanout(e *wl.Env, wg *sync.WaitGroup, n int) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		for !e.Done() {
			var in sync.WaitGroup
			var once sync.Once
			for i := 0; i < n; i++ {
				in.Add(1)
				go func() {
					defer in.Done()
					once.Do(func() { time.Sleep(50 * time.Microsecond) })
				}()
			}
			in.Wait()
		}
	}()
}

func body(e *wl.Env) {
	var wg sync.WaitGroup
	if e.Extra == "pipe" {
		for i := 0; i < e.Scale; i++ {
			pipeline(e, &wg, 3+i%5, i%3)
		}
		wg.Wait()
		return
	}
	pipeline(e, &wg, 3, 0)
	a, b := make(chan int), make(chan int, 4)
	stop := make(chan struct{})
	for i := 0; i < e.Scale; i++ {
		wg.Add(1)
		go selector(e, &wg, a, b, stop)
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := 0; !e.Done(); i++ {
			select {
			case a <- 500:
			case b <- 1000:
			}
			if i%10 == 0 {
				time.Sleep(100 * time.Microsecond)
			}
		}
		close(a)
		close(stop)
	}()
	conds(e, &wg, e.Scale)
	rwlocks(e, &wg, e.Scale)
	timers(e, &wg)
	fanout(e, &wg, e.Scale)
	wg.Add(1)
	go func() { // never scheduled away by anything but the clock
		defer wg.Done()
		for !e.Done() {
			wl.Spin(50_000)
			time.Sleep(400 * time.Microsecond)
		}
	}()
	var never chan int
	go func() { <-never }() // parked for good
	go func() { select {} }()
	wg.Wait()
}

func main() { wl.Run(nil, body) }
