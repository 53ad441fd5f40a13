# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""An exec session over a WebSocket.

Frames carry a channel number and its bytes: 0 standard input, 1 output, 2 errors, 3 the final Status
(protocol v4.channel.k8s.io: staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go).
When PID 1 dies under the session the Status may be missing, empty or say 137: none of it says whether a restart worked.
"""

from __future__ import annotations

import base64
import contextlib
import json
import select
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.saferestart.k8s.plugins.module_utils._api.auth import credentials_hint
from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import (
    api_error,
    unnamed_right,
    unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ExecEnd, ExecSession
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecCut, ExecFailed, SafeRestartError

try:
    import certifi
    import websocket
    from kubernetes.client import Configuration
except ImportError:  # the entry reports it before anything here is called
    pass

STDIN, STDOUT, STDERR, STATUS = 0, 1, 2, 3
CONNECT_SECONDS = 30.0
#: What a probe prints is far below this; a container that floods the session is cut off.
MAX_OUTPUT = 1 << 20


def open_exec(
    configuration: Configuration,
    tls: Mapping[str, Any],
    url: str,
    headers: list[str],
    request: str,
    keep: Callable[[str, WebSocketExec], None],
) -> WebSocketExec:
    """Open the session. Raises ApiError or Unreachable; `request` says in its error what was asked.

    `tls` is of tls_options; `keep` takes a session that is released.
    """
    options: dict[str, Any] = {"header": headers, "subprotocols": ["v4.channel.k8s.io"], "timeout": CONNECT_SECONDS}
    options["redirect_limit"] = 0  # the token is for this server and no other
    options["sslopt"] = dict(tls)
    options.update(proxy_options(configuration))
    url = "ws" + url.removeprefix("http")
    try:
        socket = websocket.create_connection(url, **options)
    except websocket.WebSocketBadStatusException as error:
        hint = credentials_hint(configuration, error.status_code)
        hint = hint or unnamed_right(error.status_code, error.resp_body or b"", urlsplit(url).path)
        raise api_error(request, error.status_code, error.resp_body or b"", hint) from error
    except (websocket.WebSocketException, OSError) as error:
        raise unreachable(configuration.host, error) from error
    status = socket.getstatus() or 0
    if status != 101:  # up to websocket-client 1.8 a redirect that is not followed is taken for a session
        socket.shutdown()
        raise api_error(request, status, b"")
    return WebSocketExec(socket, keep)


class WebSocketExec(ExecSession):
    """The session behind one WebSocket."""

    def __init__(self, socket: websocket.WebSocket, keep: Callable[[str, WebSocketExec], None]) -> None:
        self._socket = socket
        self._buffers = {STDOUT: bytearray(), STDERR: bytearray(), STATUS: bytearray()}
        self._open = True
        self._keep = keep
        self._released = False
        self._ponged = False

    def release(self, name: str) -> None:
        """See ExecSession. What was printed so far is kept."""
        self._released = True
        self._keep(name, self)

    def resume(self) -> None:
        """It was taken up."""
        self._released = False

    @property
    def released(self) -> bool:
        """See ExecSession."""
        return self._released

    def is_silent(self) -> bool:
        """Whether it is open: one that has ended has something to read, the close frame or the end of the file."""
        if not self._open or self._socket.sock is None:
            return False
        poll = select.poll()  # select() takes no descriptor above 1023
        poll.register(self._socket.sock, select.POLLIN)
        return not poll.poll(0)

    def answers(self, seconds: float) -> bool:
        """Whether the other end, which is the kubelet, says that it is there: a way may be cut without a word."""
        end, self._ponged = time.monotonic() + seconds, False
        try:
            self._socket.ping()
        except (websocket.WebSocketException, OSError):
            self._open = False
        while self._open and not self._ponged and (remaining := end - time.monotonic()) > 0:
            self._receive(remaining)
        return self._open and self._ponged

    def read_until(self, marker: str, seconds: float) -> str:
        """See ExecSession."""
        end = time.monotonic() + seconds
        wanted = marker.encode()
        output = self._buffers[STDOUT]
        while wanted not in output.splitlines():
            if len(output) > MAX_OUTPUT:
                raise ExecCut(f"The container printed more than {MAX_OUTPUT} bytes into the session.")
            if not self._open:
                raise self._early_end()
            remaining = end - time.monotonic()
            if remaining <= 0:
                raise ExecCut(f"The shell in the container said nothing more for {seconds:g} s.")
            self._receive(remaining)
        return self._text(STDOUT)

    def send_line(self, text: str) -> None:
        """See ExecSession."""
        try:
            self._socket.send_binary(bytes([STDIN]) + text.encode() + b"\n")
        except (websocket.WebSocketException, OSError) as error:
            self._open = False
            raise ExecCut(f"The exec session was cut off before anything was sent: {error}") from error

    def finish(self, seconds: float, last: str = "") -> ExecEnd:
        """See ExecSession."""
        end = time.monotonic() + seconds
        while self._open and not self._has_line(last) and (remaining := end - time.monotonic()) > 0:
            self._receive(remaining)
        return ExecEnd(self._text(STDOUT), self._text(STDERR), self._message(), exit_code(self._status()))

    def close(self) -> None:
        """See ExecSession."""
        self._open = False
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._socket.close(timeout=1)
        self._socket.shutdown()  # close() leaves the socket open when its peer has gone

    def drop(self) -> None:
        """Close it at once, without a word to the server, for which it is the end of the shell's input as well."""
        self._open = False
        self._socket.shutdown()

    def _has_line(self, beginning: str) -> bool:
        """Whether a whole line of the output begins so."""
        wanted = beginning.encode()
        lines = self._buffers[STDOUT].splitlines(keepends=True)
        return bool(wanted) and any(line.startswith(wanted) and line.endswith(b"\n") for line in lines)

    def _receive(self, seconds: float) -> None:
        """Take in one frame, or none if `seconds` pass."""
        self._socket.settimeout(seconds)
        try:
            opcode, frame = self._socket.recv_data_frame(True)
        except websocket.WebSocketTimeoutException:
            return
        except (websocket.WebSocketException, OSError):
            self._open = False
            return
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self._open = False
        elif opcode == websocket.ABNF.OPCODE_PONG:
            self._ponged = True
        elif opcode in (websocket.ABNF.OPCODE_BINARY, websocket.ABNF.OPCODE_TEXT) and frame.data:
            buffer = self._buffers.get(frame.data[0])
            if buffer is not None and len(buffer) <= MAX_OUTPUT:
                buffer += frame.data[1:]

    def _early_end(self) -> ExecCut | ExecFailed:
        """Why the session is over although more was expected."""
        message = self._message()
        if message and not self._buffers[STDOUT]:
            return ExecFailed(message)
        return ExecCut(message or "The exec session was cut off.")

    def _message(self) -> str:
        """What the Status channel says, empty for success or silence."""
        status = self._status()
        if status is None:
            return self._text(STATUS).strip()
        return "" if status.get("status") == "Success" else str(status.get("message", ""))

    def _status(self) -> dict[str, Any] | None:
        """The final Status, empty for silence; None where something else came."""
        try:
            status = json.loads(self._buffers[STATUS] or b"{}")
        except ValueError:
            return None
        return status if isinstance(status, dict) else {}

    def _text(self, channel: int) -> str:
        """What came on a channel. A container may print any bytes: those that are no UTF-8 are kept as surrogates."""
        return self._buffers[channel].decode("utf-8", "surrogateescape")


def exit_code(status: Mapping[str, Any] | None) -> int | None:
    """The exit code that a Status tells, or None (ExitCodeCauseType in the package that the protocol is from)."""
    if not status:
        return None
    if status.get("status") == "Success":
        return 0
    causes = (status.get("details") or {}).get("causes") or []
    codes = [str(cause.get("message")) for cause in causes if cause.get("reason") == "ExitCode"]
    return int(codes[0]) if codes and codes[0].isdecimal() else None


def tls_options(configuration: Configuration) -> dict[str, Any]:
    """The options of Configuration in websocket-client's words, with one context for many sessions."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not configuration.verify_ssl:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    else:
        context.load_verify_locations(configuration.ssl_ca_cert or certifi.where())
        if configuration.assert_hostname is not None:
            context.check_hostname = configuration.assert_hostname
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    options: dict[str, Any] = {"context": context}
    if configuration.tls_server_name:
        options["server_hostname"] = configuration.tls_server_name
    return options


def proxy_options(configuration: Configuration) -> dict[str, Any]:
    """The proxy in websocket-client's words."""
    if not configuration.proxy:
        return {}
    proxy = urlsplit(configuration.proxy)
    if proxy.scheme == "https":
        raise SafeRestartError("proxy: exec sessions cannot go through a proxy that is itself spoken to by https.")
    options: dict[str, Any] = {
        "http_proxy_host": proxy.hostname,
        "http_proxy_port": proxy.port or (1080 if proxy.scheme.startswith("socks") else 80),
        "proxy_type": proxy.scheme if proxy.scheme.startswith("socks") else "http",
    }
    header: str = (configuration.proxy_headers or {}).get("proxy-authorization", "")
    if proxy.username:
        options["http_proxy_auth"] = (unquote(proxy.username), unquote(proxy.password or ""))
    elif header.startswith("Basic "):
        user, _colon, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        options["http_proxy_auth"] = (user, password)
    if configuration.no_proxy:
        options["http_no_proxy"] = [host.strip() for host in configuration.no_proxy.split(",")]
    return options
