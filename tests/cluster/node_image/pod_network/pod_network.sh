#!/bin/sh
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A pod network for nodes that share one link, as kind's nodes do: every node
# routes each other node's pod addresses to that node. It runs on every node,
# in the node's own network namespace.
#
# environment: NODE_NAME (this node), POD_SUBNET (of the whole cluster)
set -eu

# Pods see each other's own addresses; whoever a pod calls outside of the
# cluster sees the node's. Declaring and flushing first makes it repeatable.
masquerade() {
  nft -f - << RULES
table ip pod_network
flush table ip pod_network
table ip pod_network {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr $POD_SUBNET ip daddr != $POD_SUBNET oifname "eth0" masquerade
  }
}
RULES
}

# The file that tells containerd how to connect a pod. It makes the node
# Ready, so it appears complete or not at all. ptp instead of a bridge: every
# packet is routed, so that a Service also answers to pods of its own node.
# The addresses given away are forgotten with the pods when the node restarts,
# for /run is in memory.
write_cni_config() {
  read -r mtu < /sys/class/net/eth0/mtu
  cat > /etc/cni/net.d/new << CONFIG
{
  "cniVersion": "0.4.0",
  "name": "pod-network",
  "plugins": [
    {
      "type": "ptp",
      "mtu": $mtu,
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni-ipam-state",
        "ranges": [[{"subnet": "$1"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
CONFIG
  mv /etc/cni/net.d/new /etc/cni/net.d/10-pod-network.conflist
}

# One line per node now and whenever a node changes: name, pod addresses, its
# own address. A node's pod addresses come after the node itself.
watch_nodes() {
  kubectl get nodes --watch --output \
    jsonpath='{.metadata.name} {.spec.podCIDR}-{.status.addresses[?(@.type=="InternalIP")].address}{"\n"}'
}

masquerade
while :; do
  watch_nodes | while read -r name network; do
    pods=${network%%-*} node=${network#*-}
    if [ -z "$pods" ] || [ -z "$node" ]; then
      continue
    elif [ "$name" = "$NODE_NAME" ]; then
      write_cni_config "$pods"
    else
      ip route replace "$pods" via "$node" dev eth0
    fi
  done
  sleep 1 # the watch ended, or the API is not there yet
done
