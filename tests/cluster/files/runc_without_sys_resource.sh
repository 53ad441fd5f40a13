#!/bin/sh
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# runc for machines that do not have CAP_SYS_RESOURCE themselves. A privileged
# container, as kind's nodes are, is to get every capability, and runc refuses
# to start what it cannot give; so this one is taken out of what dockerd asks.
previous=
for argument in "$@"; do
  case $previous in
    --bundle) sed -i 's/"CAP_SYS_RESOURCE",//g' "$argument/config.json" ;;
    --process) sed -i 's/"CAP_SYS_RESOURCE",//g' "$argument" ;;
  esac
  previous=$argument
done
exec /usr/sbin/runc "$@"
