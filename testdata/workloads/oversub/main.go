// SPDX-License-Identifier: Apache-2.0

// oversub: very many CPU-bound goroutines on few Ps: long run queues, work
// stealing, time-slice preemption.
package main

import (
	"sync"
	"sync/atomic"

	"traceworkloads/wl"
)

type shard struct {
	sum uint64
	_   [7]uint64
}

func cruncher(e *wl.Env, s *shard, grain int) {
	for !e.Done() {
		atomic.AddUint64(&s.sum, wl.Spin(grain))
	}
}

func short(wg *sync.WaitGroup, s *shard) {
	defer wg.Done()
	atomic.AddUint64(&s.sum, wl.Spin(20_000))
}

func body(e *wl.Env) {
	shards := make([]shard, e.Scale)
	var wg sync.WaitGroup
	for i := range shards {
		i := i
		wg.Add(1)
		go func() {
			defer wg.Done()
			cruncher(e, &shards[i], 100_000+1000*(i%50))
		}()
	}
	for !e.Done() {
		var batch sync.WaitGroup
		for i := 0; i < 50; i++ {
			batch.Add(1)
			go short(&batch, &shards[i%len(shards)])
		}
		batch.Wait()
	}
	wg.Wait()
}

func main() { wl.Run(nil, body) }
