# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.command_line import HIDDEN, without_secrets


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--password=sesame"], [f"--password={HIDDEN}"]),
        (["--password", "sesame", "--port", "80"], ["--password", HIDDEN, "--port", "80"]),
        (["-token", "sesame", "on"], ["-token", HIDDEN, "on"]),
        (["--token", "--token", "on"], ["--token", HIDDEN, "on"]),
        (["--db.root-passwd=sesame"], [f"--db.root-passwd={HIDDEN}"]),
        (["--password=sesame,sesame&sesame ;sesame"], [f"--password={HIDDEN}"]),
        (["API_TOKEN=sesame"], [f"API_TOKEN={HIDDEN}"]),
        (["env", "api-key: sesame"], ["env", f"api-key: {HIDDEN}"]),
        (["aws_secret_access_key=sesame"], [f"aws_secret_access_key={HIDDEN}"]),
        (["Server=db;PWD=sesame;User=ann"], [f"Server=db;PWD={HIDDEN};User=ann"]),
        (["postgres://ann:sesame@db/shop"], [f"postgres://ann:{HIDDEN}@db/shop"]),
        (["redis://:ses@me@db:6379/0"], [f"redis://:{HIDDEN}@db:6379/0"]),
        (["sh", "-c", "mysql --password=sesame"], ["sh", "-c", f"mysql --password={HIDDEN}"]),
        (["mysql --password=sesame --port=80"], [f"mysql --password={HIDDEN} --port=80"]),
        (["mysql --password sesame --port 80"], [f"mysql --password {HIDDEN} --port 80"]),
        (['mysql --password="ses ame" app'], [f"mysql --password={HIDDEN} app"]),
        (["mysql --password='ses ame' app"], [f"mysql --password={HIDDEN} app"]),
        (['--set={"password": "sesame", "port": 80}'], [f'--set={{"password": {HIDDEN}, "port": 80}}']),
        (["TOKEN=sesame app"], [f"TOKEN={HIDDEN} app"]),
    ],
)
def test_a_secret_is_hidden(words: list[str], shown: list[str]) -> None:
    assert without_secrets(words) == shown


@pytest.mark.parametrize(
    "words",
    [
        [],
        [""],
        ["nginx", "-g", "daemon off;"],
        ["java", "-Xmx1g", "-jar", "/app.jar", "--server.port=8080"],
        ["--monkey=banana", "--keyboard", "de", "key=value"],
        ["--config=/etc/app.yml", "https://db:5432/x?y=z"],
        ["token", "ring"],
        ["app", "--token"],
        ["--password=", "on"],
        ["two\\nlines", "\\x1b[31m", "caf\u00e9"],
    ],
)
def test_what_is_no_secret_is_shown(words: list[str]) -> None:
    assert without_secrets(words) == words


@pytest.mark.parametrize(
    "unit", ["password-", "pwd-", "a-", "-a", "token ", "-token ", "token=", "token'", "://a:", " "]
)
def test_a_line_that_was_made_to_be_slow(unit: str) -> None:
    began = time.process_time()
    without_secrets([(unit * 4096)[:4096]] * 4)
    assert time.process_time() - began < 2
