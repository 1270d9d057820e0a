// SPDX-License-Identifier: Apache-2.0

//go:build go1.23

package main

import (
	"iter"
	"sync"
	"time"

	"traceworkloads/wl"
)

func numbers(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if i%100 == 99 {
				time.Sleep(100 * time.Microsecond) // blocks inside the coroutine
			}
			if !yield(i) {
				return
			}
		}
	}
}

func doubled(in iter.Seq[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		next, stop := iter.Pull(in)
		defer stop()
		for {
			v, ok := next()
			if !ok || !yield(2*v) {
				return
			}
		}
	}
}

func coroutines(e *wl.Env, wg *sync.WaitGroup) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := 0; !e.Done(); i++ {
			next, stop := iter.Pull(doubled(numbers(150)))
			for {
				v, ok := next()
				if !ok || i%2 == 1 && v > 100 {
					break // every other one is left before its end
				}
				wl.Spin(v)
			}
			stop()
			time.Sleep(3 * time.Millisecond)
		}
	}()
}
