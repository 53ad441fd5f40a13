// Copyright: (c) 2026, saferestart.k8s contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// go-signals MODE sleeps, and does with SIGTERM what the mode says: default, handler, log or ignored.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	received := make(chan os.Signal, 1)
	switch mode := os.Args[1]; mode {
	case "handler", "log":
		signal.Notify(received, syscall.SIGTERM)
		for range received {
			fmt.Println("SIGTERM")
			if mode == "handler" {
				os.Exit(0)
			}
		}
	case "ignored":
		signal.Ignore(syscall.SIGTERM)
	}
	for {
		time.Sleep(time.Hour)
	}
}
