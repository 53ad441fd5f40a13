# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.filter.restart_notify import FilterModule

FILTERS = FilterModule().filters()
ROLES = Path(__file__).resolve().parents[4] / "roles"
TELLERS = ("safe_restart", "staged_restart", "fleet_restart")
OPTIONS = ("url", "headers", "body", "on", "timeout")


def test_the_time_is_now() -> None:
    told = FILTERS["restart_notification"]({}, "safe_restart", "finished", {"namespace": "shop"})
    now = datetime.strptime(told["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - now).total_seconds()) < 3600
    assert told["namespace"] == "shop"


def test_there_is_no_such_event() -> None:
    with pytest.raises(AnsibleFilterError, match="no event ended, only started, finished, failed"):
        FILTERS["restart_notification"]({}, "safe_restart", "ended")


def test_a_webhook_has_faults_beside_it() -> None:
    webhook = FILTERS["restart_webhook"]({"url": "a"}, prefix="r_")
    assert len(webhook["faults"]) == 1
    assert webhook["faults"][0].startswith("r_url is no")


@pytest.mark.parametrize("role", TELLERS)
def test_the_three_roles_have_the_same_options(role: str) -> None:
    options = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"][
        "main"
    ]["options"]
    names = [name for name in options if name.startswith(f"{role}_notify_")]
    assert names == [f"{role}_notify_{name}" for name in OPTIONS]
    secret = [name for name in names if options[name].get("no_log")]
    assert secret == names[:3]
    # A type of its own would make Ansible quote in its error what it could not convert.
    assert {options[name]["type"] for name in names} == {"raw"}


def test_one_place_sends() -> None:
    senders = [path for path in ROLES.glob("*/tasks/*.yml") if re.search(r"method: POST", path.read_text("utf-8"))]
    assert [path.relative_to(ROLES).as_posix() for path in senders] == ["restart_notify/tasks/send.yml"]
    (task,) = [task for task in yaml.safe_load(senders[0].read_text("utf-8")) if "ansible.builtin.uri" in task]
    assert task["no_log"] is True
