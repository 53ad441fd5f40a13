# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import role_options
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_options import option_faults

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"signal": "TERM", "older_than": "", "max_unavailable": "", "wait_timeout": 1, "canary": {}, "gates": {}},
        {"signal": "15", "older_than": "2h", "max_unavailable": "25%"},
        {"canary": {"soak_seconds": "60", "timeout": 5, "until": "pod.spec", "url": "http://x"}},
        {"gates": {"env": "warn", "registry": "refuse"}},
        {"namespace": "shop-1", "workloads": ["deployment/cart", "sts/db"], "containers": ["app"]},
        {"namespace": "", "workloads": None, "containers": [], "fallback": []},
        {"fallback": ["image_alias", "pod_evict", "pod_delete", "rollout_restart", "fail"]},
        {"a_name_that_nobody_checks": object()},
    ],
)
def test_nothing_is_wrong(values: dict[str, Any]) -> None:
    assert option_faults(values, "r_", NOW) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("signal", "TREM", "r_signal: "),
        ("older_than", "yesterday", "r_older_than: 'yesterday' is neither a duration"),
        ("older_than", "2027-01-01T00:00:00Z", "r_older_than: 2027-01-01T00:00:00Z is yet to come"),
        ("max_unavailable", "half", "r_max_unavailable: 'half' is neither a number"),
        ("max_unavailable", "0", "r_max_unavailable: '0' is neither a number"),
        ("wait_timeout", 0, "r_wait_timeout: nothing could be proven in 0 seconds"),
        ("canary", {"soak": 5}, "r_canary: it has soak; there are soak_seconds, until, url, timeout"),
        ("canary", {"soak_seconds": "a while"}, "r_canary: soak_seconds is no whole number"),
        ("canary", {"timeout": -1}, "r_canary: it has nothing to prove, there are soak_seconds, until, url"),
        ("canary", {"timeout": -1, "soak_seconds": 1}, "r_canary: timeout is no whole number"),
        ("canary", {"soak_seconds": True}, "r_canary: soak_seconds is no whole number"),
        ("canary", {"until": "pod.["}, "r_canary: until: 'pod.[' cannot be used: "),
        ("canary", {"until": {"a": 1}}, "r_canary: until is no text"),
        ("canary", {"url": "shop.example.com"}, "r_canary: url is no http or https URL with a host"),
        ("canary", {"url": "https://"}, "r_canary: url is no http or https URL with a host"),
        ("canary", {"url": ["https://x"]}, "r_canary: url is no text"),
        (
            "fallback",
            ["rollout_restart", "pod_evcit"],
            "r_fallback: it has pod_evcit; there are image_alias, pod_evict,",
        ),
        ("namespace", "Shop", "r_namespace: 'Shop' is no name"),
        ("namespace", "a/b", "r_namespace: 'a/b' is no name"),
        ("containers", ["app", "side car"], "r_containers: 'side car' is no name"),
        (
            "workloads",
            ["deployment/cart", "db"],
            "r_workloads: it needs kind/name, as in deployment/cart, with one of the",
        ),
        (
            "workloads",
            ["statefulset.apps.kruise.io/db"],
            "r_workloads: it needs kind/name, as in deployment/cart, with one of the kinds deployment,",
        ),
        ("url", "https://", "r_url: it is no http:// or https:// URL with a host"),
        ("url", "user:hunter2@x", "r_url: it is no http:// or https:// URL with a host"),
        ("gates", {"images": "warn"}, "r_gates: it has images; there are env, "),
        ("gates", {"env": "warm"}, "r_gates: env is 'warm'; there are refuse, warn, ignore"),
    ],
)
def test_a_fault_names_its_variable(name: str, value: Any, words: str) -> None:
    (found,) = option_faults({name: value}, "r_", NOW)
    assert found.startswith(words)


def test_a_kind_of_another_api_group_is_not_taken_for_the_known_one() -> None:
    (found,) = option_faults({"workloads": ["statefulset.apps.kruise.io/db", "sts/db"]}, "r_", NOW)
    assert found.endswith("daemonsets, ds, all of the API group apps. Found: statefulset.apps.kruise.io/db")


def test_what_a_canary_asks_is_not_shown() -> None:
    (found,) = option_faults({"canary": {"url": "https://user:hunter2@x", "soak_seconds": "hunter2"}}, "r_", NOW)
    assert "hunter2" not in found


def test_without_the_library_the_module_says_what_is_wrong_with_an_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role_options, "CAN_COMPILE", False)
    assert option_faults({"canary": {"until": "pod.["}}, "r_", NOW) == []
