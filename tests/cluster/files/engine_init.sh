#!/bin/sh
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# First process of the private container engine. It is started in mount, PID
# and network namespaces of its own, so that nothing done here is seen outside,
# and all of it is gone when the PID namespace ends, however that happens.
#
# usage: engine_init.sh HOME SOCKET_FOLDER CGROUP ADDRESS_PREFIX [RUNTIME]
set -eu
home=$1 socket=$2 cgroup=$3 prefix=$4 runtime=${5:-}
root=$home/root

# The engine's root is a Debian of its own: its /run, /etc and programs, never
# the machine's. It is given its data, its socket's folder and the kernel.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/engine" "$root/var/lib/docker" "$root/usr/lib/modules"
mount --bind "$home/data" "$root/var/lib/docker"
mount --bind "$socket" "$root/run/engine"
if [ -d /lib/modules ]; then # kind shows them to its nodes
  mount --bind -o ro /lib/modules "$root/usr/lib/modules"
fi

cd "$root"
pivot_root . mnt
umount --lazy /mnt
ip link set lo up

# No firewall rules of docker's: within this network namespace nothing needs
# them, and the machine is to reach the nodes directly.
exec tini -- dockerd \
  --host unix:///run/engine/docker.sock \
  --config-file /etc/docker-private.json \
  --cgroup-parent "$cgroup" --exec-opt native.cgroupdriver=cgroupfs \
  --bip "$prefix.1.1/24" --default-address-pool "base=$prefix.128.0/17,size=24" \
  --iptables=false --ip6tables=false --ip-masq=false --ip-forward=true \
  --oom-score-adjust 0 \
  ${runtime:+--add-runtime "$runtime=/usr/local/sbin/$runtime" --default-runtime "$runtime"}
