// SPDX-License-Identifier: Apache-2.0

// http: a net/http server and its load over loopback, with user annotations
// (tasks in tasks, regions, logs), in one traced process.
//
// -x misnest: a goroutine ends its regions in the wrong order (a trace that the
// Go tools refuse). -x plain: no user annotations at all.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"time"

	"traceworkloads/wl"
)

var (
	base    string
	client  *http.Client
	preTask *trace.Task
	cacheMu sync.RWMutex
	cache   = map[string][]byte{}
)

type reply struct {
	Path  string   `json:"path"`
	Items []string `json:"items"`
	N     int      `json:"n"`
}

func compute(ctx context.Context, n int) []byte {
	defer trace.StartRegion(ctx, "compute").End()
	r := reply{Path: "/work", N: n}
	trace.WithRegion(ctx, "build", func() {
		for i := 0; i < 20; i++ {
			r.Items = append(r.Items, fmt.Sprintf("item-%d-%d", n, i))
		}
	})
	var out []byte
	trace.WithRegion(ctx, "marshal", func() {
		var err error
		out, err = json.Marshal(r)
		wl.Check(err)
	})
	return out
}

func work(w http.ResponseWriter, req *http.Request) {
	ctx, task := trace.NewTask(req.Context(), "handleWork")
	defer task.End()
	key := req.URL.Query().Get("k")
	trace.Log(ctx, "key", key)
	cacheMu.RLock()
	b := cache[key]
	cacheMu.RUnlock()
	if b == nil {
		// A child task whose work is done by another goroutine.
		cctx, child := trace.NewTask(ctx, "fill")
		ch := make(chan []byte)
		go func() {
			defer child.End()
			ch <- compute(cctx, len(key))
		}()
		b = <-ch
		cacheMu.Lock()
		cache[key] = b
		if len(cache) > 64 {
			cache = map[string][]byte{}
		}
		cacheMu.Unlock()
		trace.Logf(ctx, "fill", "filled %q with %d bytes", key, len(b))
	}
	trace.WithRegion(ctx, "write", func() { w.Write(b) })
}

func plain(w http.ResponseWriter, req *http.Request) {
	io.WriteString(w, strings.Repeat("hello ", 100))
}

func slow(w http.ResponseWriter, req *http.Request) {
	defer trace.StartRegion(req.Context(), "slow").End()
	time.Sleep(2 * time.Millisecond)
	io.WriteString(w, "slow")
}

func setup(e *wl.Env) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	wl.Check(err)
	mux := http.DefaultServeMux // net/http/pprof sits there
	mux.HandleFunc("/work", work)
	mux.HandleFunc("/plain", plain)
	mux.HandleFunc("/slow", slow)
	go http.Serve(ln, mux)
	base = "http://" + ln.Addr().String()
	client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: e.Scale + 1}}
	// A task that the trace sees only the end of.
	_, preTask = trace.NewTask(context.Background(), "begunBeforeTheTrace")
	get(context.Background(), "/plain")
}

func get(ctx context.Context, path string) {
	req, err := http.NewRequestWithContext(ctx, "GET", base+path, nil)
	wl.Check(err)
	resp, err := client.Do(req)
	wl.Check(err)
	_, err = io.Copy(io.Discard, resp.Body)
	wl.Check(err)
	resp.Body.Close()
}

func body(e *wl.Env) {
	if e.Extra == "plain" {
		var wg sync.WaitGroup
		for c := 0; c < e.Scale; c++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for !e.Done() {
					get(context.Background(), "/plain")
				}
			}()
		}
		wg.Wait()
		return
	}
	ctx, root := trace.NewTask(context.Background(), "load")
	preTask.End()
	get(ctx, "/debug/pprof/goroutine?debug=1")
	get(ctx, "/debug/pprof/cmdline")
	if e.Extra == "misnest" {
		a := trace.StartRegion(ctx, "outer")
		b := trace.StartRegion(ctx, "inner")
		a.End()
		b.End()
	}
	var wg sync.WaitGroup
	for c := 0; c < e.Scale; c++ {
		c := c
		wg.Add(1)
		go func() {
			defer wg.Done()
			cctx, task := trace.NewTask(ctx, fmt.Sprintf("client-%d", c%4))
			defer task.End()
			for i := 0; !e.Done(); i++ {
				rctx, rt := trace.NewTask(cctx, "request")
				reg := trace.StartRegion(rctx, "roundTrip")
				switch {
				case i%16 == 15:
					get(rctx, "/slow")
				case i%4 == 3:
					get(rctx, "/plain")
				default:
					get(rctx, fmt.Sprintf("/work?k=%d", (c*31+i)%100))
				}
				reg.End()
				trace.Log(rctx, "status", "done")
				rt.End()
			}
		}()
	}
	wg.Wait()
	// Left open when the trace stops: a task, and regions of a parked and of the
	// stopping goroutine, inside the task and inside none.
	octx, _ := trace.NewTask(ctx, "neverEnds")
	parked := make(chan bool)
	go func() {
		trace.StartRegion(octx, "openInParked")
		trace.StartRegion(context.Background(), "openInParkedNested")
		close(parked)
		select {}
	}()
	<-parked
	trace.StartRegion(octx, "openInMain")
	root.End()
	time.Sleep(time.Millisecond)
}

func main() { wl.Run(setup, body) }
