# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.saferestart.k8s.plugins.module_utils import _entry
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import WAIT
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._run.set_env import env_secrets

OPTIONS: dict[str, dict[str, Any]] = {
    "name": {"type": "str"},
    "pods": {"type": "list", "elements": "str"},
    "env": {"type": "dict"},
    **WAIT,
}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def params() -> dict[str, Any]:
    """The options that the API was connected with."""
    return {}


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings, wherever Ansible would take them."""
    texts: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: texts.append(text))
    return texts


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the system's log."""
    lines: list[str] = []

    def log(_module: AnsibleModule, text: str, log_args: Mapping[str, Any]) -> None:
        lines.append(f"{text} {log_args}")

    monkeypatch.setattr(AnsibleModule, "log", log)
    return lines


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], params: dict[str, Any]) -> Run:
    """Runs a module with these arguments, and returns what it prints."""

    def connect(auth: Mapping[str, Any], _clock: Clock) -> None:
        params.update(auth)

    def run_it(work: _entry.Work, arguments: Mapping[str, Any], **rules: Any) -> dict[str, Any]:
        with patch_module_args(dict(arguments)), pytest.raises(SystemExit):
            _entry.run_module(OPTIONS, work, **rules)
        printed: dict[str, Any] = json.loads(capsys.readouterr().out)
        return printed

    monkeypatch.setattr(_entry, "KubernetesApi", connect)
    return run_it


def fine(_api: ClusterApi, _clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Work that tells what it was given."""
    return {"changed": not check_mode, "seen": params["name"], "warnings": ["mind the gap"]}


def failing(error: Exception) -> _entry.Work:
    """Work that fails."""

    def work(*_arguments: object) -> dict[str, Any]:
        raise error

    return work


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_result_is_the_works(run: Run, warned: list[str], check_mode: bool) -> None:
    result = run(fine, {"name": "cart", "_ansible_check_mode": check_mode})
    assert (result["changed"], result["seen"]) == (not check_mode, "cart")
    assert warned == ["mind the gap"]
    assert result.keys().isdisjoint({"failed", "warnings"})


def test_an_error_is_its_message(run: Run) -> None:
    result = run(failing(SafeRestartError("Namespace shop does not exist.")), {"name": "cart"})
    assert (result["failed"], result["msg"]) == (True, "Namespace shop does not exist.")


def test_a_failed_restart_returns_how_far_it_came(run: Run, warned: list[str]) -> None:
    so_far = {"changed": True, "pods": ["cart-1"], "warnings": ["two are left"]}
    result = run(failing(RestartFailed("It did not come back.", so_far)), {"name": "cart"})
    assert (result["failed"], result["msg"]) == (True, "It did not come back.")
    assert (result["changed"], result["pods"]) == (True, ["cart-1"])
    assert warned == ["two are left"]


def test_what_is_no_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_entry, "KubernetesApi", lambda *_arguments: None)
    with patch_module_args({"name": "cart"}), pytest.raises(ZeroDivisionError):
        _entry.run_module(OPTIONS, failing(ZeroDivisionError()))


def test_the_client_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_entry, "KUBERNETES_MISSING", "Traceback: no module")
    result = run(fine, {"name": "cart"})
    assert "Failed to import the required Python library (kubernetes)" in result["msg"]


@pytest.mark.parametrize(("arguments", "refused"), [({}, True), ({"wait": True}, True), ({"wait": False}, False)])
def test_no_time_to_wait_touches_nothing(run: Run, arguments: dict[str, Any], refused: bool) -> None:
    result = run(fine, {"name": "cart", "wait_timeout": 0, **arguments})
    words = "wait_timeout is 0, and has to be 1 second or more. To change things and not wait, set wait to false. "
    assert result.get("msg") == (f"{words}Nothing was touched." if refused else None)


def test_rules_are_passed_on(run: Run) -> None:
    result = run(fine, {}, required_one_of=[("name", "pods")])
    assert result["msg"] == "one of the following is required: name, pods"


def test_options_come_from_variables_and_the_given_ones_win(
    run: Run, monkeypatch: pytest.MonkeyPatch, params: dict[str, Any]
) -> None:
    for variable, value in {
        "HOST": "https://variable.test",
        "API_KEY": "sesame-key",
        "PROXY": "http://variable.test",
        "VERIFY_SSL": "no",
        "CERT_FILE": "~/cert.pem",
        "IMPERSONATE_GROUPS": "dev,ops",
    }.items():
        monkeypatch.setenv(f"K8S_AUTH_{variable}", value)
    monkeypatch.setenv("HOME", "/home/ann")
    result = run(fine, {"name": "sesame-key", "proxy": "http://given.test"})
    assert (params["host"], params["api_key"]) == ("https://variable.test", "sesame-key")
    assert params["proxy"] == "http://given.test"
    assert params["validate_certs"] is False
    assert params["client_cert"] == "/home/ann/cert.pem"
    assert params["impersonate_groups"] == ["dev", "ops"]
    assert "sesame" not in json.dumps(result)


def test_a_certificate_that_is_not_checked_is_warned_of(
    run: Run, monkeypatch: pytest.MonkeyPatch, warned: list[str]
) -> None:
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "False")
    run(fine, {"name": "cart"})
    assert "K8S_AUTH_VERIFY_SSL" in warned[0]
    warned.clear()
    run(fine, {"name": "cart", "validate_certs": False})
    assert warned == ["mind the gap"]


@pytest.mark.parametrize(
    "variable", ["API_KEY", "PASSWORD", "PROXY_HEADERS_BASIC_AUTH", "PROXY_HEADERS_PROXY_BASIC_AUTH"]
)
def test_secrets_of_the_environment_are_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(f"K8S_AUTH_{variable}", "sesame-secret")
    assert "sesame" not in json.dumps(run(lambda *_arguments: {"changed": False, "said": "sesame-secret"}, {}))


def test_the_secrets_of_a_kubeconfig_are_not_shown_and_its_words_are(run: Run) -> None:
    program = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": ["get-token", "--secret=sesame-argument"],
        "env": [{"name": "KEY", "value": "sesame-variable!"}, {"name": "AWS_PROFILE", "value": "production-team"}],
    }
    user = {"token": "sesame-token", "password": "pw!", "username": "ann", "client-key": "/ann.key", "exec": program}
    shown = [
        "aws",
        "get-token",
        "KEY",
        "AWS_PROFILE",
        "production-team",
        "ann",
        "/ann.key",
        "client.authentication.k8s.io/v1",
    ]
    hidden = ["sesame-token", "pw!", "sesame-variable!", "--secret=sesame-argument"]

    def work(*_arguments: object) -> dict[str, Any]:
        return {"changed": False, "shown": shown, "hidden": hidden}

    result = run(work, {"kubeconfig": {"users": [{"name": "ann", "user": user}]}})
    assert result["shown"] == shown
    assert set(result["hidden"]).isdisjoint(hidden)
    assert "sesame" not in json.dumps(result)


KUBECONFIG = {"users": [{"name": "ann", "user": {"token": "sesame-token"}}]}


def test_the_secrets_of_a_kubeconfig_are_not_logged(run: Run, logged: list[str]) -> None:
    run(fine, {"name": "cart", "kubeconfig": KUBECONFIG})
    (line,) = logged
    assert line.startswith("Invoked with name=cart")
    assert "'token': '" in line
    assert "sesame" not in line


def test_variables_that_are_named_like_a_secret_are_not_shown(run: Run, logged: list[str]) -> None:
    env = {"DB_PASSWORD": "sesame-secret", "STAGE": "live", "EMPTY_TOKEN": "", "PIN_SECRET": "7"}
    result = run(fine, {"name": "cart7", "env": env}, secrets=env_secrets)
    assert "sesame" not in json.dumps(result) + logged[0]
    assert "'PIN_SECRET': '7'" not in json.dumps(result) + logged[0]
    assert "live" in logged[0]
    assert result["seen"] == "cart7"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"pods": ["a"], "name": "b"}, "mutually exclusive"),
        ({"nmae": "cart"}, "Unsupported parameters"),
        ({"validate_certs": "perhaps"}, "perhaps"),
    ],
)
def test_the_secrets_of_a_kubeconfig_are_not_shown_with_wrong_parameters(
    run: Run, arguments: dict[str, Any], words: str
) -> None:
    result = run(fine, {**arguments, "kubeconfig": KUBECONFIG}, mutually_exclusive=[("name", "pods")])
    assert result["failed"]
    assert words in result["msg"]
    # where the parameters are returned at all: ansible-core 2.21 does so only when it is asked to
    assert "kubeconfig" in result.get("invocation", {"module_args": "kubeconfig"})["module_args"]
    assert "sesame" not in json.dumps(result)


@pytest.mark.parametrize("kubeconfig", [{"users": None}, {"users": ["x"]}, {"users": [{}]}, {}, "/a/path"])
def test_a_strange_kubeconfig_has_no_secrets(run: Run, kubeconfig: object) -> None:
    assert run(fine, {"kubeconfig": kubeconfig, "name": "x"})["seen"] == "x"


def first_pod(params: Mapping[str, Any]) -> list[str]:
    """Takes the first of the pods for a secret."""
    return [str(params["pods"][0])] if isinstance(params.get("pods"), list) else []


def test_the_secrets_of_a_modules_own_options_are_hidden_everywhere(run: Run, logged: list[str]) -> None:
    seen: list[Any] = []

    def work(_api: ClusterApi, _clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
        seen.append(params["pods"])
        return {"changed": False, "said": f"it is {params['pods'][0]}"}

    result = run(work, {"pods": ["sesame-open", "b"]}, secrets=first_pod)
    assert seen == [["sesame-open", "b"]]
    assert "sesame" not in json.dumps(result) + "".join(logged)
    assert "it is" in result["said"]


def test_a_short_secret_is_hidden_among_the_options_only(run: Run, logged: list[str]) -> None:
    def work(*_arguments: object) -> dict[str, Any]:
        return {"changed": False, "count": 7, "said": "17 of 7"}

    result = run(work, {"pods": ["7", "b"], "name": "7"}, secrets=first_pod)
    assert (result["count"], result["said"]) == (7, "17 of 7")
    assert "7" not in logged[0]
    assert "7" not in str(result.get("invocation", {}).get("module_args", {}).get("pods"))


def test_secrets_among_wrong_options_are_hidden(run: Run) -> None:
    result = run(fine, {"pods": ["sesame-open"], "nmae": "x"}, secrets=first_pod)
    assert result["failed"]
    assert "sesame" not in json.dumps(result)
    assert run(fine, {"pods": {"sesame": 1}}, secrets=first_pod)["failed"]
