# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a canary may be asked to prove, and what makes no sense. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.condition import condition
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.http_url import is_http_url
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

#: What it has to prove, and how long that may take: the option's own names.
PROOFS = ("soak_seconds", "until", "url")
NAMES = (*PROOFS, "timeout")


def require_canary(options: Mapping[str, Any]) -> None:
    """Raises TargetError for values of the option canary that make no sense, whatever the cluster is like.

    They are of the right types. What the URL says is not repeated: it may have a password.
    """
    for name in ("soak_seconds", "timeout"):
        if (options.get(name) or 0) < 0:
            raise TargetError("canary: soak_seconds and timeout have to be 0 or more. Nothing was sent.")
    if options.get("until") is not None:
        condition("canary.until", options["until"])
    if options.get("url") is not None and not is_http_url(options["url"]):
        raise TargetError("canary.url is no http or https URL with a host. Nothing was sent.")
