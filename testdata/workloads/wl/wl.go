// SPDX-License-Identifier: Apache-2.0

// Package wl is what the workload programs share: the flags, and the tracing
// window around the body.
//
//	prog [-d 200ms] [-scale 4] [-procs 4] [-maxmb 0] OUT
package wl

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/trace"
	"sync/atomic"
	"time"
)

// Env is what a body sees of its flags.
type Env struct {
	Out   string        // the trace file
	Dur   time.Duration // how long the body should run
	Scale int           // how much of everything
	Extra string        // a workload's own variant switch

	maxBytes int64
	written  int64
	start    time.Time
}

// Done says whether the body should wind down: its time is over or the trace is
// as large as asked.
func (e *Env) Done() bool {
	if e.maxBytes > 0 && atomic.LoadInt64(&e.written) >= e.maxBytes {
		return true
	}
	return time.Since(e.start) >= e.Dur
}

// Left is the time until the deadline, never negative.
func (e *Env) Left() time.Duration {
	if d := e.Dur - time.Since(e.start); d > 0 {
		return d
	}
	return 0
}

type counter struct {
	w io.Writer
	n *int64
}

func (c counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	atomic.AddInt64(c.n, int64(n))
	return n, err
}

// Parse reads the flags. Workloads that start the tracer themselves call it
// alone; the others call Run.
func Parse() *Env {
	e := &Env{}
	procs := flag.Int("procs", 0, "GOMAXPROCS (0: leave)")
	maxmb := flag.Int64("maxmb", 0, "stop when the trace has this many MB (0: no limit)")
	flag.DurationVar(&e.Dur, "d", 200*time.Millisecond, "duration")
	flag.IntVar(&e.Scale, "scale", 4, "scale: goroutines, clients, stages...")
	flag.StringVar(&e.Extra, "x", "", "variant switch of the workload")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintf(os.Stderr, "usage: %s [flags] OUT\n", os.Args[0])
		flag.PrintDefaults()
		os.Exit(2)
	}
	e.Out = flag.Arg(0)
	e.maxBytes = *maxmb * 1000 * 1000
	if *procs > 0 {
		runtime.GOMAXPROCS(*procs)
	}
	e.start = time.Now()
	return e
}

// Writer opens the trace file and returns a counting writer on it.
func (e *Env) Writer() (io.Writer, func()) {
	f, err := os.Create(e.Out)
	Check(err)
	return counter{f, &e.written}, func() { Check(f.Close()) }
}

// Run parses the flags and runs setup untraced, then body traced.
func Run(setup, body func(e *Env)) {
	e := Parse()
	if setup != nil {
		setup(e)
	}
	w, done := e.Writer()
	Check(trace.Start(w))
	e.start = time.Now()
	body(e)
	trace.Stop()
	done()
}

// Check stops the program on an error.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, os.Args[0]+":", err)
		os.Exit(1)
	}
}

// Sink keeps results alive.
var Sink uint64

// Spin burns CPU in a loop without calls, so that only the asynchronous
// preemption can stop it. About n nanoseconds on a machine of today.
func Spin(n int) uint64 {
	x := uint64(n)*0x9E3779B97F4A7C15 + 1
	for i := 0; i < n; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// Deep calls itself n times and then f, for stacks deeper than the tracer keeps.
//
//go:noinline
func Deep(n int, f func()) int {
	if n <= 0 {
		f()
		return 0
	}
	return Deep(n-1, f) + 1
}

// Sinkable is a value that the compiler cannot foresee.
func Sinkable(k int) int { return int(Spin(k % 64)) }
