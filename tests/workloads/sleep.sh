#!/bin/bash
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bash catches SIGINT and SIGCHLD for itself (SigCgt 0000000000010002) and not
# SIGTERM: as PID 1 it cannot be ended from inside of its container.
echo "sleep.sh: SIGTERM is not caught"
while true; do
  sleep 100
done
