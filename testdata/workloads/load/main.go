// SPDX-License-Identifier: Apache-2.0

// load: a plain HTTP load generator for the servers of the corpus. It writes no
// trace itself.
//
//	load [-n 8] [-d 4s] [-rate 0] URL...
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	n := flag.Int("n", 8, "clients")
	d := flag.Duration("d", 4*time.Second, "duration")
	rate := flag.Int("rate", 0, "requests per second and client (0: as fast as it goes)")
	flag.Parse()
	var count, failed int64
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *n}, Timeout: 10 * time.Second}
	end := time.Now().Add(*d)
	var wg sync.WaitGroup
	for c := 0; c < *n; c++ {
		c := c
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := c; time.Now().Before(end); i++ {
				// METHOD URL BODY, in one argument, or just the URL
				f := strings.SplitN(flag.Arg(i%flag.NArg()), " ", 3)
				method, url, body := "GET", f[0], ""
				if len(f) == 3 {
					method, url, body = f[0], f[1], f[2]
				}
				req, err := http.NewRequest(method, url, strings.NewReader(body))
				if err == nil {
					var resp *http.Response
					if resp, err = client.Do(req); err == nil {
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				}
				atomic.AddInt64(&count, 1)
				if err != nil {
					atomic.AddInt64(&failed, 1)
					time.Sleep(50 * time.Millisecond)
				}
				if *rate > 0 {
					time.Sleep(time.Second / time.Duration(*rate))
				}
			}
		}()
	}
	wg.Wait()
	fmt.Fprintf(os.Stderr, "load: %d requests, %d failed\n", count, failed)
}
