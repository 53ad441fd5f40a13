# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Stages of a restart: what is wrong with how they are written, and which of them are to be done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.http_url import is_http_url
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.object_name import is_label
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.survey_answers import entries, whole_number
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.workload_words import KINDS_MEANT, named_workloads
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text

_STAGE = ("name", "workloads", "namespace", "gate")
#: What a gate may have, with what it is by default.
GATE = {"wait_seconds": 0, "url": "", "status": 200, "contains": "", "timeout": 300}
#: The least and the most that a number may be. Nobody waits for more than a day; statuses are those of RFC 9110.
_NUMBERS = {"wait_seconds": (0, 86400), "status": (100, 599), "timeout": (1, 86400)}


def plan_stages(stages: Any, namespace: str, start: str = "") -> tuple[list[dict[str, Any]], list[str]]:
    """The stages in their order, complete, and what is wrong with them.

    A stage has `name`, `workloads` (a list, or a text with commas or white space between them), perhaps a `namespace`
    other than the one for all, and a `gate`. `start` is the name of the stage to begin with; those before have `done`.
    `text` is a line about each.
    """
    if not isinstance(stages, list) or not stages:
        return [], ["stages have to be a list, each a mapping with a name and workloads"]
    planned, faults = [], []
    for number, stage in enumerate(stages, 1):
        name = stage.get("name") if isinstance(stage, Mapping) else None
        try:
            planned.append(_stage(stage, namespace))
        except TargetError as error:
            faults.append(f"stage {number} {f'({name}) ' if name else ''}{error}")
    names = [stage["name"] for stage in planned]
    faults += [f"there is more than one stage {name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    if start and start not in names and not faults:
        faults.append(f"there is no stage {start} to begin with, there are {', '.join(names)}")
    first = names.index(start) if start in names else 0
    for number, stage in enumerate(planned):
        stage["done"] = number < first
        what = "left out, the run begins after it" if stage["done"] else ", ".join(stage["workloads"])
        stage["text"] = f"{number + 1}. {stage['name']}: {what}"
    return planned, faults


def fixed_time(older_than: str, now: datetime) -> str:
    """What is meant by it as a time, which means the same later on; empty where it is. Raises TargetError.

    A duration counts back from when it is read: for a later stage, or for the run that goes on, it would be another
    time, and what was restarted in between could be older than that.
    """
    return time_text(cutoff(older_than, now)) if older_than else ""


def _stage(stage: Any, namespace: str) -> dict[str, Any]:
    """One of them. Raises TargetError, which says what is wrong."""
    if not isinstance(stage, Mapping):
        raise TargetError("is no mapping with a name and workloads")
    _known(stage, _STAGE)
    if not stage.get("name"):
        raise TargetError("has no name")
    for option in ("name", "namespace"):
        if stage.get(option) and not isinstance(stage[option], str):
            raise TargetError(f"has the {option} {stage[option]!r}, which is no text: put it in quotes")
    where = stage.get("namespace") or namespace
    if not where:
        raise TargetError("has no namespace, and there is none for all stages")
    if not is_label(where):
        raise TargetError(f"has the namespace {where!r}, which is no name of one")
    return {
        "name": stage["name"],
        "namespace": where,
        "workloads": _workloads(stage.get("workloads")),
        "gate": _gate(stage.get("gate")),
    }


def _workloads(given: Any) -> list[str]:
    """The words for them. Raises TargetError for a kind that no stage could restart, before the first one is begun."""
    if isinstance(given, Mapping):
        raise TargetError("has workloads that are a mapping, and have to be a list of kind/name")
    words = list(entries([] if given is None else given))
    if strangers := named_workloads(words)[1]:
        raise TargetError(f"has workloads that are not kind/name: {', '.join(strangers)}; the kinds are {KINDS_MEANT}")
    if not words:
        raise TargetError("has no workloads")
    return words


def _gate(gate: Any) -> dict[str, Any]:
    """What has to be so before the next stage begins. A URL is not shown."""
    if not isinstance(gate or {}, Mapping):
        raise TargetError("has a gate that is no mapping")
    _known(gate or {}, tuple(GATE), "in its gate ")
    given = {name: value for name, value in (gate or {}).items() if value not in (None, "")}
    found = {**GATE, **given}
    for name, (least, most) in _NUMBERS.items():
        found[name] = _number(name, found[name], least, most)
    for name in ("url", "contains"):
        if not isinstance(found[name], str):
            raise TargetError(f"has in its gate a {name} that is no text: put it in quotes")
    if found["url"] and not is_http_url(found["url"]):
        raise TargetError("has in its gate a url that is no http:// or https:// URL with a host")
    if not found["url"] and (needless := [name for name in ("status", "contains") if name in given]):
        raise TargetError(f"has in its gate {' and '.join(needless)}, and no url that is asked")
    return found


def _number(name: str, value: Any, least: int, most: int) -> int:
    number = whole_number(value, least, most)
    if number is None:
        raise TargetError(f"has in its gate {name} {value!r}, which is no whole number from {least} to {most}")
    return number


def _known(found: Mapping[str, Any], names: tuple[str, ...], where: str = "") -> None:
    if strangers := [str(name) for name in found if name not in names]:
        raise TargetError(f"has {where}{', '.join(strangers)}; there are {', '.join(names)}")


def staged_summary(stages: list[Mapping[str, Any]], reports: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What became of all stages, small enough to be handed on: `reports` are of those that were begun."""
    begun = {report["stage"]: report for report in reports}
    told = [
        begun.get(stage["name"], {"stage": stage["name"], "outcome": "done before" if stage["done"] else "not tried"})
        for stage in stages
    ]
    failed = [report["stage"] for report in reports if report["outcome"] == "failed"]
    return {
        "outcome": "passed" if all(entry["outcome"] in ("passed", "done before") for entry in told) else "failed",
        "failed_stage": failed[0] if failed else "",
        "not_tried": [entry["stage"] for entry in told if entry["outcome"] == "not tried"],
        "stages": told,
    }
