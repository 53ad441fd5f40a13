# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Is a cluster there, and does it take the credentials? One request, tried once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.auth import (
    authorization,
    credentials_hint,
    load_configuration,
    request_headers,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import api_error, json_object, unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError

try:
    import urllib3
    from kubernetes.client.rest import RESTClientObject
except ImportError:  # whoever calls this has to say so
    pass

REQUEST = "get /version"


def server_version(auth: Mapping[str, Any], seconds: float) -> str:
    """The API server's version, as in `v1.36.1`, which every user with valid credentials may read.

    `seconds` are those that a connection may take, and then the answer. Raises Unreachable, ApiError where the answer
    is no success, such as 401, and SafeRestartError for a kubeconfig that is none.
    """
    configuration = load_configuration(auth)
    header = authorization(configuration)
    headers = [*request_headers(auth), ("Accept", "application/json")]
    headers += [("Authorization", header)] if header else []
    try:
        response = RESTClientObject(configuration).pool_manager.request(
            "GET",
            f"{configuration.host}/version",
            headers=urllib3.HTTPHeaderDict(headers),
            timeout=urllib3.Timeout(connect=seconds, read=seconds),
            retries=False,
        )
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise unreachable(configuration.host, error) from error
    except ImportError as error:  # of a SOCKS proxy
        raise SafeRestartError(f"proxy cannot be used: {error}.") from error
    if response.status != 200:
        hint = credentials_hint(configuration, response.status)
        raise api_error(REQUEST, response.status, response.data, hint)
    return str(json_object(REQUEST, response.data).get("gitVersion", ""))
