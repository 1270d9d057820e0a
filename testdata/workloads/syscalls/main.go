// SPDX-License-Identifier: Apache-2.0

// syscalls: threads in system calls, short and long: raw reads of pipes that
// block the thread, files, polled pipes, locked threads, nanosleep, children.
package main

import (
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"traceworkloads/wl"
)

// rawPing sends a byte to and fro over pipes that the poller does not know.
func rawPing(e *wl.Env, wg *sync.WaitGroup, gap time.Duration) {
	var ab, ba [2]int
	wl.Check(syscall.Pipe(ab[:]))
	wl.Check(syscall.Pipe(ba[:]))
	wg.Add(2)
	go func() {
		defer wg.Done()
		b := []byte{0}
		for {
			if n, err := syscall.Read(ab[0], b); n == 0 && err == nil {
				break // the other end is closed
			}
			time.Sleep(gap)
			syscall.Write(ba[1], b)
		}
		syscall.Close(ba[1])
		syscall.Close(ab[0])
	}()
	go func() {
		defer wg.Done()
		b := []byte{1}
		for !e.Done() {
			syscall.Write(ab[1], b)
			syscall.Read(ba[0], b)
		}
		syscall.Close(ab[1])
		syscall.Close(ba[0])
	}()
}

func polledPipe(e *wl.Env, wg *sync.WaitGroup) {
	r, w, err := os.Pipe()
	wl.Check(err)
	wg.Add(2)
	go func() {
		defer wg.Done()
		b := make([]byte, 512)
		for {
			if _, err := r.Read(b); err != nil {
				return
			}
		}
	}()
	go func() {
		defer wg.Done()
		b := make([]byte, 300)
		for !e.Done() {
			w.Write(b)
			time.Sleep(200 * time.Microsecond)
		}
		w.Close()
	}()
}

func files(e *wl.Env, wg *sync.WaitGroup) {
	defer wg.Done()
	for !e.Done() {
		b, err := os.ReadFile("/proc/self/stat")
		wl.Check(err)
		wl.Sink += uint64(len(b))
		d, err := os.ReadDir("/proc/self/fd")
		wl.Check(err)
		wl.Sink += uint64(len(d))
		time.Sleep(300 * time.Microsecond)
	}
}

func locked(e *wl.Env, wg *sync.WaitGroup, ch chan int, die bool) {
	defer wg.Done()
	runtime.LockOSThread()
	if !die { // otherwise the thread goes with the goroutine
		defer runtime.UnlockOSThread()
	}
	for v := range ch {
		ts := syscall.Timespec{Nsec: int64(100_000 * (1 + v%20))}
		syscall.Nanosleep(&ts, nil)
	}
}

func body(e *wl.Env) {
	var wg sync.WaitGroup
	for i := 0; i < e.Scale; i++ {
		rawPing(e, &wg, time.Duration(i)*100*time.Microsecond)
	}
	polledPipe(e, &wg)
	wg.Add(1)
	go files(e, &wg)
	ch := make(chan int)
	for i := 0; i < e.Scale; i++ {
		wg.Add(1)
		go locked(e, &wg, ch, i%2 == 0)
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := 0; !e.Done(); i++ {
			ch <- i
		}
		close(ch)
	}()
	if p, err := exec.LookPath("true"); err == nil {
		wl.Check(exec.Command(p).Run())
	}
	wg.Wait()
}

func main() { wl.Run(nil, body) }
