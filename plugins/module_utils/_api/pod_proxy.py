# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A request to a pod, made by the API server: its address is seldom to be had from outside of the cluster."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import api_error, unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD

with contextlib.suppress(ImportError):  # the entry reports it before anything here is called
    import urllib3

#: As much of the answer is read as a kubelet reads of a hook's (pkg/kubelet/lifecycle/handlers.go).
MAX_BODY = 10 << 10
#: What may stand in a path and a query as it is.
_SAFE = "/?=&%:@!$'()*+,;~"


def proxy_path(namespace: str, pod: str, request: HttpGet) -> str:
    """Path and query for the API server (staging/src/k8s.io/apimachinery/pkg/util/net, SplitSchemeNamePort)."""
    scheme = "https:" if request.scheme == "https" else ""
    wanted = quote(request.path.partition("#")[0].removeprefix("/"), safe=_SAFE)
    return POD.path(namespace, f"{scheme}{pod}:{request.port}", f"proxy/{wanted}")


def ask_pod(
    send: Callable[..., Any], host: str, namespace: str, pod: str, request: HttpGet, seconds: float
) -> int | None:
    """See ClusterApi. `send` is the client's way to send one request, `host` the API server."""
    path, headers = proxy_path(namespace, pod, request), {"Accept": "*/*", **dict(request.headers)}
    try:
        response = send("GET", path, {}, None, headers, seconds, streamed=True)
        body = response.read(MAX_BODY)
        response.close()
    except urllib3.exceptions.ReadTimeoutError:
        return None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise unreachable(host, error) from error
    if _is_status(response.status, body):
        raise api_error(f"ask Pod {namespace}/{pod} through the API server", response.status, body)
    status: int = response.status
    return status


def _is_status(code: int, body: bytes) -> bool:
    """Whether it is the API server's own refusal: a Kubernetes Status."""
    try:
        answer = json.loads(body) if code >= 400 else None
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("kind") == "Status" and answer.get("code") == code
