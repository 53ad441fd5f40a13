# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a request to delete says. Pure."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


def delete_options(uid: str, resource_version: str, grace_seconds: int | None, *, dry_run: bool) -> JsonObject:
    """DeleteOptions that fit no other object of the same name (staging/src/k8s.io/apimachinery, meta/v1 types.go)."""
    conditions = {"uid": uid} | ({"resourceVersion": resource_version} if resource_version else {})
    options: JsonObject = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": conditions}
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    return options | ({"dryRun": ["All"]} if dry_run else {})
