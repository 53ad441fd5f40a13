# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a report is made of, in the shapes in which a play has it: registered results, entries of a role, records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.asked import asked
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.packed_result import NotPacked, unpacked

Json = Mapping[str, Any]


SCHEMA = "saferestart.k8s.report"
#: It goes up when a key changes its meaning, or goes.
SCHEMA_VERSION = 1


#: No count and no seconds of a run are more.
MOST = 10**9


class ReportError(ValueError):
    """There is something that no report can be made of."""


@dataclass(frozen=True, slots=True)
class Source:
    """One run of one module, and what is known besides its result."""

    result: Json
    error: str = ""
    workload: str = ""
    """What it was about, in words; empty where only the result says so."""
    strategy: str = ""
    decision: str = ""
    """Why it was restarted in this way."""
    module: str = ""
    who: str = ""
    why: str = ""
    began: str = ""
    ended: str = ""
    asked: Json = field(default_factory=dict)


def sources(value: object) -> list[Source]:
    """What is in a list of results, in its order; one alone need not be a list.

    What a task returned that was skipped is left out, and what pid1_info did. Raises ReportError.
    """
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [found for number, entry in enumerate(entries, 1) for found in _read(entry, f"entry {number}")]


def from_records(texts: Json) -> list[Source]:
    """The runs of record files: what is in them, by their paths. Raises ReportError."""
    found = []
    for path, text in texts.items():
        try:
            record = json.loads(text) if isinstance(text, str) else text
        except ValueError as error:
            raise ReportError(f"{path} is no JSON: {error}") from error
        if not isinstance(record, Mapping) or not isinstance(record.get("result"), Mapping):
            raise ReportError(f"{path} is no record: the option record of a restart module writes one")
        found.append(_record(record, path))
    return found


def require_report(value: object) -> Json:
    """A report as make_report() returns it, perhaps read from a file. Raises ReportError."""
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        raise ReportError("this is no report: the filter saferestart.k8s.restart_report makes one of results")
    if value.get("schema_version") != SCHEMA_VERSION:
        found = value.get("schema_version")
        raise ReportError(f"this is a report of schema version {found}, and only {SCHEMA_VERSION} is known here")
    return value


def mappings(value: object, where: str) -> list[Json]:
    """A list of dictionaries; none where there is nothing. Raises ReportError."""
    if value in (None, "", (), []):
        return []
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(it, Mapping) for it in value):
        raise ReportError(f"{where} is not a list of dictionaries, as the modules return it")
    return list(value)


def numbers(value: object) -> dict[str, int | float]:
    """What is a number in a dictionary, and one to reckon with."""
    found = value.items() if isinstance(value, Mapping) else ()
    return {str(name): entry for name, entry in found if is_number(entry)}


def is_number(value: object) -> bool:
    """Whether it is one to reckon with: JSON may have infinities, and a record may have been written by anybody."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < MOST


def texts(value: object) -> list[str]:
    """A list of texts; none where there is no list."""
    return [str(entry) for entry in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def _read(entry: object, where: str) -> Iterator[Source]:
    """The runs in one entry."""
    if not isinstance(entry, Mapping):
        raise ReportError(f"{where} is a {type(entry).__name__}, and has to be a result, a record or a role's entry")
    if "censored" in entry:
        raise ReportError(f"{where} was hidden by no_log: nothing is known of it")
    if isinstance(entry.get("results"), Sequence) and "pods" not in entry:
        for number, item in enumerate(entry["results"], 1):
            yield from _read(item, f"{where}, item {number} of its loop")
    elif (entry.get("skipped") is True and "pods" not in entry) or "all_in_place" in entry:
        return
    elif isinstance(entry.get("result"), Mapping):
        yield _record(entry, where) if "versions" in entry else _of_role(entry, entry["result"], where)
    elif isinstance(entry.get("workload"), str) and "pods" in entry:
        yield _of_role(entry, entry, where)
    elif "plan" in entry or "pods" in entry or entry.get("failed"):
        yield _of_module(entry, where)
    else:
        keys = ", ".join(sorted(map(str, entry))[:8]) or "no keys"
        raise ReportError(
            f"{where} is no result of a module that restarts, no record and no entry of a role: it has {keys}"
        )


def _of_module(result: Json, where: str, **more: str) -> Source:
    """A result as a task registers it."""
    failed = bool(result.get("failed"))
    invocation = result.get("invocation")
    options = invocation.get("module_args") if isinstance(invocation, Mapping) else None
    told = asked(options) if isinstance(options, Mapping) else {}
    why = options.get("reason") if isinstance(options, Mapping) else None
    words = str(result.get("msg") or "it failed, and does not say why") if failed else ""
    known = {"error": words, "why": str(why or "")} | {name: text for name, text in more.items() if text}
    return Source(_whole(result, where), asked=told, **known)


def _of_role(entry: Json, result: Json, where: str) -> Source:
    """What a role keeps of a workload: `workload` (kind/name), `strategy`, `reason`, and the module's result."""
    named = entry.get("workload")
    decision = entry.get("reason")
    return _of_module(
        result,
        where,
        workload=" ".join(named.split("/", 1)) if isinstance(named, str) else "",
        strategy=str(entry.get("strategy") or ""),
        decision=str(decision or ""),
        error=str(entry.get("error") or entry.get("msg") or ""),
    )


def _record(record: Json, where: str) -> Source:
    """What the option `record` keeps."""
    told = record.get("asked")
    return Source(
        _whole(record["result"], where),
        error=str(record.get("error") or ""),
        asked=asked(told) if isinstance(told, Mapping) else {},
        **{name: str(record.get(name) or "") for name in ("module", "who", "why", "began", "ended")},
    )


def _whole(result: Json, where: str) -> Json:
    """The result with its lists in it, also where it was packed. Raises ReportError."""
    try:
        return unpacked(result)
    except NotPacked as error:
        raise ReportError(f"{where}: {error}") from error
