# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Stages of a restart: what is wrong with how they are written, and which of them are to be done. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

_STAGE = ("name", "workloads", "namespace", "gate")
_GATE = {"wait_seconds": 0, "url": "", "status": 200, "contains": "", "timeout": 300}
_NUMBERS = ("wait_seconds", "status", "timeout")
_WORKLOAD = re.compile(r"[A-Za-z.]+/[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


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
        what = "was done before" if stage["done"] else ", ".join(stage["workloads"])
        stage["text"] = f"{number + 1}. {stage['name']}: {what}"
    return planned, faults


def _stage(stage: Any, namespace: str) -> dict[str, Any]:
    """One of them. Raises TargetError, which says what is wrong."""
    if not isinstance(stage, Mapping):
        raise TargetError("is no mapping with a name and workloads")
    _known(stage, _STAGE)
    if not stage.get("name") or not isinstance(stage["name"], str):
        raise TargetError("has no name")
    where = stage.get("namespace") or namespace
    if not where:
        raise TargetError("has no namespace, and there is none for all stages")
    given = stage.get("workloads") or []
    workloads = [word for entry in ([given] if isinstance(given, str) else given) for word in _words(entry)]
    if wrong := [word for word in workloads if not _WORKLOAD.fullmatch(word)]:
        raise TargetError(f"has workloads that are not kind/name: {', '.join(wrong)}")
    if not workloads:
        raise TargetError("has no workloads")
    return {"name": stage["name"], "namespace": str(where), "workloads": workloads, "gate": _gate(stage.get("gate"))}


def _words(entry: Any) -> list[str]:
    return re.split(r"[\s,]+", str(entry).strip(" \n,")) if str(entry).strip(" \n,") else []


def _gate(gate: Any) -> dict[str, Any]:
    """What has to be so before the next stage begins. A URL is not shown."""
    if not isinstance(gate or {}, Mapping):
        raise TargetError("has a gate that is no mapping")
    _known(gate or {}, tuple(_GATE), "in its gate ")
    found = {**_GATE, **{name: value for name, value in (gate or {}).items() if value not in (None, "")}}
    for name in _NUMBERS:
        if isinstance(found[name], bool) or not re.fullmatch(r"[0-9]{1,9}", str(found[name]), re.ASCII):
            raise TargetError(f"has in its gate {name} {found[name]!r}, which is no whole number from 0 on")
        found[name] = int(found[name])
    if found["url"] and not str(found["url"]).startswith(("http://", "https://")):
        raise TargetError("has in its gate a url that begins with neither http:// nor https://")
    if not found["url"] and {"status", "contains"} & (gate or {}).keys():
        raise TargetError("has in its gate what an answer has to be, and no url that is asked")
    return found


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
