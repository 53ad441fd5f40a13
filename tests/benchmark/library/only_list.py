#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of a plan: a module that lists the pods of a namespace in pages, as JSON, and does nothing else."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from ansible.module_utils.basic import AnsibleModule
from kubernetes.client import ApiClient
from kubernetes.config import new_client_from_config


def count(client: ApiClient, namespace: str) -> int:
    """How many there are."""
    pool, items, rest = client.rest_client.pool_manager, 0, ""
    while True:
        query = urlencode({"limit": "500", "continue": rest})
        url = f"{client.configuration.host}/api/v1/namespaces/{namespace}/pods?{query}"
        page = json.loads(pool.request("GET", url).data)
        items += len(page["items"])
        rest = page["metadata"].get("continue")
        if not rest:
            return items


if __name__ == "__main__":
    module = AnsibleModule({"kubeconfig": {"type": "path"}, "namespace": {"type": "str"}}, supports_check_mode=True)
    module.exit_json(
        changed=False,
        count=count(new_client_from_config(module.params["kubeconfig"]), module.params["namespace"]),
    )
