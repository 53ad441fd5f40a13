# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils import _argspec
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.asked import TOLD, asked


def test_what_it_is_about_comes_first_and_what_was_not_said_is_left_out() -> None:
    options = {"force": False, "name": "cart", "namespace": "shop", "via": None, "containers": [], "select": ""}
    assert list(asked(options).items()) == [("namespace", "shop"), ("name", "cart"), ("force", False)]


def test_what_may_hold_a_secret_is_not_told() -> None:
    options = {"definition": {"kind": "Pod"}, "env": {"A": "b"}, "patch": {"a": 1}, "canary": {"url": "u"}, "host": "h"}
    assert asked(options) == {}


def test_no_option_with_a_secret_or_of_the_connection_is_among_them() -> None:
    everything = _argspec.IN_PLACE | _argspec.TEMPLATE_PATCH | _argspec.ENV | _argspec.AUTH | _argspec.ACCOUNT
    assert not set(TOLD) & _argspec.AUTH.keys()
    assert not [name for name in TOLD if everything.get(name, {}).get("no_log")]
    assert {name for name in TOLD if everything.get(name, {}).get("type") in ("dict", "raw")} == {"gates"}
