// SPDX-License-Identifier: Apache-2.0

// Prints the golden file of go_sort_test.cc, one case a line:
//
//	PATTERN LENGTH COMPARISONS HASH [ORDER]
//
// The pattern's elements (key, position) are sorted by key alone with slices.SortFunc. HASH is FNV-1a over the
// positions as they end, 4 bytes little endian each; ORDER is those positions, for short inputs.
// go_sort_test.cc makes the same inputs.
//
//	go run src/base/testdata/go_sort_golden.go > src/base/testdata/go_sort_golden.txt
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
)

type element struct{ key, position int }

var patterns = []struct {
	name string
	key  func(i, n int) int
}{
	{"equal", func(i, n int) int { return 0 }},
	{"rising", func(i, n int) int { return i }},
	{"falling", func(i, n int) int { return n - i }},
	{"falling-ties", func(i, n int) int { return (n - i) / 3 }},
	{"organ", func(i, n int) int { return min(i, n-i) }},
	{"saw", func(i, n int) int { return i % 7 }},
	{"sparse", func(i, n int) int { return max(0, mix(i)%5000-4500) }},
	{"random", func(i, n int) int { return mix(i) % 100000 }},
	{"few", func(i, n int) int { return mix(i) % 4 }},
	{"blips", func(i, n int) int {
		if i%97 == 41 {
			return i / 2
		}
		return i
	}},
	{"steps", func(i, n int) int { return i / 10 * (1 + i%2) }},
	{"tail", func(i, n int) int {
		if i >= n-3 {
			return mix(i) % 50
		}
		return i
	}},
	{"late-blips", func(i, n int) int {
		if i < n/2 {
			return mix(i) % 1000
		}
		if i%61 == 11 {
			return i - 5
		}
		return i + 1000
	}},
}

// mix is the finalizer of MurmurHash3, cut to 31 bits.
func mix(i int) int {
	h := uint64(i) + 0x9e3779b97f4a7c15
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return int(h & 0x7fffffff)
}

func show(out *bufio.Writer, name string, data []element, comparisons int) {
	hash := fnv.New64a()
	for _, e := range data {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], uint32(e.position))
		hash.Write(b[:])
	}
	fmt.Fprintf(out, "%s %d %d %016x", name, len(data), comparisons, hash.Sum64())
	if len(data) <= 20 {
		for _, e := range data {
			fmt.Fprintf(out, " %d", e.position)
		}
	}
	fmt.Fprintln(out)
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lengths := []int{0, 1, 2, 3, 7, 8, 11, 12, 13, 14, 16, 17, 20, 31, 33, 49, 50, 51, 64, 100, 127, 128, 129, 255,
		256, 257, 500, 1000, 1023, 1024, 4099, 20000}
	for _, p := range patterns {
		for _, n := range lengths {
			data := make([]element, n)
			for i := range data {
				data[i] = element{p.key(i, n), i}
			}
			comparisons := 0
			slices.SortFunc(data, func(a, b element) int { comparisons++; return a.key - b.key })
			show(out, p.name, data, comparisons)
		}
	}
	// M. D. McIlroy, "A killer adversary for quicksort" (1999): keys are decided while they are compared, so that
	// every pivot is as bad as can be. It reaches the shuffle and the heapsort.
	for _, n := range lengths {
		data := make([]element, n)
		gas := n
		keys := make([]int, n)
		for i := range data {
			data[i] = element{0, i}
			keys[i] = gas
		}
		solid, candidate, comparisons := 0, 0, 0
		slices.SortFunc(data, func(a, b element) int {
			comparisons++
			x, y := a.position, b.position
			if keys[x] == gas && keys[y] == gas {
				if x == candidate {
					keys[x] = solid
				} else {
					keys[y] = solid
				}
				solid++
			}
			if keys[x] == gas {
				candidate = x
			} else if keys[y] == gas {
				candidate = y
			}
			return keys[x] - keys[y]
		})
		show(out, "adversary", data, comparisons)
	}
}
