# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which disruption budgets cover a pod, and whether they have room for it to be down for a while. Pure.

The judgement is the server's (pkg/registry/core/pod/storage/eviction.go), its figures are the controller's
(pkg/controller/disruption/disruption.go). An in-place restart is in neither one's books: what is down because of us,
and counted as healthy all the same, has to be subtracted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import FORBIDDEN, ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import selector_text

#: Phases of pods that no budget counts.
ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Budget:
    """One PodDisruptionBudget: which pods it covers, and its figures as its controller last wrote them."""

    name: str
    selector: Mapping[str, Any]
    observed: bool
    """Its controller has seen its latest change."""
    allowed: int
    """How many pods more may be down (disruptionsAllowed)."""
    healthy: int
    desired: int
    expected: int
    min_available: int | str | None
    max_unavailable: int | str | None
    evicted: AbstractSet[str]
    """Names of pods whose eviction was granted and whose end the controller has not seen yet (disruptedPods)."""

    @classmethod
    def from_object(cls, obj: JsonObject) -> Budget:
        """From a policy/v1 PodDisruptionBudget as the API serves it."""
        meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
        return cls(
            name=meta["name"],
            selector=spec.get("selector") or {},
            observed=int(status.get("observedGeneration", 0)) >= int(meta.get("generation", 0)),
            allowed=int(status.get("disruptionsAllowed", 0)),
            healthy=int(status.get("currentHealthy", 0)),
            desired=int(status.get("desiredHealthy", 0)),
            expected=int(status.get("expectedPods", 0)),
            min_available=spec.get("minAvailable"),
            max_unavailable=spec.get("maxUnavailable"),
            evicted=frozenset(status.get("disruptedPods") or {}),
        )

    @property
    def label_selector(self) -> str:
        """Its selector in the text form that the API takes. It is not empty where the budget covers a pod."""
        return selector_text(dict(self.selector))

    def covers(self, pod: Pod) -> bool:
        """Whether an eviction of the pod has to respect it. One with no selector, or an empty one, covers none."""
        return _matches(self.selector, pod.labels)

    def obstacle(self) -> str | None:
        """Why one more of its pods must not go down, by its own figures; None if it may."""
        if not self.observed:
            return f"{self} has been changed, and its controller has not looked at it since"
        return self.figures() if self.allowed <= 0 else None

    def obstacle_by_count(self, pods: Iterable[Pod], in_flight: AbstractSet[str]) -> str | None:
        """The same by the pods that it covers as they are listed, where its own figures do not tell.

        They do not know who is down because of us. And where several budgets cover a pod the controller brings only one
        of them up to date when the pod changes (getPdbForPod). `in_flight` are the UIDs of pods that are taken down and
        not proven Ready again, whatever the list says of them.
        """
        mine = [pod for pod in pods if self.covers(pod) and pod.phase not in ENDED]
        down = sum(pod.uid in in_flight for pod in mine)
        healthy = sum(
            pod.ready and not pod.terminating and pod.name not in self.evicted and pod.uid not in in_flight
            for pod in mine
        )
        if healthy > (needed := self._needed(max(self.expected, len(mine)))):
            return None
        return f"{self} needs {needed} healthy pods and has {healthy}{f' besides {down} in flight' if down else ''}"

    def _needed(self, expected: int) -> int:
        """How many of so many pods have to be healthy, as the controller computes it (getExpectedPodCount)."""
        if self.max_unavailable is not None:
            return max(0, expected - _scaled(self.max_unavailable, expected))
        return self.desired if self.min_available is None else _scaled(self.min_available, expected)

    def figures(self) -> str:
        """What it needs and has, in a sentence."""
        return (
            f"{self} needs {self.desired} healthy pods, has {self.healthy} of {self.expected}, "
            f"and allows {max(0, self.allowed)} to be down"
        )

    def __str__(self) -> str:
        return f"PodDisruptionBudget {self.name}"


def covering(budgets: Iterable[Budget], pod: Pod) -> list[Budget]:
    """Those that cover the pod, by name."""
    return sorted((budget for budget in budgets if budget.covers(pod)), key=lambda budget: budget.name)


def costs_nothing(pod: Pod) -> bool:
    """Whether its budgets do not count the pod as healthy, so that none of them loses anything when it restarts.

    For a pod that runs and is not Ready the server asks whether the others are enough (unhealthyPodEvictionPolicy): an
    eviction would throw it away. A restart in place leaves it where it is and may be what it needs, so that it is never
    held up: a budget that is broken by this very pod would hold it up for ever.
    """
    return not pod.ready or pod.terminating or pod.phase in ENDED


def may_not_ask(error: ApiError) -> bool:
    """Whether an eviction could not even be judged: no right to it, or something in its way knows no dry run.

    A refusal by admission, which has the same code, is none of these: it is an answer.
    """
    text = str(error)
    if error.status == 400:
        return "does not support dry run" in text
    answered = "denied the request" in text or "denied request" in text
    answered = answered or (" is forbidden: " in text and " cannot " not in text)
    return error.status == FORBIDDEN and not answered


def _scaled(value: int | str, expected: int) -> int:
    """A number, or a percentage of the expected pods, rounded up."""
    return value if isinstance(value, int) else -(-int(value.rstrip("%")) * expected // 100)


def _matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """A LabelSelector (apimachinery, pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector)."""
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not wanted and not expressions:
        return False
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(entry, labels) for entry in expressions
    )


def _holds(entry: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = entry["key"], entry.get("values") or []
    match entry["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:  # DoesNotExist
            return key not in labels
