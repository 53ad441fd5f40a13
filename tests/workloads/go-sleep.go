// Copyright: (c) 2026, saferestart.k8s contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// Go-sleep says nothing about signals itself. The Go runtime catches nearly
// all of them (SigCgt fffffffd7fc1feff), SIGTERM too, and then ends the
// program: as PID 1 it can be ended from inside of its container.
package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("go-sleep: the Go runtime catches what it can")
	for {
		time.Sleep(time.Hour)
	}
}
