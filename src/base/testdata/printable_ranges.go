// SPDX-License-Identifier: Apache-2.0

// Prints src/base/printable_ranges.inc: the runes that strconv.IsPrint calls printable, as
// inclusive ranges in ascending order. Run it with the Go version whose quoting is wanted:
//
//	go run src/base/testdata/printable_ranges.go > src/base/printable_ranges.inc
package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"
)

func main() {
	version := strings.Join(strings.Split(strings.TrimPrefix(runtime.Version(), "go"), ".")[:2], ".")
	fmt.Println("// SPDX-License-Identifier: Apache-2.0")
	fmt.Printf("// Generated with Go %s by src/base/testdata/printable_ranges.go, which says how; do not edit.\n", version)
	line := ""
	for first := rune(0); first <= utf8.MaxRune; first++ {
		if !strconv.IsPrint(first) {
			continue
		}
		last := first
		for last < utf8.MaxRune && strconv.IsPrint(last+1) {
			last++
		}
		item := fmt.Sprintf("{0x%x, 0x%x},", first, last)
		if len(line)+1+len(item) > 100 {
			fmt.Println(line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += item
		first = last
	}
	fmt.Println(line)
}
