# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The events of a watch, as they arrive: one line of JSON each."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import api_error
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import will_pass

with contextlib.suppress(ImportError):  # the entry reports it before anything here is called
    import urllib3


def watch_events(response: urllib3.BaseHTTPResponse, request: str) -> Iterator[WatchEvent]:
    """They end where the server or the connection does: whoever watches resumes from the last version that was seen.

    Raises WatchExpired or another ApiError for what the server says instead of an event, as long as that will not pass;
    `request` says in it what was asked.
    """
    try:
        for line in _lines(response):
            event = json.loads(line)
            if event["type"] == "ERROR":
                error = api_error(request, int(event["object"].get("code", 500)), json.dumps(event["object"]).encode())
                if will_pass(error):
                    return
                raise error
            yield WatchEvent(event["type"], event["object"])
    except (urllib3.exceptions.HTTPError, OSError):
        return
    finally:
        response.close()


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The lines of a streamed answer as they arrive."""
    rest = b""
    for chunk in response.stream(1 << 16, decode_content=True):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)
