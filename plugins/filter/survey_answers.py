# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter survey_answers: a role's variables as values of the right type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import survey_answers as logic
from jinja2 import pass_context
from jinja2.runtime import Context

#: Where Ansible keeps what follows `-e name=value` after a space and is none (ansible/parsing/splitter.py, parse_kv).
_REST = "_raw_params"


@pass_context
def survey_answers(context: Context, given: Any, options: Any, prefix: str = "") -> dict[str, Any]:
    """Return `values`, by their names without the prefix, and `faults`. Raises AnsibleFilterError."""
    if not isinstance(given, Mapping) or not isinstance(options, Mapping):
        raise AnsibleFilterError("survey_answers: the variables and the options of argument_specs are mappings")
    values, faults = logic.survey_answers(given, options, context.get(_REST, ""))
    return {"values": {name.removeprefix(prefix): value for name, value in values.items()}, "faults": faults}


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., dict[str, Any]]]:
        return {"survey_answers": survey_answers}
