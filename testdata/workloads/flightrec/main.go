// SPDX-License-Identifier: Apache-2.0

//go:build go1.25

// flightrec: a window of the recent past written by runtime/trace's
// FlightRecorder. -x both: an ordinary trace runs at the same time, and the
// ordinary trace is what lands in OUT (with the snapshot in OUT.snap).
package main

import (
	"context"
	"os"
	"runtime/trace"
	"sync"
	"time"

	"traceworkloads/wl"
)

func main() {
	e := wl.Parse()
	fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: e.Dur / 4, MaxBytes: 1 << 20})
	wl.Check(fr.Start())
	snap := e.Out
	finish := func() {}
	if e.Extra == "both" {
		snap += ".snap"
		w, done := e.Writer()
		wl.Check(trace.Start(w))
		finish = func() { trace.Stop(); done() }
	}
	// A task and a goroutine that are older than the window.
	ctx, task := trace.NewTask(context.Background(), "olderThanTheWindow")
	reg := trace.StartRegion(ctx, "openSinceBefore")
	ch := make(chan int)
	var wg sync.WaitGroup
	for i := 0; i < e.Scale; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range ch {
				trace.WithRegion(ctx, "item", func() { wl.Spin(10_000 * (1 + v%5)) })
			}
		}()
	}
	for i := 0; !e.Done(); i++ {
		ch <- i
		time.Sleep(150 * time.Microsecond)
	}
	close(ch)
	f, err := os.Create(snap)
	wl.Check(err)
	_, err = fr.WriteTo(f)
	wl.Check(err)
	wl.Check(f.Close())
	reg.End()
	task.End()
	wg.Wait()
	fr.Stop()
	finish()
}
