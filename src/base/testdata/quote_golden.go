// SPDX-License-Identifier: Apache-2.0

// Prints the golden file of quote_test.cc, one case a line, bytes in hexadecimal:
//
//	runes HASH            FNV-1a over strconv.Quote of every rune from 0 to 0x10ffff, newline after each
//	quote HEX QUOTED      strconv.Quote of the bytes HEX
//	unquote HEX =HEX|error  strconv.Unquote of the literal HEX
//
// Run it with the Go version whose quoting is wanted:
//
//	go run src/base/testdata/quote_golden.go > src/base/testdata/quote_golden.txt
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"math/rand"
	"os"
	"strconv"
	"unicode/utf8"
)

var pieces = []string{
	"plain", "a b", "\"", "'", "\\", "`", "\a\b\f\n\r\t\v", "\x00", "\x1b[31m", "\x7f",
	"\u0080", "\u00a0", "\u00ad", "é", "日本", "\u200b", "\u202e", "\ufeff", "\ufffd", "\U0001f600",
	"\U000e0001", "\U0010ffff", "\xff", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	"\xf0\x9f\x98", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\x80",
}

func randomBytes(r *rand.Rand) string {
	s := ""
	for n := r.Intn(7); n >= 0; n-- {
		switch r.Intn(4) {
		case 0:
			s += pieces[r.Intn(len(pieces))]
		case 1:
			s += string(rune(r.Intn(0x3000)))
		case 2:
			s += string(rune(r.Intn(utf8.MaxRune + 1)))
		default:
			for k := r.Intn(6); k > 0; k-- {
				s += string([]byte{byte(r.Intn(256))})
			}
		}
	}
	return s
}

// randomLiteral makes something near to a double-quoted literal: right ones, broken ones, and ones with escapes
// that Quote itself never writes.
func randomLiteral(r *rand.Rand) string {
	escapes := []string{`\a`, `\n`, `\\`, `\"`, `\'`, `\x4`, `\x41`, `\xfF`, `\101`, `\377`, `\400`, `\08`,
		`\u00e9`, `\ud800`, `\uFFFD`, `\U0001F600`, `\U00110000`, `\U80000041`, `\q`, `\`, `\u12`, `\x`, `\1`}
	s := `"`
	for n := r.Intn(5); n > 0; n-- {
		switch r.Intn(5) {
		case 0, 1:
			s += escapes[r.Intn(len(escapes))]
		case 2:
			q := strconv.Quote(randomBytes(r))
			s += q[1 : len(q)-1]
		case 3:
			s += "word"
		default:
			s += pieces[r.Intn(len(pieces))]
		}
	}
	if r.Intn(8) > 0 {
		s += `"`
	}
	if r.Intn(16) == 0 {
		s += "tail"
	}
	return s
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	hash := fnv.New64a()
	for c := rune(0); c <= utf8.MaxRune; c++ {
		hash.Write([]byte(strconv.Quote(string(c)) + "\n"))
	}
	fmt.Fprintf(out, "runes %016x\n", hash.Sum64())
	r := rand.New(rand.NewSource(1))
	for _, s := range pieces {
		fmt.Fprintf(out, "quote %x %s\n", s, strconv.Quote(s))
	}
	for i := 0; i < 600; i++ {
		s := randomBytes(r)
		if s != "" {
			fmt.Fprintf(out, "quote %x %s\n", s, strconv.Quote(s))
		}
	}
	for i := 0; i < 600; i++ {
		s := randomLiteral(r)
		if v, err := strconv.Unquote(s); err != nil {
			fmt.Fprintf(out, "unquote %x error\n", s)
		} else {
			fmt.Fprintf(out, "unquote %x =%x\n", s, v)
		}
	}
}
