# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import (
    secret_values,
    without_secret_values,
)


def test_only_the_values_of_secrets_are_hidden() -> None:
    env = [
        {"name": "DB_PASSWORD", "value": "sesame"},
        {"name": "STAGE", "value": "live"},
        {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "token"}}},
        {"name": "OLD_SECRET"},
    ]
    template = {"spec": {"containers": [{"name": "app", "env": env, "args": ["--token", "sesame", "-v"], "tty": True}]}}
    shown = without_secret_values(template)["spec"]["containers"][0]
    assert shown == {
        "name": "app",
        "env": [env[0] | {"value": "********"}, *env[1:]],
        "args": ["--token", "********", "-v"],
        "tty": True,
    }
    assert env[0]["value"] == "sesame"


def test_what_is_no_list_of_words_stays() -> None:
    assert without_secret_values({"command": [1, "--token", "x"], "env": None, "args": "a"}) == {
        "command": [1, "--token", "x"],
        "env": None,
        "args": "a",
    }


def test_the_values_of_secrets_are_found_wherever_they_are() -> None:
    container = {"name": "app", "env": [{"name": "API_TOKEN", "value": "a"}, {"name": "STAGE", "value": "b"}]}
    operation = {"op": "add", "path": "/spec/containers/0/env/-", "value": {"name": "PASSWORD", "value": "c"}}
    assert list(secret_values({"spec": {"containers": [container]}})) == ["a"]
    assert list(secret_values([operation, {"name": "SECRET", "value": {"name": "TOKEN"}}, "x"])) == ["c"]
