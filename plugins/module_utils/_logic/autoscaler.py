# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""HorizontalPodAutoscalers that set a workload's count, and what they do while it is 0. Pure.

Source: pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler: scaling is disabled while the count is 0,
unless the minimum is 0, too. A count above the maximum or below the minimum is set to it, without any metrics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """One that points at the workload."""

    name: str
    least: int
    most: int
    owner: str
    """What made it, as in `ScaledObject cart` (KEDA); empty if a person did."""

    def words(self, count: int) -> str:
        """What it does to a workload that is scaled to 0 and back to `count`."""
        owner = f", made by {self.owner}" if self.owner else ""
        text = f"HorizontalPodAutoscaler {self.name} ({self.least} to {self.most} pods{owner}) sets its count"
        if self.least == 0:
            return f"{text}, and may scale it up before the old pods are gone"
        text += ": it does nothing while the count is 0, and goes on afterwards"
        if count < self.least:
            return f"{text} with its minimum, as {count} is less"
        return f"{text} with its maximum, as {count} is more" if count > self.most else text


def pointing_at(workload: Workload, objects: Iterable[JsonObject]) -> list[Autoscaler]:
    """Those of the namespace's autoscalers (autoscaling/v2) that set the count of this workload."""
    group = _group(workload.api_version)
    found = []
    for obj in objects:
        target = obj["spec"]["scaleTargetRef"]
        same = (target["kind"], target["name"]) == (workload.kind, workload.name)
        if same and _group(target.get("apiVersion", "")) == group:
            found.append(_autoscaler(obj))
    return sorted(found, key=lambda entry: entry.name)


def _autoscaler(obj: JsonObject) -> Autoscaler:
    spec, least = obj["spec"], obj["spec"].get("minReplicas")
    owner = next((entry for entry in obj["metadata"].get("ownerReferences") or [] if entry.get("controller")), None)
    return Autoscaler(
        name=obj["metadata"]["name"],
        least=1 if least is None else int(least),
        most=int(spec["maxReplicas"]),
        owner=f"{owner['kind']} {owner['name']}" if owner else "",
    )


def _group(api_version: str) -> str:
    """`apps` of `apps/v1`; the core group has no name."""
    return api_version.rpartition("/")[0]
