# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.saferestart.k8s.plugins.module_utils._api.auth import (
    authorization,
    credentials_hint,
    endpoint_of,
    load_configuration,
    request_headers,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import Endpoint
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from kubernetes.config import kube_config

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def kubeconfig(**user: Any) -> dict[str, Any]:
    """Two contexts, `one` (the current one) and `two`, of the same user."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.test:6443"}} for name in ("one", "two")],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "ann"}} for name in ("one", "two")],
        "users": [{"name": "ann", "user": user or {"token": "sesame-kube"}}],
    }


def token(end: datetime | None) -> str:
    """A JSON Web Token with that end."""
    claims = {"sub": "ann", **({"exp": end.timestamp()} if end else {})}
    parts = ({"alg": "RS256"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().strip("=") for part in parts), "s"])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[datetime], str]:
    """Makes a client certificate with that end, and says where."""
    key = ec.generate_private_key(ec.SECP256R1())

    def make(end: datetime) -> str:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ann")])
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        made = builder.not_valid_before(end - timedelta(days=9)).not_valid_after(end).sign(key, hashes.SHA256())
        path = tmp_path_factory.mktemp("pki") / "client.pem"
        path.write_bytes(made.public_bytes(Encoding.PEM))
        return str(path)

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[[object], str]:
    """Writes a kubeconfig, and says where."""

    def write_it(content: object) -> str:
        path = tmp_path / "kubeconfig"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
        return str(path)

    return write_it


Write = Callable[[object], str]


# Where it comes from.


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"api_key": "t"}, "Bearer t"),
        ({"username": "ann", "password": "pw"}, "Basic YW5uOnB3"),
        ({"client_cert": __file__, "client_key": __file__}, None),
    ],
    ids=["token", "password", "certificate"],
)
def test_host_and_credentials_are_enough_and_no_kubeconfig_is_read(
    credentials: dict[str, str], header: str | None
) -> None:
    auth = {"host": "https://direct.test/", "kubeconfig": "/nowhere/at/all", "context": "none", **credentials}
    configuration = load_configuration(auth)
    assert configuration.host == "https://direct.test"
    assert authorization(configuration) == header


@pytest.mark.parametrize("context", [None, "one", "two"])
@pytest.mark.parametrize("as_path", [True, False], ids=["path", "dict"])
def test_a_kubeconfig_and_its_contexts(write: Write, as_path: bool, context: str | None) -> None:
    given = write(kubeconfig()) if as_path else kubeconfig()
    configuration = load_configuration({"kubeconfig": given, "context": context})
    assert configuration.host == f"https://{context or 'one'}.test:6443"
    assert authorization(configuration) == "Bearer sesame-kube"


@pytest.mark.parametrize("context", [None, "two"])
def test_the_default_kubeconfig(write: Write, monkeypatch: pytest.MonkeyPatch, context: str | None) -> None:
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", write(kubeconfig()))
    configuration = load_configuration({"context": context, "kubeconfig": ""})
    assert configuration.host == f"https://{context or 'one'}.test:6443"


def test_a_home_directory_is_expanded(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path(write(kubeconfig())).parent))
    assert load_configuration({"kubeconfig": "~/kubeconfig"}).host == "https://one.test:6443"


def test_options_override_the_kubeconfig_and_still_do_when_its_token_is_refreshed() -> None:
    auth = {"kubeconfig": kubeconfig(), "host": "https://other.test", "validate_certs": False, "ca_cert": __file__}
    configuration = load_configuration(auth)
    for _ in range(2):
        assert authorization(configuration) == "Bearer sesame-kube"
        assert configuration.host == "https://other.test"
        assert configuration.verify_ssl is False
        assert configuration.ssl_ca_cert == __file__


def test_a_token_overrides_the_kubeconfigs() -> None:
    configuration = load_configuration({"kubeconfig": kubeconfig(), "api_key": "mine"})
    assert [authorization(configuration) for _ in range(2)] == ["Bearer mine"] * 2
    assert configuration.host == "https://one.test:6443"


def test_proxies() -> None:
    headers = {"proxy_basic_auth": "ann:pw", "basic_auth": "bob:pw", "user_agent": "me"}
    configuration = load_configuration(
        {"host": "https://h", "api_key": "t", "proxy": "http://p:1", "no_proxy": "a", "proxy_headers": headers}
    )
    assert (configuration.proxy, configuration.no_proxy) == ("http://p:1", "a")
    assert configuration.proxy_headers == {
        "proxy-authorization": "Basic YW5uOnB3",
        "authorization": "Basic Ym9iOnB3",
        "user-agent": "me",
    }


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        ({}, []),
        ({"impersonate_user": "ann"}, [("Impersonate-User", "ann")]),
        (
            {"impersonate_user": "ann", "impersonate_groups": ["dev", "ops"]},
            [("Impersonate-User", "ann"), ("Impersonate-Group", "dev"), ("Impersonate-Group", "ops")],
        ),
    ],
)
def test_impersonation(auth: dict[str, Any], headers: list[tuple[str, str]]) -> None:
    assert request_headers(auth) == headers


# What is wrong with it.


@pytest.mark.parametrize(
    ("content", "context", "found"),
    [
        (None, None, "there is no such file"),
        ("", None, "is empty"),
        ("a: [sesame-secret\nb: ]", None, r"no YAML \(line 2, column 2\)"),
        ("users:\n\t- sesame-secret", None, r"no YAML \(line 2, column 1\)"),
        ("a: \x00sesame-secret", None, "no YAML"),
        ("just text", None, "Error"),
        ("[1, 2]", None, "Error"),
        ({"clusters": []}, None, "current-context"),
        (kubeconfig(), "three", "three"),
        (kubeconfig(tokenFile="/nowhere/token"), None, "/nowhere/token"),
        (kubeconfig(**{"client-certificate-data": "abc"}), None, "padding"),
    ],
    ids=[
        "not there",
        "empty",
        "broken",
        "tab",
        "binary",
        "text",
        "list",
        "no current context",
        "unknown context",
        "token file",
        "not base64",
    ],
)
def test_a_kubeconfig_that_cannot_be_used(write: Write, content: object, context: str | None, found: str) -> None:
    path = "/nowhere/kubeconfig" if content is None else write(content)
    where = f"context {context} of {path}" if context else path
    with pytest.raises(
        SafeRestartError, match=f"No usable cluster configuration in {where}: .*({found}).*K8S_AUTH_"
    ) as e:
        load_configuration({"kubeconfig": path, "context": context})
    assert "sesame" not in str(e.value)
    assert ".." not in str(e.value)


def test_nothing_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", "/nowhere/config")
    with pytest.raises(SafeRestartError, match=r"No usable cluster configuration in ~/\.kube/config: "):
        load_configuration({})


def test_a_dictionary_that_is_no_kubeconfig_is_not_shown() -> None:
    with pytest.raises(SafeRestartError, match="in the kubeconfig given as a dictionary: ") as caught:
        load_configuration({"kubeconfig": {"token": "sesame"}})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("option", ["client_cert", "client_key", "ca_cert"])
def test_a_file_that_cannot_be_read_is_named(option: str) -> None:
    auth = {"host": "https://h", "api_key": "t", option: "/nowhere/file.pem"}
    with pytest.raises(SafeRestartError, match=f"{option}: the file /nowhere/file.pem cannot be read on "):
        load_configuration(auth)


# Hints.


@pytest.mark.parametrize(
    ("end", "hint"),
    [
        (YESTERDAY, f" The token expired on {YESTERDAY:%Y-%m-%d %H:%M:%S} UTC: get a new one."),
        (TOMORROW, ""),
        (None, ""),
    ],
    ids=["expired", "valid", "without an end"],
)
def test_the_end_of_a_token(end: datetime | None, hint: str) -> None:
    configuration = load_configuration({"host": "https://h", "api_key": token(end)})
    assert credentials_hint(configuration, 401) == hint
    assert credentials_hint(configuration, 403) == ""


@pytest.mark.parametrize("text", ["opaque", "a.b.c", "a.e30.c", "..", f"a.{base64.b64encode(b'[1]').decode()}.c"])
def test_another_token_has_no_end(text: str) -> None:
    assert credentials_hint(load_configuration({"host": "https://h", "api_key": text}), 401) == ""


def test_the_end_of_a_certificate(certificate: Callable[[datetime], str]) -> None:
    def hint(path: str) -> str:
        return credentials_hint(load_configuration({"host": "https://h", "client_cert": path, "client_key": path}), 401)

    expected = f" The client certificate expired on {YESTERDAY:%Y-%m-%d %H:%M:%S} UTC: get a new one."
    assert hint(certificate(YESTERDAY)) == expected
    assert hint(certificate(TOMORROW)) == ""
    assert hint(__file__) == ""


@pytest.mark.parametrize("status", [401, 403])
def test_no_credentials_at_all(status: int) -> None:
    configuration = load_configuration({"kubeconfig": kubeconfig(exec={"apiVersion": "?", "command": "/nowhere"})})
    assert "No credentials were sent" in credentials_hint(configuration, status)
    assert credentials_hint(configuration, 404) == ""


def test_the_hint_is_in_the_error(server: ApiServer, clock: FakeClock) -> None:
    expired = token(YESTERDAY)
    server.refuse(401, "Unauthorized")
    with pytest.raises(ApiError, match=r"wrong or has expired\. The token expired on ") as caught:
        KubernetesApi({"host": server.url, "api_key": expired}, clock).get(POD, "shop", "cart")
    assert expired not in str(caught.value)


def test_where_others_reach_it(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\n")
    auth = {"kubeconfig": kubeconfig(), "context": "two"}
    assert endpoint_of(load_configuration(auth)) == Endpoint("https://two.test:6443", "", verified=True)
    found = endpoint_of(load_configuration({**auth, "ca_cert": str(path), "validate_certs": False}))
    assert found == Endpoint("https://two.test:6443", path.read_text(), verified=False)
    assert KubernetesApi(auth, clock).endpoint.url == "https://two.test:6443"
