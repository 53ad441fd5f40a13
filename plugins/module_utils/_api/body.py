# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Bodies of requests."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: What Go's encoding/json escapes in a text, and nothing else beyond ASCII (func appendString in encode.go).
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def as_go_writes(body: JsonObject | Sequence[JsonObject]) -> bytes:
    """The JSON of a body, byte by byte as an API server writes texts.

    The `test` of a JSON patch compares the bytes of a text with those of the object as the server has just written it
    (equal in evanphx/json-patch): written otherwise, a template with `a && b > c` in it never is what is tested for.
    """
    return json.dumps(body, ensure_ascii=False).translate(_ESCAPED).encode(errors="backslashreplace")
