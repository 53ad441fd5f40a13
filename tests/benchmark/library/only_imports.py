#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of a no-op task: a module that imports the client library and does nothing."""

from __future__ import annotations

import kubernetes  # noqa: F401
from ansible.module_utils.basic import AnsibleModule

if __name__ == "__main__":
    AnsibleModule(argument_spec={}, supports_check_mode=True).exit_json(changed=False)
