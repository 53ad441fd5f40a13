# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
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
        ("canary", {"timeout": -1}, "r_canary: timeout is no whole number"),
        ("gates", {"images": "warn"}, "r_gates: it has images; there are env, "),
        ("gates", {"env": "warm"}, "r_gates: env is 'warm'; there are refuse, warn, ignore"),
    ],
)
def test_a_fault_names_its_variable(name: str, value: Any, words: str) -> None:
    (found,) = option_faults({name: value}, "r_", NOW)
    assert found.startswith(words)


def test_what_a_canary_asks_is_not_shown() -> None:
    (found,) = option_faults({"canary": {"url": "https://user:hunter2@x", "soak_seconds": "hunter2"}}, "r_", NOW)
    assert "hunter2" not in found
