// SPDX-License-Identifier: Apache-2.0

// names: strings that a reader has to carry through to its output unharmed:
// quotes, control bytes, bytes that are no UTF-8, empty, very long, HTML, and
// functions with generic and closure names; many distinct strings and stacks.
package main

import (
	"context"
	"fmt"
	"runtime/trace"
	"strings"
	"sync"
	"time"

	"traceworkloads/wl"
)

var odd = []string{
	"",
	" ",
	"plain",
	`with "quotes" and \backslashes\`,
	"line\nbreak\ttab\rreturn\x00nul\x1b[31m",
	"not utf-8: \xff\xfe\xc3(",
	"Zürich 東京 🙂 \u2028\u2029",
	"<script>alert(1)</script>&amp;<b>",
	"100%d %s %%",
	"a,b;c=d|e/f",
	strings.Repeat("long ", 200),      // 1000 bytes: just under the tracer's limit
	strings.Repeat("x", 1024),         // at it
	strings.Repeat("0123456789", 500), // over it: cut
	strings.Repeat("é", 700),          // a cut in the middle of a character
}

type set[T comparable] struct{ m map[T]struct{} }

func (s *set[T]) add(ch chan T) {
	for v := range ch {
		s.m[v] = struct{}{}
	}
}

//go:noinline
func generic[T any](v T, ch chan T) { ch <- v }

func body(e *wl.Env) {
	ctx := context.Background()
	for _, s := range odd {
		tctx, task := trace.NewTask(ctx, s)
		trace.WithRegion(tctx, s, func() {
			trace.Log(tctx, s, s)
			trace.Log(tctx, "message", s)
			trace.Log(ctx, "no task", s)
			time.Sleep(10 * time.Microsecond)
		})
		task.End()
	}
	for i := 0; i < 50*e.Scale; i++ {
		tctx, task := trace.NewTask(ctx, fmt.Sprintf("task type %d", i))
		trace.Logf(tctx, "category", "%d", i)
		trace.WithRegion(tctx, fmt.Sprintf("region type %d", i%37), func() {})
		task.End()
	}
	var wg sync.WaitGroup
	wg.Add(2)
	ints, strs := make(chan int), make(chan string)
	go func() { defer wg.Done(); (&set[int]{map[int]struct{}{}}).add(ints) }()
	go func() { defer wg.Done(); (&set[string]{map[string]struct{}{}}).add(strs) }()
	for i := 0; i < 20; i++ {
		generic(i, ints)
		generic(fmt.Sprint(i), strs)
		for d := 0; d < 200; d += 29 { // stacks up to and over the limit of 128 frames
			wl.Deep(d+i, func() { generic(d, ints) })
		}
	}
	close(ints)
	close(strs)
	wg.Wait()
}

func main() { wl.Run(nil, body) }
