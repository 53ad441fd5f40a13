# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role restart_notify: what a webhook is told, how it is asked, and whether it has taken it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import notification as logic
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import webhook
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text


def restart_notification(
    summary: Mapping[str, Any], role: str, event: str = "", about: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what to tell of the event. Raises AnsibleFilterError."""
    if event and event not in webhook.EVENTS:
        raise AnsibleFilterError(f"restart_notification: there is no event {event}, only {', '.join(webhook.EVENTS)}")
    return logic.notification(summary, role, event, about or {}, time_text(datetime.now(UTC)))


def restart_webhook(given: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return what to send where, and `faults`."""
    planned, faults = webhook.plan_webhook(given, prefix)
    return {**planned, "faults": faults}


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "restart_notification": restart_notification,
            "restart_webhook": restart_webhook,
            "restart_not_taken": webhook.not_taken,
        }
