// SPDX-License-Identifier: Apache-2.0

// annotations: tasks and regions as they should not be. Tasks older than the
// trace, ended twice, ended elsewhere, never ended; regions that another
// goroutine ends, that outlive their goroutine, of a finalizer, around
// goroutines that are created in them, in a system call when the trace ends.
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

var sink []byte

func allocate(n int) {
	for i := 0; i < n; i++ {
		sink = make([]byte, 1<<15)
	}
}

func systemCall(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	syscall.Nanosleep(&t, nil)
}

type thing struct{ self *thing }

// What is older than the trace.
var (
	begin   = make(chan struct{})
	strange = make(chan *trace.Region)
	ended   = make(chan struct{})
	done    sync.WaitGroup

	endsLate                *trace.Task
	logged, entered, parent context.Context
)

func setup(*wl.Env) {
	_, endsLate = trace.NewTask(context.Background(), "olderAndEnds")
	logged, _ = trace.NewTask(context.Background(), "olderAndLogs")
	entered, _ = trace.NewTask(context.Background(), "olderAndHasRegions")
	parent, _ = trace.NewTask(context.Background(), "olderAndHasChildren")
	done.Add(1)
	go older()
}

// A goroutine that is older than the trace, too.
func older() {
	defer done.Done()
	region := trace.StartRegion(context.Background(), "older")
	<-begin
	trace.Log(logged, "only", "a message")
	trace.WithRegion(entered, "ofOlderTask", func() { systemCall(100 * time.Microsecond) })
	_, task := trace.NewTask(parent, "childOfOlder")
	task.End()
	region.End()
	(<-strange).End()
	close(ended)
}

// spawn runs f on a goroutine of its own and waits for it.
func spawn(f func()) {
	var over sync.WaitGroup
	over.Add(1)
	go func() {
		defer over.Done()
		f()
	}()
	over.Wait()
}

func work(ctx context.Context, i int) {
	ctx, task := trace.NewTask(ctx, "work")
	if i%5 != 3 {
		defer task.End()
	}
	if i%5 == 2 {
		// As in functions that end what a deferred call ends again.
		task.End()
	}
	trace.WithRegion(ctx, "outer", func() {
		allocate(4)
		trace.WithRegion(ctx, "inner", func() {
			switch i % 4 {
			case 0:
				time.Sleep(50 * time.Microsecond)
			case 1:
				systemCall(100 * time.Microsecond)
			case 2:
				spawn(func() { allocate(8) })
			case 3:
				runtime.Gosched()
			}
		})
	})
}

func body(e *wl.Env) {
	close(begin)
	spawn(func() { strange <- trace.StartRegion(context.Background(), "endedByOlder") })
	<-ended
	endsLate.End()

	// The region is open on one goroutine, so its end on another is one without begin; there, the
	// region may be open in which that goroutine was created.
	spawn(func() {
		regions, over := make(chan *trace.Region), make(chan struct{})
		end := func() {
			(<-regions).End()
			over <- struct{}{}
		}
		go end()
		regions <- trace.StartRegion(context.Background(), "endedByNewer")
		<-over
		go end()
		regions <- trace.StartRegion(context.Background(), "endedByHeir")
		<-over
	})

	ctx, task := trace.NewTask(context.Background(), "endedTwice")
	task.End()
	trace.Log(ctx, "late", "after the end")
	trace.WithRegion(ctx, "afterTheEnd", func() {})
	task.End()

	ctx, task = trace.NewTask(context.Background(), "endedElsewhere")
	spawn(func() {
		trace.WithRegion(ctx, "elsewhere", func() { allocate(20) })
		task.End()
	})

	finalized := make(chan struct{})
	func() {
		x := &thing{}
		runtime.SetFinalizer(x, func(*thing) {
			trace.StartRegion(ctx, "ofFinalizer")
			close(finalized)
		})
	}()
	trace.WithRegion(ctx, "collection", func() {
		for {
			select {
			case <-finalized:
				return
			default:
				allocate(16)
				time.Sleep(50 * time.Microsecond)
			}
		}
	})

	spawn(func() {
		trace.StartRegion(ctx, "neverEnded")
		trace.StartRegion(ctx, "neverEndedInner")
		spawn(func() {
			spawn(func() { trace.WithRegion(ctx, "grandchild", func() { time.Sleep(time.Millisecond) }) })
		})
		runtime.Goexit()
	})

	var workers sync.WaitGroup
	for g := 0; g < e.Scale; g++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := 0; i < 5*e.Scale; i++ {
				work(ctx, i)
			}
		}()
	}
	workers.Wait()
	done.Wait()

	go func() {
		trace.StartRegion(ctx, "inSystemCall")
		systemCall(time.Second)
	}()
	go func() {
		for i := 0; i < 3; i++ {
			trace.StartRegion(ctx, "forEver")
		}
		select {}
	}()
	time.Sleep(e.Left())
}

func main() { wl.Run(setup, body) }
