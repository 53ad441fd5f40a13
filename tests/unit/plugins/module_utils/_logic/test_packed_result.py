# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import secrets
import uuid
import zlib
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.packed_result import (
    MOST_TOLD,
    NotPacked,
    packed,
    unpacked,
)

#: What AWX keeps of a task's result (MAX_EVENT_RES_DATA).
MOST_KEPT = 700_000


def pod(number: int, outcome: str = "restarted") -> dict[str, Any]:
    """An entry of `pods` with two containers, as container_restart returns it, with IDs that do not repeat."""
    uid = str(uuid.uuid4())
    containers = [
        {
            "name": name,
            "outcome": outcome,
            "reason": "a new instance of the container is Ready",
            "via": "exec",
            "basis": "measured",
            "verdict": "handled",
            "confidence": "likely",
            "evidence": [
                "SigCgt has bit 14: a handler for SIGTERM is installed",
                "the command is /programs/c-sleep-sig",
            ],
            "container_id_before": f"containerd://{secrets.token_hex(32)}",
            "container_id_after": f"containerd://{secrets.token_hex(32)}",
            "restart_count_before": number,
            "restart_count_after": number + 1,
            "exit_code": 0,
            "exit_reason": "Completed",
            "downtime_seconds": 1.0,
            "seconds": number / 7,
        }
        for name in ("app", "proxy")
    ]
    where = {
        "namespace": "shop",
        "name": f"cart-{uid[:10]}",
        "node": "worker",
        "ip_before": uid[:8],
        "ip_after": uid[:8],
    }
    return where | {"uid_before": uid, "uid_after": uid, "containers": containers}


def step(entry: dict[str, Any], action: str = "signal") -> dict[str, Any]:
    return {"pod": entry["name"], "container": "app", "action": action, "reason": "PID 1 has a handler for SIGTERM"}


def whole(*pods: dict[str, Any]) -> dict[str, Any]:
    plan = [step(entry) for entry in pods]
    return {"changed": True, "strategy": "in_place", "plan": plan, "pods": list(pods), "summary": {"pods": len(pods)}}


def test_a_thousand_pods_are_no_more_than_awx_keeps_and_nothing_is_lost() -> None:
    result = whole(*(pod(number) for number in range(1000)))
    assert len(json.dumps(result)) > MOST_KEPT
    small = packed(result)
    assert len(json.dumps(small)) < MOST_KEPT / 2
    assert unpacked(small) == result


def test_what_did_not_go_well_is_told() -> None:
    bad = pod(7, "failed")
    result = whole(pod(1), bad) | {"signalled": [pod(2), bad]}
    result["plan"][1]["action"] = "skip"
    small = packed(result)
    assert (small["pods"], small["signalled"], small["plan"]) == ([bad], [bad], result["plan"][1:])
    assert (small["changed"], small["strategy"], small["summary"]) == (True, "in_place", {"pods": 2})


def test_no_more_than_some_of_it() -> None:
    small = packed(whole(*(pod(number, "failed") for number in range(MOST_TOLD + 1))))
    assert len(small["pods"]) == MOST_TOLD
    assert len(unpacked(small)["pods"]) == MOST_TOLD + 1


def test_a_result_that_is_not_packed_stays() -> None:
    result = whole(pod(1))
    assert unpacked(result) == result
    assert unpacked({}) == {}


def text_of(content: bytes) -> str:
    """As a result that is packed has it."""
    return base64.b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "QUJD",
        base64.b64encode(b"x").decode(),
        packed(whole(pod(1)))["packed"][:-8],
        text_of(b"no JSON"),
        text_of(b"[1]"),
        text_of(b'{"pods": 7}'),
        text_of(b'{"changed": []}'),
        7,
    ],
    ids=["no base64", "not compressed", "short", "cut off", "no JSON", "a list", "no list", "another key", "no text"],
)
def test_what_was_not_packed_here_is_an_error(text: object) -> None:
    with pytest.raises(NotPacked, match=r"under packed was not packed by a module of .*, or is damaged: "):
        unpacked({"packed": text})


def test_a_failure_without_a_result() -> None:
    assert unpacked(packed({})) == {}


def test_a_thousand_pods_that_went_wrong_are_no_more_than_awx_keeps_either() -> None:
    """With the names of all of them in the message and in a warning, as the modules give them."""
    result = whole(*(pod(number, "skipped") for number in range(1000)))
    names = [f"container {name} of Pod shop/{entry['name']}" for entry in result["pods"] for name in ("app", "proxy")]
    for entry in result["plan"]:
        entry["action"] = "skip"
    small = packed(result | {"msg": f"Not touched: {', '.join(names)}.", "warnings": [", ".join(names)]})
    assert len(json.dumps(small)) < MOST_KEPT
    assert unpacked(small)["pods"] == result["pods"]
