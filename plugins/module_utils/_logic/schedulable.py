# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether any node may take a pod, by what does not change from one second to the next. Pure.

Not judged: free CPU and memory, ports, volumes, and affinity to other pods. Sources in Kubernetes:
pkg/scheduler/framework/plugins (nodeaffinity, nodeunschedulable, tainttoleration), and for the operators
staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity and k8s.io/apimachinery/pkg/labels/selector.go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

CORDONED = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_REPELS = ("NoSchedule", "NoExecute")


def no_node(spec: JsonObject, nodes: Sequence[JsonObject]) -> str:
    """Why no node at all takes a pod with this spec, with how many nodes for each reason; empty if one does.

    A pod that names its node is not scheduled: its kubelet turns it away for labels and for NoExecute (pkg/kubelet/
    lifecycle/predicate.go), and nobody asks whether the node is cordoned.
    """
    if name := spec.get("nodeName"):
        node = next((entry for entry in nodes if entry["metadata"]["name"] == name), None)
        if node is None:
            return f"its node {name} does not exist"
        reason = _against_labels(spec, node) or _against_taints(spec, node, ("NoExecute",))
        return f"its node {name} {reason}" if reason else ""
    if not nodes:
        return "there is no node"
    reasons = [against(spec, node) for node in nodes]
    if "" in reasons:
        return ""
    return ", ".join(f"{count} of {len(nodes)} {reason}" for reason, count in sorted(Counter(reasons).items()))


def against(spec: JsonObject, node: JsonObject) -> str:
    """What speaks against this node for a pod with this spec; empty if nothing does."""
    cordoned = bool((node.get("spec") or {}).get("unschedulable")) and not _tolerated(spec, CORDONED)
    return _against_labels(spec, node) or ("is cordoned" if cordoned else _against_taints(spec, node, _REPELS))


def _against_labels(spec: JsonObject, node: JsonObject) -> str:
    """What the pod wants of a node's labels and name, and this one does not have."""
    labels = node["metadata"].get("labels") or {}
    wanted = spec.get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return f"does not match the node selector {_text(wanted)}"
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is not None and not any(_term(term, node) for term in required.get("nodeSelectorTerms") or []):
        return "does not match the required node affinity"
    return ""


def _against_taints(spec: JsonObject, node: JsonObject, effects: Iterable[str]) -> str:
    """The first taint of the node that the pod does not tolerate."""
    for taint in (node.get("spec") or {}).get("taints") or []:
        if taint["effect"] in effects and not _tolerated(spec, taint):
            value = f"={taint['value']}" if taint.get("value") else ""
            return f"has the taint {taint['key']}{value}:{taint['effect']}, which is not tolerated"
    return ""


def _term(term: JsonObject, node: JsonObject) -> bool:
    """Whether one of the alternatives holds: all of its expressions do. An empty one never holds."""
    labels, fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    has = node["metadata"].get("labels") or {}
    name = {"metadata.name": node["metadata"]["name"]}
    holds = [_expression(entry, has) for entry in labels] + [_expression(entry, name) for entry in fields]
    return bool(holds) and all(holds)


def _expression(entry: JsonObject, has: Mapping[str, str]) -> bool:
    """One requirement. An operator that is not known is taken to hold: only what is certain is refused."""
    value, values = has.get(entry["key"]), entry.get("values") or []
    match entry["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _compare(entry["operator"], value, values)
    return True


def _compare(operator: str, value: str | None, values: Sequence[str]) -> bool:
    """Whole numbers; what is none does not match."""
    try:
        one, other = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return one > other if operator == "Gt" else one < other


def _tolerated(spec: JsonObject, taint: Mapping[str, str]) -> bool:
    return any(_tolerates(entry, taint) for entry in spec.get("tolerations") or [])


def _tolerates(entry: JsonObject, taint: Mapping[str, str]) -> bool:
    """Source: staging/src/k8s.io/api/core/v1/toleration.go, ToleratesTaint."""
    if entry.get("effect") and entry["effect"] != taint["effect"]:
        return False
    if entry.get("key") and entry["key"] != taint["key"]:
        return False
    match entry.get("operator") or "Equal":
        case "Equal":
            return bool(entry.get("key")) and entry.get("value", "") == taint.get("value", "")
        case "Exists":
            return True
    return True


def _text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
