# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.filter.safe_restart import FilterModule
from ansible_collections.saferestart.k8s.plugins.filter.survey_answers import FilterModule as Answers
from jinja2 import Environment

FILTERS = FilterModule().filters()


def survey_answers(*given: Any, **variables: Any) -> dict[str, Any]:
    """What the filter makes of it where these variables are."""
    return Answers().filters()["survey_answers"](
        Environment(autoescape=True).from_string("").new_context(variables), *given
    )


def test_decisions_are_in_the_order_of_the_workloads() -> None:
    refused = {"name": "app", "in_place": False, "refusal": "no shell", "process": None}
    looks: list[dict[str, Any]] = [
        {"item": {"kind": "Deployment", "name": name}, "pods": [{"name": "p", "containers": [refused]}]}
        for name in ("one", "two")
    ]
    found = FILTERS["restart_decisions"](looks, [{"skipped": True}, {"plan": []}], ["image_alias", "rollout_restart"])
    assert [entry["strategy"] for entry in found] == ["rollout_restart", "image_alias"]
    found = FILTERS["restart_decisions"](looks, [], ["rollout_restart"])
    assert [entry["name"] for entry in found] == ["one", "two"]


def test_faults_of_options() -> None:
    (found,) = FILTERS["restart_option_faults"]({"older_than": "soon"}, prefix="r_")
    assert found.startswith("r_older_than: 'soon' is neither")


def test_workloads_by_their_words() -> None:
    targets = FILTERS["restart_targets"]
    assert targets(["sts/db", "statefulsets.apps/db"]) == [{"kind": "StatefulSet", "name": "db"}]
    with pytest.raises(AnsibleFilterError, match="restart_targets: no workload is called pod/db"):
        targets(["sts/db", "pod/db"])


def test_what_cannot_be_unpacked() -> None:
    with pytest.raises(AnsibleFilterError, match="restart_unpacked: what is under packed was not packed"):
        FILTERS["restart_unpacked"]({"packed": "%"})
    assert FILTERS["restart_unpacked"]({"changed": False}) == {"changed": False}


def test_answers_lose_their_prefix() -> None:
    options = {"r_wait": {"default": 1}, "r_ways": {"default": [], "choices": ["a"]}}
    found = survey_answers({"r_wait": "3", "r_ways": "a,b"}, options, "r_")
    assert found == {"values": {"wait": 3, "ways": []}, "faults": ["r_ways has b; there are a"]}


def test_what_follows_a_space_on_a_command_line_is_a_fault() -> None:
    (found,) = survey_answers({}, {}, _raw_params="sts/b sts/c")["faults"]
    assert found.startswith("2 of the words after a -e")


@pytest.mark.parametrize(("given", "options"), [([], {}), ({}, [])])
def test_answers_are_of_mappings(given: Any, options: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="are mappings"):
        survey_answers(given, options)
