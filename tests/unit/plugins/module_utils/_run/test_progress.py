# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import (
    MOST_CHARACTERS,
    VARIABLE,
    Ended,
    Report,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import ContainerOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run import progress
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import Silent, ToFile, asked_for, waiting
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    ENDED,
    acting,
    at,
    expect_exec,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    restarted,
    run,
)

CLOSED = "1 of 2 pods of pods without an owner are not available, and max_unavailable is 1"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the reports go to; it is asked for."""
    path = tmp_path / "reports"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def reports(path: Path) -> list[Report | None]:
    return [Report.from_line(line) for line in path.read_text(encoding="ascii").splitlines()]


def step(name: str) -> Step:
    pod = Pod.from_object(at(0, name))
    return Step(pod, pod.containers[0], "exec", "")


def expect_two(api: FakeApi) -> None:
    api.ordered = False
    api.expect_list(POD, NAMESPACE, [at(0), at(0, "cart-2")], label_selector="app=cart")
    for name in ("cart-1", "cart-2"):
        expect_exec(api, name, looking())
    expect_exec(api, "cart-1", acting("sending 15"))


@pytest.mark.usefixtures("_known_token")
def test_a_run_reports_what_began_what_waits_and_what_ended(fake_api: FakeApi, path: Path) -> None:
    expect_two(fake_api)
    expect_exec(fake_api, "cart-2", acting("sending 15"))
    expect_watch_all(fake_api, 2.0, restarted("cart-1"), 3.0, restarted("cart-2"))
    run(fake_api, label_selectors=["app=cart"])
    first, *_more, last = reports(path)
    assert first
    assert (first.total, first.left, first.away, first.ended) == (2, 2, 1, ())
    assert "max_unavailable is 1" in first.waiting
    assert last
    assert (last.total, last.left, last.away, last.waiting) == (2, 0, 0, "")
    told = [entry for report in reports(path) if report for entry in report.ended]
    assert told == [Ended("cart-1", "app", "restarted", 2.0), Ended("cart-2", "app", "restarted", 3.0)]


@pytest.mark.usefixtures("_known_token")
def test_one_that_does_not_come_back_is_told_of_and_stays_away(fake_api: FakeApi, path: Path) -> None:
    expect_two(fake_api)
    again = pod("cart-1", ready=False, containers=[container("app", 1, ready=False, state=ENDED)])
    expect_watch_all(fake_api, 2.0, modified(again))
    expect_watch_all(fake_api, version="11")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", again)
    fake_api.expect_list(EVENT, NAMESPACE, [], field_selector="involvedObject.uid=uid-cart-1,type=Warning")
    fake_api.expect_log(NAMESPACE, "cart-1", "app", "no database")
    failed_run(fake_api, label_selectors=["app=cart"], wait_timeout=20)
    *_more, before, last = filter(None, reports(path))
    assert before.away == 1
    assert before.waiting.startswith(
        "1 has ended again after the restart (exit code 143); 1 of 2 pods of no controller are not"
    )
    assert (last.away, last.left, last.waiting) == (1, 1, "")
    assert last.ended == (Ended("cart-1", "app", "failed", 22.0),)


@pytest.mark.usefixtures("_known_token")
def test_what_the_server_said_is_not_reported(fake_api: FakeApi, path: Path) -> None:
    expect_two(fake_api)
    expect_exec(fake_api, "cart-2", ExecFailed("token hunter2 is wrong"))
    expect_watch_all(fake_api, restarted("cart-1"))
    message, _result = failed_run(fake_api, label_selectors=["app=cart"])
    assert "hunter2" in message
    assert "hunter2" not in path.read_text(encoding="ascii")
    last = reports(path)[-1]
    assert last
    assert last.ended == (Ended("cart-2", "app", "failed", None),)


@pytest.mark.usefixtures("_known_token")
def test_what_a_canary_waits_for_is_not_reported(fake_api: FakeApi, path: Path) -> None:
    expect_two(fake_api)
    expect_watch_all(fake_api, restarted("cart-1"))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(1))
    canary = {"soak_seconds": 0, "until": "pod.hunter2", "url": None, "timeout": 0}
    message, _result = failed_run(fake_api, label_selectors=["app=cart"], canary=canary)
    assert "hunter2" in message
    assert "hunter2" not in path.read_text(encoding="ascii")
    assert {report.waiting for report in reports(path) if report} == {"the first pod has to prove itself"}


@pytest.mark.usefixtures("_known_token")
def test_a_dry_run_reports_nothing(fake_api: FakeApi, path: Path) -> None:
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking())
    run(fake_api, check_mode=True)
    assert not path.exists()


def test_what_is_known_already_is_not_written_again(path: Path) -> None:
    told, steps = ToFile(path), [step("cart-1"), step("cart-2")]
    for _time in range(3):
        told.see(steps, 1, CLOSED)
    assert reports(path) == [Report(2, 2, 1, CLOSED)]
    steps[0].outcome = ContainerOutcome("app", "restarted", "", seconds=1.5)
    for _time in range(3):
        told.see(steps, 1, CLOSED)
    assert reports(path)[1:] == [Report(2, 1, 1, CLOSED, (Ended("cart-1", "app", "restarted", 1.5),))]


def test_a_long_reason_is_cut(path: Path) -> None:
    ToFile(path).see([step("cart-1")], 0, "x" * 10_000)
    assert reports(path) == [Report(1, 1, 0, "x" * MOST_CHARACTERS)]


def test_the_file_does_not_grow_without_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "MOST_BYTES", 1000)
    told = ToFile(path)
    for away in range(1000):
        told.see([step("cart-1")], away, "")
    assert 0 < path.stat().st_size <= 1000
    assert None not in reports(path)


def test_a_file_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    told = ToFile(tmp_path / "gone" / "reports")
    told.see([step("cart-1")], 1, "")
    (tmp_path / "gone").mkdir()
    told.see([step("cart-1")], 0, "")
    assert list((tmp_path / "gone").iterdir()) == []


def test_nobody_is_told_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert isinstance(asked_for(), Silent)


def test_what_is_waited_for_is_written_once_and_taken_back_at_the_end(waits: Callable[[], list[str]]) -> None:
    def wait() -> None:
        with waiting() as tell:
            for _time in range(3):
                tell("a lock")
            raise KeyError

    with pytest.raises(KeyError):
        wait()
    assert waits() == ["a lock", ""]


def test_what_was_never_said_is_not_taken_back(path: Path) -> None:
    with waiting():
        pass
    assert not path.exists()
