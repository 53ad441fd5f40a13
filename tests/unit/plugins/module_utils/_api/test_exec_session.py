# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_session import (
    MAX_OUTPUT,
    proxy_options,
    tls_options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ExecSession
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    ExecCut,
    ExecFailed,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.exec_server import STDERR, STDOUT, Peer, session
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from kubernetes.client import Configuration

# Long enough for a loaded machine; the tests end as soon as the frames are there.
LONG = 20.0
NO_SHELL = 'exec: "/bin/sh": stat /bin/sh: no such file or directory'

Open = Callable[[Callable[[Peer], Any]], ExecSession]


@pytest.fixture
def open_exec(server: ApiServer, api: KubernetesApi) -> Open:
    """Opens a session in which the server plays the script."""

    def open_it(script: Callable[[Peer], Any]) -> ExecSession:
        server.play(session(script))
        return api.exec("shop", "cart-1", "app", ["/bin/sh", "-c", "a b"])

    return open_it


def test_what_is_asked(server: ApiServer, api: KubernetesApi, open_exec: Open) -> None:
    with open_exec(lambda peer: peer.close()):
        pass
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/api/v1/namespaces/shop/pods/cart-1/exec")
    assert request.query == [
        ("container", "app"),
        ("stdin", "true"),
        ("stdout", "true"),
        ("command", "/bin/sh"),
        ("command", "-c"),
        ("command", "a b"),
    ]
    assert request.header("Authorization") == ["Bearer sesame-open-1234"]
    assert request.header("Sec-WebSocket-Protocol") == ["v4.channel.k8s.io"]
    assert api.requests == 1


def test_a_session_from_the_first_line_to_the_status(open_exec: Open) -> None:
    received = []

    def script(peer: Peer) -> None:
        received.append(peer.receive())
        peer.send(STDOUT, "one\nen")
        peer.send(STDOUT, "d\n")
        received.append(peer.receive())
        peer.send(STDOUT, "two\n")
        peer.send(STDERR, "oh\n")
        peer.status("Success")
        peer.close()

    with open_exec(script) as opened:
        opened.send_line("look")
        assert opened.read_until("end", LONG) == "one\nend\n"
        opened.send_line("act")
        end = opened.finish(LONG)
    assert received == [b"\x00look\n", b"\x00act\n"]
    assert (end.stdout, end.stderr, end.message) == ("one\nend\ntwo\n", "oh\n", "")


def test_the_marker_is_a_line_of_its_own(open_exec: Open) -> None:
    def script(peer: Peer) -> None:
        peer.send(STDOUT, "the end\nending\n")
        peer.status("Success")

    with open_exec(script) as opened, pytest.raises(ExecCut, match="cut off"):
        opened.read_until("end", LONG)


def test_no_shell_in_the_image(open_exec: Open) -> None:
    with open_exec(lambda peer: peer.status("Failure", NO_SHELL)) as opened, pytest.raises(ExecFailed, match="no such"):
        opened.read_until("end", LONG)


def test_a_failure_after_the_first_output_is_a_cut(open_exec: Open) -> None:
    def script(peer: Peer) -> None:
        peer.send(STDOUT, "one\n")
        peer.status("Failure", "command terminated with exit code 137")
        peer.close()

    with open_exec(script) as opened, pytest.raises(ExecCut, match="exit code 137"):
        opened.read_until("end", LONG)


def test_cut_without_a_status(open_exec: Open) -> None:
    with open_exec(lambda peer: peer.send(STDOUT, "one\n")) as opened, pytest.raises(ExecCut, match="was cut off"):
        opened.read_until("end", LONG)


@pytest.mark.parametrize("status", [b"", b"no json", b"[]", b"null", b'{"status": "Failure"}'])
def test_an_end_with_any_status_is_an_end(open_exec: Open, status: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.send(STDOUT, "sending\n")
        peer.send(3, status)

    with open_exec(script) as opened:
        end = opened.finish(LONG)
    assert end.stdout == "sending\n"
    assert end.message == ("no json" if status == b"no json" else "")


def test_a_flood_is_not_kept(open_exec: Open) -> None:
    def script(peer: Peer) -> None:
        for _ in range(40):
            peer.send(STDOUT, b"x" * (1 << 16))

    with open_exec(script) as opened, pytest.raises(ExecCut, match=f"more than {MAX_OUTPUT} bytes"):
        opened.read_until("end", LONG)
    assert len(opened.finish(0).stdout) <= MAX_OUTPUT + (1 << 16)


def test_silence_ends_with_the_time(open_exec: Open) -> None:
    with (
        open_exec(lambda peer: peer.receive()) as opened,
        pytest.raises(ExecCut, match=r"The shell in the container said nothing more for 0\.05 s"),
    ):
        opened.read_until("end", 0.05)


def test_finish_gives_up_after_its_time(open_exec: Open) -> None:
    with open_exec(lambda peer: peer.receive()) as opened:
        assert opened.finish(0.05).stdout == ""


def test_bytes_that_are_no_text_are_kept(open_exec: Open) -> None:
    with open_exec(lambda peer: peer.send(STDOUT, b"\xff\xfe\nend\n")) as opened:
        text = opened.read_until("end", LONG)
    assert text.encode("utf-8", "surrogateescape") == b"\xff\xfe\nend\n"


@pytest.mark.parametrize("frame", [b"", b"\x09what", b"\x00echo"], ids=["empty", "unknown channel", "standard input"])
def test_a_frame_that_is_not_for_us(open_exec: Open, frame: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.raw(frame)
        peer.send(STDOUT, "end\n")

    with open_exec(script) as opened:
        assert opened.read_until("end", LONG) == "end\n"


def test_nothing_can_be_sent_into_a_closed_session(open_exec: Open) -> None:
    with open_exec(lambda peer: peer.close()) as opened:
        opened.close()
        with pytest.raises(ExecCut, match="before anything was sent"):
            opened.send_line("act")


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (401, "Unauthorized", r"does not accept the credentials \(401 Unauthorized\)"),
        (403, 'User "ann" cannot create resource "pods/exec"', 'User "ann" cannot create resource "pods/exec". A Role'),
        (
            403,
            'pods "cart-1" is forbidden: ',
            'This user cannot create resource "pods/exec" in API group "" in the namespace "shop". A Role',
        ),
        (404, 'pods "cart-1" not found', 'pods "cart-1" not found'),
        (500, 'container not found ("app")', r'answered 500: container not found \("app"\)'),
    ],
)
def test_refused_at_the_handshake(server: ApiServer, api: KubernetesApi, status: int, message: str, words: str) -> None:
    server.refuse(status, message)
    with pytest.raises(ApiError, match=f"Cannot exec into container app of Pod shop/cart-1: .*{words}") as caught:
        api.exec("shop", "cart-1", "app", ["/bin/sh"])
    assert caught.value.status == status
    assert "sesame" not in repr(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_gets_no_token(server: ApiServer, api: KubernetesApi, status: int) -> None:
    with ApiServer() as other:
        server.answer("", status, {"Location": f"{other.url}/api/v1/pods".replace("http", "ws")})
        with pytest.raises((ApiError, Unreachable)) as caught:
            api.exec("shop", "cart-1", "app", ["/bin/sh"])
        assert other.requests == []
    assert "sesame" not in repr(caught.value)


def test_a_proxy_that_cannot_be_used_is_said_before_anything_is_sent(server: ApiServer, clock: FakeClock) -> None:
    api = KubernetesApi({"host": server.url, "api_key": "x", "proxy": "https://proxy:3129"}, clock)
    with pytest.raises(SafeRestartError, match=r"proxy: exec sessions cannot go through a proxy that is .* by https"):
        api.exec("shop", "cart-1", "app", ["/bin/sh"])
    assert server.requests == []


def test_no_answer_at_the_handshake(server: ApiServer, api: KubernetesApi) -> None:
    server.drop()
    with pytest.raises(Unreachable, match=f"No answer from the API server at {server.url}") as caught:
        api.exec("shop", "cart-1", "app", ["/bin/sh"])
    assert "sesame" not in repr(caught.value)


def test_impersonation_is_for_exec_too(server: ApiServer, clock: FakeClock) -> None:
    auth = {"host": server.url, "api_key": "x", "impersonate_user": "ann", "impersonate_groups": ["dev", "ops"]}
    server.play(session(lambda peer: peer.close()))
    KubernetesApi(auth, clock).exec("shop", "cart-1", "app", ["/bin/sh"]).close()
    assert server.requests[0].header("Impersonate-User") == ["ann"]
    assert server.requests[0].header("Impersonate-Group") == ["dev", "ops"]


# Configuration in websocket-client's words.


def configuration(**settings: Any) -> Configuration:
    """A Configuration with these attributes."""
    made = Configuration()
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def test_tls_without_verification() -> None:
    (context,) = tls_options(configuration(verify_ssl=False)).values()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    assert context.cert_store_stats()["x509_ca"] == 0


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A file with the certificate of one authority."""
    first, *_others = Path(certifi.where()).read_text(encoding="utf-8").split("-----END CERTIFICATE-----")
    path = tmp_path / "ca.pem"
    path.write_text(f"{first}-----END CERTIFICATE-----\n", encoding="utf-8")
    return path


def test_tls_trusts_one_authority(authority: Path) -> None:
    (context,) = tls_options(configuration(ssl_ca_cert=str(authority))).values()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] == 1


def test_tls_by_another_name(authority: Path) -> None:
    options = tls_options(configuration(ssl_ca_cert=str(authority), assert_hostname=False, tls_server_name="kube"))
    assert options.pop("server_hostname") == "kube"
    assert not options["context"].check_hostname


def test_tls_with_a_certificate_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        tls_options(configuration(verify_ssl=False, cert_file="/c.pem", key_file="/k.pem"))


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({}, {}),
        (
            {"proxy": "http://proxy"},
            {"http_proxy_host": "proxy", "http_proxy_port": 80, "proxy_type": "http"},
        ),
        (
            {"proxy": "socks5h://proxy:1080", "no_proxy": "localhost, .corp"},
            {
                "http_proxy_host": "proxy",
                "http_proxy_port": 1080,
                "proxy_type": "socks5h",
                "http_no_proxy": ["localhost", ".corp"],
            },
        ),
        (
            {"proxy": "socks5://proxy"},
            {"http_proxy_host": "proxy", "http_proxy_port": 1080, "proxy_type": "socks5"},
        ),
        (
            {"proxy": "http://ann:p%40ss@proxy:3128"},
            {
                "http_proxy_host": "proxy",
                "http_proxy_port": 3128,
                "proxy_type": "http",
                "http_proxy_auth": ("ann", "p@ss"),
            },
        ),
        (
            {"proxy": "http://proxy:3128", "proxy_headers": {"proxy-authorization": "Basic YW5uOnA6dw=="}},
            {
                "http_proxy_host": "proxy",
                "http_proxy_port": 3128,
                "proxy_type": "http",
                "http_proxy_auth": ("ann", "p:w"),
            },
        ),
    ],
    ids=[
        "none",
        "without a port",
        "socks",
        "socks without a port",
        "with a password in its address",
        "with a password in an option",
    ],
)
def test_proxy(settings: dict[str, Any], options: dict[str, Any]) -> None:
    assert proxy_options(configuration(**settings)) == options
