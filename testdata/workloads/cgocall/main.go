// SPDX-License-Identifier: Apache-2.0

// cgocall: calls into C, calls back from C on the same thread, and calls from
// threads that C made: goroutines that the trace sees appear inside a system
// call. -x regions: with regions in these, some of which stay open.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <stdint.h>
#include <time.h>

extern void goCallback(int);
extern void goWork(int);

static void pause_us(int us) {
	struct timespec ts = {0, us * 1000L};
	nanosleep(&ts, 0);
}

static int quick(int x) { return x * 3 + 1; }

static void c_then_go(int n) {
	pause_us(20);
	goCallback(n);
}

static void *thread(void *arg) {
	int id = (int)(intptr_t)arg;
	for (int i = 0; i < 5; i++) {
		goWork(id * 100 + i);
		pause_us(200);
	}
	return 0;
}

static void threads(int n) {
	pthread_t t[16];
	if (n > 16) n = 16;
	for (int i = 0; i < n; i++) pthread_create(&t[i], 0, thread, (void *)(intptr_t)i);
	for (int i = 0; i < n; i++) pthread_join(t[i], 0);
}
*/
import "C"

import (
	"context"
	"runtime/trace"
	"sync"
	"time"

	"traceworkloads/wl"
)

var (
	seen    = make(chan int, 64)
	regions bool
)

//export goCallback
func goCallback(n C.int) { wl.Spin(int(n) % 1000) }

//export goWork
func goWork(n C.int) {
	if regions {
		trace.WithRegion(context.Background(), "callback", func() { seen <- int(n) })
		if n%4 == 0 {
			trace.StartRegion(context.Background(), "leftOpen")
		}
	} else {
		seen <- int(n)
	}
	if n%3 == 0 {
		time.Sleep(100 * time.Microsecond)
	}
}

func body(e *wl.Env) {
	regions = e.Extra == "regions"
	var wg sync.WaitGroup
	stop := make(chan bool)
	go func() {
		for range seen {
		}
	}()
	for i := 0; i < e.Scale; i++ {
		i := i
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; !e.Done(); k++ {
				wl.Sink += uint64(C.quick(C.int(k)))
				C.c_then_go(C.int(k + i))
				if k%20 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}()
	}
	for !e.Done() {
		C.threads(C.int(e.Scale))
	}
	wg.Wait()
	close(stop)
}

func main() { wl.Run(nil, body) }
