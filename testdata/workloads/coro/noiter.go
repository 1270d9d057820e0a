// SPDX-License-Identifier: Apache-2.0

//go:build !go1.23

package main

import (
	"sync"

	"traceworkloads/wl"
)

func coroutines(e *wl.Env, wg *sync.WaitGroup) {}
