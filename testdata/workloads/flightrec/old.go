// SPDX-License-Identifier: Apache-2.0

//go:build !go1.25

package main

import "fmt"

func main() { fmt.Println("flightrec needs Go 1.25") }
